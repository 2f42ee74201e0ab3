"""The shell is a real terminal: what a user types, sees and gets back, through a real pty."""

from __future__ import annotations

import hashlib
import re
import signal
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.integration.engine_proxy import RUN, EngineProxy
from tests.integration.package_builds import control, deb
from tests.integration.running import ARCHIVE, Program, Terminal, owned, wait_for
from tests.matrix import first

from sandbox.engine import labels

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox.engine.docker.client import DockerEngine

DEBIAN = ("try", "--distro", "debian")
SLEEPER = b"sh -c 'echo go; exec sleep 600'\r"
"""Says that it runs when it is in the foreground: bash itself loses a Ctrl-C that comes while it forks."""
GOES_ON = b"sh -c 'trap \"echo on\" CONT; sleep 30 & echo go; while :; do wait; done'\r"
"""Says that it goes on, too: fg of bash writes the command before it hands over the terminal, and loses a Ctrl-C.

It starts nothing once it said that it runs: dash starts programs by vfork(2), and where Ctrl-Z stops such a child
before it is the program, its parent is never seen to stop."""
TEXT = "żółć 漢字 🦦 é"


@pytest.fixture(scope="module")
def htop(tmp_path_factory: pytest.TempPathFactory, engine_url: str, base: str, client: Any) -> Iterator[Terminal]:
    """Give one shell with htop in it, which the tests of this module leave at its prompt."""
    assert base
    program = Program(folder=tmp_path_factory.mktemp("terminal"), engine=engine_url, debian=ARCHIVE)
    terminal = program.terminal("try", "htop", "--distro", "debian", size=(37, 113), SANDBOX_PROMOTE="never")
    terminal.ready()
    yield terminal
    terminal.send(b"exit\r")
    said = terminal.rest()
    terminal.close()
    assert "removed   container" in said, said
    assert not owned(client, terminal.child.pid)


def leave(terminal: Terminal) -> None:
    terminal.send(b"exit 0\r")
    assert terminal.status() == 0


def test_the_size_is_right_from_the_first_byte(program: Program) -> None:
    terminal = program.terminal(*DEBIAN, "-q", "--", "stty", "size", size=(37, 113))
    assert terminal.rest() == "37 113\r\n"
    assert terminal.status() == 0


def test_what_a_command_leaves_on_is_turned_off_at_a_terminal_and_in_no_pipe(program: Program) -> None:
    argv = (*DEBIAN, "-q", "--", "printf", r"\033[?1049h\033[?25l\033[?1006h\033[31mx")
    left, off = "\x1b[?1049h\x1b[?25l\x1b[?1006h\x1b[31mx", "\x1b[?1049l\x1b[?25h\x1b[?1006l\x1b[m\r"
    terminal = program.terminal(*argv)
    assert terminal.rest() == left + off
    assert terminal.status() == 0
    assert program.run(*argv).stdout.decode() == left


def test_a_list_on_standard_input_leaves_the_terminal_to_the_shell(tmp_path: Path, engine_url: str, base: str) -> None:
    assert base
    piped = ("sh", "-c", 'printf "# mine\\r\\nbash\\n" | "$@"', "sh")
    program = Program(folder=tmp_path, engine=engine_url, debian=ARCHIVE, around=piped)
    terminal = program.terminal("try", "--from", "-", "--distro", "debian", size=(37, 113), SANDBOX_PROMOTE="never")
    assert "standard input: names, 1 package" in terminal.ready()
    assert terminal.ask("stty size; test -t 0 && echo typed") == "37 113\ntyped"
    leave(terminal)


def test_the_size_follows_the_window(htop: Terminal) -> None:
    for size in ((50, 132), (7, 23), (37, 113)):
        htop.child.setwinsize(*size)
        wait_for(lambda size=size: htop.ask("stty size") == f"{size[0]} {size[1]}")  # type: ignore[misc]


def test_a_full_screen_program_draws_and_leaves(htop: Terminal) -> None:
    htop.send(b"htop\r")
    htop.expect(b"\x1b[?1049h")
    htop.expect(b"Load average")
    htop.expect(b"PID")
    htop.send(b"q")
    htop.expect(b"\x1b[?1049l")
    htop.expect(htop.PROMPT)
    assert htop.ask("echo $?") == "0"


def test_ctrl_c_reaches_the_program_not_us(htop: Terminal) -> None:
    htop.send(SLEEPER)
    htop.expect(b"\ngo")
    htop.send(b"\x03")
    htop.expect(htop.PROMPT)
    assert htop.ask("echo $?") == "130"


def test_ctrl_z_stops_and_fg_goes_on(htop: Terminal) -> None:
    htop.send(GOES_ON)
    htop.expect(b"\ngo")
    htop.send(b"\x1a")
    htop.expect(b"Stopped")
    htop.expect(htop.PROMPT)
    assert "sleep 30" in htop.ask("jobs")
    htop.send(b"fg\r")
    htop.expect(b"\non\r\n")
    htop.send(b"\x03")
    htop.expect(htop.PROMPT)
    assert htop.ask("jobs") == ""


