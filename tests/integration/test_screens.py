"""Desktop programs in a browser tab: seen, clicked and typed into in a real browser, and nobody else sees them."""

from __future__ import annotations

import http.client
import os
import signal
import struct
import subprocess
import sys
import threading
import zlib
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.integration.boxes import prepared
from tests.integration.running import LONG, Program, owned, wait_for
from tests.integration.shown import Shown, show_display, shown, state_of, type_line
from tests.matrix import FULL
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from sandbox.core.programs import program as program_text
from sandbox.engine import labels
from sandbox.provision.display.base import DISPLAY_BASE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.browser import Browser

    from sandbox.engine.docker.client import DockerEngine

XTERM: Final = (
    "apt-get update -qq && apt-get install -qq -y --no-install-recommends xterm dbus-daemon dbus-bin fonts-dejavu-core"
)
WINDOW: Final = ("xterm", "-bg", "#2060a0", "-fg", "white", "-geometry", "60x20")
NOBODY: Final = 65534


@pytest.fixture
def program(tmp_path: Path, engine: DockerEngine, base: str) -> Program:
    image = prepared(engine, base, XTERM, network="default")
    return Program(folder=tmp_path, engine=engine.url, debian=image.tags[0])


def volumes(client: Any) -> set[str]:
    return {volume.name for volume in client.volumes.list()}


def containers_of(client: Any, pid: int) -> list[Any]:
    return [client.containers.get(row["Id"]) for row in owned(client, pid)]


def test_a_window_is_seen_in_a_tab_and_what_is_typed_there_is_done_in_the_sandbox(
    program: Program, browser: Browser, client: Any
) -> None:
    ask_bus = "dbus-send --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.ListNames"
    names = f"{ask_bus} | grep -c 'string .org.freedesktop.DBus.'"
    copied = f"cat /root/typed; {names}; grep -c ' /tmp/.X11-unix .* ro' /proc/mounts"
    with shown(program, "--", "sh", "-c", f'"$@"; {copied}', "sh", *WINDOW) as found:
        show_display(found, browser)
        assert browser.of("Runtime.exceptionThrown", "Log.entryAdded.violation") == []
        (name,) = (row.name for row in containers_of(client, found.process.pid) if not row.name.startswith("sandbox-"))
        entered = program.run("enter", name, "--", "sh", "-c", f"echo $DISPLAY; {names}")
        assert entered.stdout == b":77\n1\n", entered.stderr
        browser.click("#screen canvas")
        type_line(browser, "echo typed here >/root/typed; exit")
        out, _ = found.process.communicate(timeout=LONG)
        assert (found.process.returncode, out) == (0, b"typed here\n1\n1\n")
        wait_for(lambda: state_of(browser) == "ended")
        assert owned(client, found.process.pid) == []


def ask(port: int, path: str, **headers: str) -> tuple[int, bytes]:
    """Return the answer of a screen's server."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONG)
    connection.putrequest("GET", path, skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def is_open(port: int, origin: str | None, *words: str) -> bool:
    """Return whether a WebSocket is opened to somebody who says these things."""
    try:
        with connect(
            f"ws://127.0.0.1:{port}/screen",
            origin=Origin(origin) if origin else None,
            subprotocols=[Subprotocol(word) for word in words] or None,
        ):
            return True
    except InvalidStatus as error:
        return error.response.status_code != http.HTTPStatus.FORBIDDEN


TRY_PORTS: Final = """\
import encodings.idna, http.client, os, sys
os.setgid(65534); os.setuid(65534)
for path in ("/key", "/screen"):
    ask = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=150)
    ask.request("GET", path, headers={"X-Sandbox-Token": "A" * 22, "Origin": f"http://127.0.0.1:{sys.argv[1]}"})
    answer = ask.getresponse()
    print(path, answer.status, len(answer.read()))
