#!/usr/bin/env node
// Loads page.js, and everything again where that fails: Chromium ends all requests when a network of the machine
// changes, as while containers start (net::ERR_NETWORK_CHANGED). It stands in the page itself, so it is there.

import("/page.js").catch(() => {
    const tries = Number(sessionStorage.getItem("tries")) + 1;
    sessionStorage.setItem("tries", tries);
    if (tries < 50) {
        setTimeout(() => location.reload(), 200);
    } else {
        document.getElementById("message").textContent = "The page could not be loaded. Is the sandbox still there?";
    }
});