def test_ctrl_p_is_the_shells_and_ctrl_p_ctrl_q_does_not_detach(htop: Terminal) -> None:
    assert htop.ask("echo sum-$((40 + 2))") == "sum-42"
    htop.send(b"\x10")
    htop.expect(b"echo sum-$((40 + 2))")
    htop.send(b"\x11\r")
    htop.expect(b"\nsum-42")
    htop.expect(htop.PROMPT)


@pytest.mark.parametrize("size", [3000, 100_000])
def test_every_byte_reaches_a_program_in_raw_mode(size: int, htop: Terminal) -> None:
    sent = (bytes(range(256)) * (size // 256 + 1))[:size]
    htop.send(b"stty raw -echo; echo 'go''!'; head -c %d | sha256sum; stty sane\r" % size)
    htop.expect(b"go!")
    htop.expect(b"\n")
    htop.send(sent)
    assert hashlib.sha256(sent).hexdigest() in htop.expect(htop.PROMPT).decode()


def test_utf8_goes_in_and_comes_out(htop: Terminal) -> None:
    digest = hashlib.sha256(TEXT.encode()).hexdigest()
    assert digest in htop.ask(f"printf %s '{TEXT}' | sha256sum")
    assert htop.ask("printf '\\xe6\\xbc\\xa2\\n'") == "漢"
    assert htop.ask(f"x='{TEXT}'; echo ${{#x}}") == str(len(TEXT))


def test_a_paste_of_100_kb_loses_nothing(htop: Terminal) -> None:
    pasted = b"".join(b"line %05d of what was pasted, some forty characters\n" % number for number in range(2000))
    assert len(pasted) > 100_000
    htop.send(b"stty -echo; echo 'go''!'; cat >/tmp/pasted; stty echo; sha256sum </tmp/pasted\r")
    htop.expect(b"go!\r\n")
    htop.send(pasted.replace(b"\n", b"\r"))
    htop.send(b"\x04")
    assert hashlib.sha256(pasted).hexdigest() in htop.expect(htop.PROMPT).decode()


def test_10_mb_of_output_lose_nothing(htop: Terminal) -> None:
    htop.send(b"echo 'sta''rt'; seq 1 1400000; echo 'en''d'\r")
    htop.expect(b"start\r\n")
    assert htop.read_until(b"end\r\n") == b"".join(b"%d\r\n" % number for number in range(1, 1_400_001))
    htop.expect(htop.PROMPT)


def test_stopping_a_flood_with_ctrl_c_is_quick(htop: Terminal) -> None:
    htop.send(b"yes\r")
    htop.expect(b"y\r\ny\r\n")
    htop.send(b"\x03")
    htop.read_until(htop.PROMPT)
    assert htop.ask("echo back") == "back"


def test_nothing_complains_about_the_locale(program: Program) -> None:
    terminal = program.terminal(
        *DEBIAN, "-q", "--", "sh", "-c", "perl -e 1; bash -ic true; echo $LANG", LANG="de_DE.UTF-8", LC_ALL="de_DE"
    )
    assert terminal.rest() == "C.UTF-8\r\n"


def test_an_unknown_terminal_falls_back_to_a_known_one(program: Program) -> None:
    terminal = program.terminal(*DEBIAN, "-q", "--", "sh", "-c", "echo $TERM; tput cols", TERM="no-such-term")
    assert terminal.rest() == "xterm-256color\r\n80\r\n"


@pytest.mark.parametrize("keys", first([b"exit 7\r", b"\x04", b"exit\r"]))
def test_leaving_gives_the_terminal_back_and_the_status_on(keys: bytes, program: Program, client: Any) -> None:
    terminal = program.terminal(*DEBIAN)
    terminal.ready()
    assert terminal.current_attributes() != terminal.attributes
    terminal.send(keys)
    said = terminal.rest()
    assert (terminal.status(), terminal.current_attributes()) == (7 if b"7" in keys else 0, terminal.attributes)
    assert re.search(r"removed   container [a-z]+-[a-z]+; nothing else of this session is left", said)
    assert not owned(client, terminal.child.pid)


@pytest.mark.parametrize("number", first([signal.SIGTERM, signal.SIGINT, signal.SIGHUP]))
def test_a_signal_gives_the_terminal_back(number: signal.Signals, program: Program, client: Any) -> None:
    terminal = program.terminal(*DEBIAN)
    terminal.ready()
    terminal.signal(number)
    said = terminal.rest()
    ended = -number if number == signal.SIGINT else 128 + number  # by the signal itself, as a shell's loop asks for
    assert (terminal.status(), terminal.current_attributes()) == (ended, terminal.attributes)
    assert "Traceback" not in said
    assert not owned(client, terminal.child.pid)


def test_a_container_killed_under_us_is_said_and_gives_the_terminal_back(
    program: Program, client: Any, engine: DockerEngine
) -> None:
    terminal = program.terminal(*DEBIAN)
    terminal.ready()
    (row,) = owned(client, terminal.child.pid)
    client.api.kill(row["Id"])
    said = terminal.rest()
    which = "" if engine.title.startswith("podman") else " (SIGKILL)"
    assert f"another client of the engine stopped or removed it{which}" in " ".join(said.split())
    assert "Traceback" not in said
    assert (terminal.status(), terminal.current_attributes()) == (4, terminal.attributes)


def test_what_is_typed_while_steps_run_is_not_in_their_lines_and_reaches_the_shell(program: Program) -> None:
    terminal = program.terminal(*DEBIAN, size=(37, 113), SANDBOX_PROMOTE="never")
    terminal.expect(b"start")
    terminal.send(b"echo typed-$((40 + 2))\r")
    ahead = terminal.expect(b":/# ")
    assert b"typed" not in ahead.partition(b"to leave")[0]
    terminal.expect(b"typed-42")
    leave(terminal)


BESIDE: Final = b"""#!/bin/sh
count=0
until stty -F /dev/pts/0 -a 2>/dev/null | grep -q -e -icanon || [ $count -ge 600 ]; do
  count=$((count + 1)); sleep 0.05
done
sh -c 'echo $$ >/script'
"""
"""A script of a package that waits until a shell waits beside it, and then begins a process."""


@pytest.mark.parametrize("joins", [False, True], ids=["users and groups as before", "root joins a group"])
def test_a_shell_that_was_opened_beside_the_install_is_used_where_it_is_as_a_new_one(
    tmp_path: Path, engine_url: str, *, joins: bool
) -> None:
    program = Program(folder=tmp_path, engine=engine_url, debian="sandbox-lab/apt-bookworm")
    script = BESIDE + b"echo lab:x:4242:root >>/etc/group\n" * joins
    (program.work / "lab-beside.deb").write_bytes(deb(control("lab-beside", "1.0"), {}, preinst=script))
    terminal = program.terminal("try", "./lab-beside.deb", "--distro", "debian", SANDBOX_PROMOTE="never")
    terminal.ready()
    assert terminal.ask("[ $$ -gt $(cat /script) ] && echo later || echo before") == ("later" if joins else "before")
    assert terminal.ask("test -s /dev/sandbox/known && echo noted") == "noted"
    leave(terminal)


def test_a_shell_whose_connection_is_cut_is_followed_by_another_in_the_same_sandbox(
    tmp_path: Path, engine_url: str, base: str
) -> None:
    assert base
    with EngineProxy(tmp_path, engine_url) as proxy:
        terminal = Program(folder=tmp_path, engine=proxy.url).terminal(*DEBIAN)
        terminal.ready()
        assert terminal.ask("touch /here; sleep 600 &").startswith("[1]")
        proxy.drop(RUN)
        said = " ".join(terminal.ready().split())
        assert "the connection to the engine was cut while the command ran: here is a new shell" in said
        assert "sleep 600" in said
        assert terminal.ask("ls /here") == "/here"
        terminal.send(b"exit\r")
        assert (terminal.status(), terminal.current_attributes()) == (0, terminal.attributes)


def test_a_closed_window_ends_the_session(program: Program, client: Any) -> None:
    terminal = program.terminal(*DEBIAN)
    terminal.ready()
    (row,) = owned(client, terminal.child.pid)
    terminal.hang_up()
    wait_for(terminal.is_over)
    wait_for(lambda: not client.api.containers(all=True, filters={"id": row["Id"]}))


def test_stopped_from_outside_it_hands_the_terminal_back_and_goes_on_raw(program: Program) -> None:
    terminal = program.terminal(*DEBIAN)
    terminal.ready()
    raw = terminal.current_attributes()
    terminal.signal(signal.SIGTSTP)
    wait_for(lambda: terminal.current_attributes() == terminal.attributes)
    terminal.signal(signal.SIGCONT)
    wait_for(lambda: terminal.current_attributes() == raw)
    assert terminal.ask("echo on") == "on"
    leave(terminal)


def test_the_promote_command_is_on_the_path_and_leaves_no_trace(program: Program, client: Any) -> None:
    terminal = program.terminal(*DEBIAN)
    terminal.ready()
    (row,) = owned(client, terminal.child.pid)
    assert row["Labels"][labels.KIND] == "session"
    assert terminal.ask("command -v promote") == "/dev/sandbox/promote"
    changed = {change["Path"] for change in client.api.diff(row["Id"]) or ()}
    assert not {path for path in changed if "sandbox" in path or path.startswith("/dev")}
    assert "sandbox" not in terminal.ask("ls -a /")
    leave(terminal)


def test_a_user_without_privileges_is_told_how_to_keep_what_was_tried(program: Program) -> None:
    terminal = program.terminal(*DEBIAN, "--user")
    terminal.child.expect(rb"try@[a-z-]+:~\$ ")
    assert b"annot create" not in terminal.child.before
    terminal.send(b"promote\r")
    terminal.expect(b"type sandbox promote there, once you have left")
    terminal.send(b"exit\r")
    terminal.rest()
    assert terminal.status() == 1