"""


class Attacker(BaseHTTPRequestHandler):
    """Serves a page of another origin, which opens the WebSocket of the port in its query."""

    def do_GET(self) -> None:
        port, _, key = self.path.partition("?")[2].partition(",")
        page = (
            "<!doctype html><body data-state=trying><script>"
            f"const s = new WebSocket('ws://127.0.0.1:{port}/screen', ['key.{key}']);"
            "s.onopen = () => { document.body.dataset.state = 'open'; };"
            "s.onerror = () => { document.body.dataset.state = 'refused'; };</script>"
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_nobody_else_sees_it_whoever_they_are_and_whatever_they_say(
    program: Program, browser: Browser, client: Any, base: str, bridge: str
) -> None:
    with shown(program, "--", *WINDOW) as found:
        port, host = found.port, f"127.0.0.1:{found.port}"
        ours = f"http://{host}"
        # another user of this machine; what listens belongs to this process and is on the loopback alone
        done = subprocess.run([sys.executable, "-c", TRY_PORTS, str(port)], capture_output=True, text=True, check=True)
        assert done.stdout.splitlines() == ["/key 403 0", "/screen 403 0"]
        # another container, at the engine's bridge and at each address of the two containers: they have none
        names = containers_of(client, found.process.pid)
        display = next(row for row in names if row.attrs["HostConfig"]["NetworkMode"] == "none")
        assert display.attrs["NetworkSettings"]["Ports"] == {}
        assert display.attrs["HostConfig"]["CapDrop"] == ["ALL"]
        assert display.attrs["Config"]["User"] == "65534:65534"
        say = f"exec 3<>/dev/tcp/{bridge}/{port}"
        other = client.containers.run(
            base, ["bash", "-c", f"timeout 5 bash -c '{say}' && echo open; true"], remove=True, stderr=True
        )
        assert b"open" not in other.splitlines()
        # none of the two has anything of this host
        for row in names:
            assert {mount["Destination"] for mount in row.attrs["Mounts"]} <= {"/tmp/.X11-unix"}
            assert all(mount["Type"] == "volume" for mount in row.attrs["Mounts"])
        # names that are not this machine's, pages of others, and no key
        assert ask(port, "/", Host=f"evil.example:{port}")[0] == 421
        assert ask(port, "/key", X_Sandbox_Token="A" * 22) == (403, b"")
        status, key = ask(port, "/key", X_Sandbox_Token=found.token)
        assert status == 200
        word = f"key.{key.decode()}"
        assert is_open(port, ours, word)
        assert ask(port, "/key", X_Sandbox_Token=found.token) == (403, b"")  # the address works once
        assert [
            is_open(port, ours),
            is_open(port, ours, "key.AAAAAAAAAAAAAAAAAAAAAA"),
            is_open(port, None, word),
            is_open(port, "http://evil.example", word),
            is_open(port, f"http://127.0.0.1:{port + 1}", word),
            is_open(port, "null", word),
        ] == [False] * 6
        # a real browser on a page of another origin that even knows the key
        with ThreadingHTTPServer(("127.0.0.1", 0), Attacker) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            browser.open(f"http://127.0.0.1:{server.server_port}/?{port},{key.decode()}")
            wait_for(lambda: state_of(browser) != "trying")
            assert state_of(browser) == "refused"
            server.shutdown()
        # the second who opens the address is refused, and says so
        browser.open(found.address)
        wait_for(lambda: state_of(browser) == "refused")


@pytest.mark.parametrize("count", [1, pytest.param(50, marks=FULL)])
def test_nothing_is_left_of_a_display_whose_owner_is_killed(program: Program, client: Any, count: int) -> None:
    before = volumes(client)
    for number in range(count):
        found = Shown(program, "--", *WINDOW)
        if number % 2:
            ask(found.port, "/")
        pid = found.process.pid
        assert len(owned(client, pid)) == 2
        os.kill(pid, signal.SIGKILL)
        found.process.communicate(timeout=LONG)
        wait_for(partial(is_gone, client, pid))
    wait_for(lambda: volumes(client) <= before | volumes_of_others(client))
    assert list((program.folder / "state" / "sandbox").glob("screen-*")) == []


LATE: Final = ("blackbox -rc", "until [ -e go ]; do sleep 0.05; done; exec blackbox -rc")
"""Holds the window manager until a file is there."""


def test_a_display_says_that_it_is_ready_once_it_gives_windows_the_focus(
    program: Program, engine: DockerEngine, client: Any
) -> None:
    if engine.image(DISPLAY_BASE) is None:
        with shown(program, "--", *WINDOW):
            pass
    text = program_text("sandbox.provision.display", "display.sh")
    (line,) = (row for row in text.splitlines() if row.startswith(LATE[0]))
    held = text.replace(line, f"{{ {line.removesuffix(' &').replace(*LATE)}; }} &")
    argv = ["sh", "-c", held, "display", "no"]
    found = client.containers.create(
        DISPLAY_BASE,
        argv,
        user="65534:65534",
        network_mode="none",
        stdin_open=True,
        volumes=["/tmp/.X11-unix"],
        labels={labels.KIND: "test-service"},
    )

    def here(line: str) -> bool:
        status: int = found.exec_run(["sh", "-c", f"cd /var/lib/display; {line}"]).exit_code
        return status == 0

    try:
        found.start()
        wait_for(lambda: here("test -S rfb -a -S /tmp/.X11-unix/X77 -a -e blackboxrc"))
        assert found.logs() == b""
        assert here(": >go; test ! -e managed")
        wait_for(lambda: found.logs() == b"R\n")
        assert here("test -e managed")
    finally:
        found.remove(force=True, v=True)


BARE: Final = "apt-get update -qq && apt-get install -qq -y --no-install-recommends dbus-daemon fonts-dejavu-core"
"""What is installed for a screen anyway."""


@FULL
def test_inspect_pictures_the_program_that_came_and_writes_over_no_file(
    tmp_path: Path, engine: DockerEngine, base: str
) -> None:
    image = prepared(engine, base, BARE, network="default")
    program = Program(folder=tmp_path, engine=engine.url, debian=image.tags[0])
    words = ("inspect", "xterm", "-d", "debian:bookworm", "--screenshot", "xterm.png", "--html", "xterm.html")
    done = program.run(*words)
    assert done.returncode == 0, done.stderr
    assert b"Adds UXTerm and XTerm to the menus of desktops." in b" ".join(done.stdout.split())
    picture = (program.work / "xterm.png").read_bytes()
    width, height, pixels = decoded(picture)
    white = sum(pixels[at : at + 3] == b"\xff\xff\xff" for at in range(0, len(pixels), 3))
    assert (width, height) == (1280, 800)
    assert white > 400 * 300  # of xterm, 484 x 316 with black letters; the display itself has none
    assert b"data:image/png;base64," in (program.work / "xterm.html").read_bytes()
    again = program.run(*words[:-2])
    assert again.returncode == 2
    assert b"xterm.png" in again.stderr
    assert (program.work / "xterm.png").read_bytes() == picture


def decoded(png: bytes) -> tuple[int, int, bytes]:
    """Return width, height and pixels of a picture as sandbox writes it: RGB, each row without a filter."""
    width, height, *kind = struct.unpack(">II5B", png[16:29])
    assert (png[:16], kind) == (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", [8, 2, 0, 0, 0])
    at = png.index(b"IDAT")
    rows = zlib.decompress(png[at + 4 : at + 4 + int.from_bytes(png[at - 4 : at], "big")])
    stride = width * 3 + 1
    assert not any(rows[::stride])
    return width, height, b"".join(rows[row * stride + 1 : (row + 1) * stride] for row in range(height))


def is_gone(client: Any, pid: int) -> bool:
    return owned(client, pid) == []


def volumes_of_others(client: Any) -> set[str]:
    """Return the volumes that containers have: other runs make some meanwhile."""
    rows = client.api.containers(all=True)
    return {mount.get("Name", "") for row in rows for mount in row["Mounts"]}
