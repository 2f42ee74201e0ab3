#!/usr/bin/env node
// The page of a screen: takes the token of its address once, keeps the key in this tab, and shows the display.

import RFB from "./novnc/core/rfb.js";

const TRIES = 8; // to connect: half of a second each, at most
const message = document.getElementById("message");
const text = document.getElementById("text");
const isShared = document.body.dataset.clipboard === "yes";

let rfb = null;

function say(words, state) {
    message.textContent = words;
    document.body.dataset.state = state;
}

function pause(milliseconds) {
    return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function ask(token) {
    for (let tries = 0; tries < TRIES; tries += 1) {
        try {
            return await fetch("/key", { headers: { "X-Sandbox-Token": token }, cache: "no-store" });
        } catch {
            await pause(300); // as in start.js
        }
    }
    return null;
}

async function findKey() {
    const token = location.hash.slice(1);
    if (token) {
        const answer = await ask(token);
        if (answer !== null && answer.ok) {
            sessionStorage.setItem("key", await answer.text()); // of this tab, and of this port alone
        }
        history.replaceState(null, "", "/"); // the address is of no use in the history
    }
    return sessionStorage.getItem("key");
}

function connect(key, tries) {
    let isConnected = false;
    rfb = new RFB(document.getElementById("screen"), `ws://${location.host}/screen`, { wsProtocols: [`key.${key}`] });
    rfb.resizeSession = true;
    rfb.focusOnClick = true;
    rfb.addEventListener("connect", () => {
        isConnected = true;
        say("", "connected");
        rfb.focus();
    });
    rfb.addEventListener("disconnect", async () => {
        if (!isConnected && tries >= TRIES) {
            say("The sandbox is gone, or the connection to it.", "ended");
            return;
        }
        say("Connecting again ...", "loading");
        await pause(isConnected ? 0 : 300);
        connect(key, isConnected ? 0 : tries + 1);
    });
    rfb.addEventListener("clipboard", (event) => {
        text.value = event.detail.text;
    });
}

const key = await findKey();
sessionStorage.removeItem("tries");
if (key) {
    if (isShared) {
        document.getElementById("clipboard").hidden = false;
        text.addEventListener("input", () => rfb.clipboardPasteFrom(text.value));
    }
    connect(key, 0);
} else {
    const lost = "If you closed that tab, open it again (Ctrl+Shift+T).";
    say(`This address was used before, or is not whole. It works once, in one tab. ${lost}`, "refused");
}
