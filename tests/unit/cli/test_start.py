"""What an ordinary try keeps, so that the next one can begin its container at once."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.unit.fakes.engine import FakeEngine

from sandbox.cli import start
from sandbox.core import signals
from sandbox.engine.begun import TURN, UNKNOWN, Begun, end_turns, socket_stamp
from sandbox.engine.convert import create_config
from sandbox.engine.head_start import Creation, HeadStart
from sandbox.engine.labels import OWNER
from sandbox.engine.protocol import ContainerSpec
from sandbox.lifecycle.names import random_name
from sandbox.lifecycle.owner import current_owner
from sandbox.lifecycle.process import own_word
from sandbox.lifecycle.session import Session, mark_names
from sandbox.specs.model import Limits

HEAD_START = HeadStart("unix:///e.sock", "/e.sock", Creation("/v1.41/containers/create?name=@name@", '{"a": 1}'), "/x")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("try htop", ["htop"]),
        ("try htop ripgrep=1 -d debian --cache -- htop --port 1 a/b", ["htop", "ripgrep=1", "-d", "debian", "--cache"]),
        ("try --distro=debian:trixie -q", ["--distro=debian:trixie", "-q"]),
        ("try htop --port 80", None),
        ("try ./x.deb", None),
        ("try --spec web", None),
        ("try --name box htop", None),
        ("try htop --no-trace", None),
        ("try htop --dry-run", None),
        ("try htop --help", None),
        ("inspect htop", ["/inspect", "htop"]),
        ("inspect htop -d debian --json -v", ["/inspect", "htop", "-d", "debian", "--json", "-v"]),
        ("inspect htop --run ./x", None),
        ("inspect htop --boot", None),
        ("inspect htop --cache", None),
        ("compare htop", None),
        ("", None),
    ],
)
def test_a_line_is_simple_if_its_container_depends_on_nothing_else(line: str, words: list[str] | None) -> None:
    assert start.simple_words(line.split()) == words


@pytest.mark.parametrize("name", ["SANDBOX_MEMORY", "DOCKER_HOST", "HOME", "XDG_CONFIG_HOME", "DOCKER_CONFIG"])
def test_the_key_depends_on_settings_and_engine(name: str) -> None:
    assert start.key_of(["htop"], {"HOME": "/h"}) != start.key_of(["htop"], {"HOME": "/h", name: "/other"})
    assert start.key_of(["htop"], {}) == start.key_of(["htop"], {"LANG": "C"})


def test_the_key_depends_on_the_settings_file(tmp_path: Path) -> None:
    environ = {"XDG_CONFIG_HOME": str(tmp_path)}
    before = start.key_of(["htop"], environ)
    (tmp_path / "sandbox").mkdir()
    (tmp_path / "sandbox" / "config.yaml").write_text("memory: 1G\n")
    assert start.key_of(["htop"], environ) != before


def test_the_word_of_the_owner_is_that_of_the_labels() -> None:
    session = Session(FakeEngine(), current_owner(), version="1")
    assert session.labels()[OWNER] == own_word()


words = st.text("abcdefghijklmnopqrstuvwxyz0123456789-=.+:", min_size=1, max_size=12)


@given(
    packages=st.lists(words, max_size=4),
    variables=st.dictionaries(words, words, max_size=2),
    hosts=st.dictionaries(words, words, max_size=2),
    named=st.booleans(),
    session=st.integers(0, (1 << 64) - 1).map("{:016x}".format),
)
def test_what_is_kept_and_filled_in_is_the_request_that_the_program_would_send(
    packages: list[str], variables: dict[str, str], hosts: dict[str, str], named: bool, session: str
) -> None:
    own = Session(FakeEngine(), current_owner(), version="1")
    spec = ContainerSpec(
        name=own.name,
        image="sha256:1",
        argv=("sh",),
        labels={**own.labels(), "org.sandbox-try.packages": " ".join(packages)},
        hostname=own.name,
        limits=Limits(),
        env={**variables, **({"HOSTNAME": own.name} if named else {})},
        hosts={**hosts, **({own.name: "127.0.0.1"} if named else {})},
    )
    body = json.dumps(create_config(mark_names(spec, None)))
    kept = HeadStart("unix:///e", "/e", Creation("/create?name=@name@", body), "")
    name = random_name()
    other = Session(FakeEngine(), current_owner(), version="1")
    other.id, other.name = session, name
    same = replace(
        spec,
        name=name,
        hostname=name,
        labels={**spec.labels, **other.labels()},
        env={key: name if value == own.name else value for key, value in spec.env.items()},
        hosts={name if key == own.name else key: value for key, value in spec.hosts.items()},
    )
    sent = kept.fill(name=name, session=session, owner=own_word())
    assert sent == (f"/create?name={name}", json.dumps(create_config(same)))


def test_what_an_engine_said_of_limits_counts_until_its_socket_is_another(tmp_path: Path) -> None:
    path = tmp_path / "engine.sock"
    path.touch()
    kept = HEAD_START._replace(path=str(path), limits=socket_stamp(str(path)))

    def has_limits(plan: HeadStart) -> bool:
        return Begun(plan, name="a", session="b").has_limits

    assert has_limits(kept)
    assert not has_limits(kept._replace(limits=UNKNOWN))
    path.rename(tmp_path / "old.sock")  # so that its number is not used again
    assert not has_limits(kept)
    path.touch()
    assert not has_limits(kept)


FIRST = """
import sys
sys.path.insert(0, sys.argv[1])
import sandbox.cli.start, sandbox.engine.marks, sandbox.engine.raw, sandbox.lifecycle.names, sandbox.lifecycle.process
import sandbox.engine.begun
print(*sorted({"typing", "re", "socket", "threading", "signal", "enum", "collections", "pathlib"} & set(sys.modules)))
"""
"""All that is loaded before the first request leaves, and the thread that sends the next ones goes its own way."""


def test_threads_take_short_turns_from_the_first_request_until_the_shell_is_there() -> None:
    usual = sys.getswitchinterval()
    begun = Begun(HEAD_START, name="a", session="b")
    begun.begin()
    assert not begun.wait()  # there is no engine
    assert sys.getswitchinterval() == pytest.approx(TURN, abs=1e-6)
    end_turns()
    assert sys.getswitchinterval() == usual


def test_nothing_slow_is_loaded_before_the_first_request_and_the_next() -> None:
    folder = Path(start.__file__).parents[2]
    argv = [sys.executable, "-I", "-S", "-c", FIRST, str(folder)]
    assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split() == []


def test_the_signals_that_end_a_program_wait_for_the_first_request() -> None:
    assert set(start.ENDING) == set(signals.ENDING)


TWICE = """
import os, signal
from sandbox.cli import main, start

class Begun:
    def abandon(self):
        os.kill(os.getpid(), signal.SIGHUP)
        os.kill(os.getpid(), signal.SIGTERM)
        print("removed", flush=True)

start.begun = Begun()
start._end_it_with_us(main.end)
os.kill(os.getpid(), signal.SIGTERM)
"""


def test_a_second_signal_does_not_cut_the_removal_short() -> None:
    done = subprocess.run([sys.executable, "-c", TWICE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (143, "removed\n", "")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "sandbox"


def test_at_most_a_hundred_files_are_kept(folder: Path) -> None:
    for number in range(start.MOST + 5):
        start.keep(["try", f"package-{number}"], HEAD_START, folder)
    kept = [*(folder / start.FOLDER).iterdir()]
    assert len(kept) == start.MOST
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o600}


def test_a_damaged_file_is_no_failure(folder: Path) -> None:
    argv = ["try", "htop"]
    with socket.socket(socket.AF_UNIX) as engine:
        engine.bind(str(folder.parent / "s"))
        engine.listen()
        start.keep(argv, HEAD_START._replace(path=str(folder.parent / "s")), folder)
        (path,) = (folder / start.FOLDER).iterdir()
        path.write_bytes(path.read_bytes().replace(b'{"a": 1}', b'{"a": "\xff"}'))
        start.begin(argv, lambda *_: None)
    assert start.begun is None


@pytest.mark.parametrize("place", [3, 12, 30, 90, -2])
def test_a_file_of_which_a_bit_has_changed_is_not_used(place: int, folder: Path) -> None:
    start.keep(["try", "htop"], HEAD_START, folder)
    (path,) = (folder / start.FOLDER).iterdir()
    kept = bytearray(path.read_bytes())
    key = start.key_of(["htop"], os.environ)
    assert start._read_file(str(path), key)
    kept[place] ^= 1
    path.write_bytes(kept)
    assert start._read_file(str(path), key) is None


def test_nothing_is_kept_of_other_lines_or_engines(folder: Path) -> None:
    start.keep(["try", "htop", "--port", "80"], HEAD_START, folder)
    start.keep(["try", "htop"], None, folder)
    start.keep(["try", "htop"], HEAD_START, None)
    assert not folder.exists()


def test_a_cache_folder_that_cant_be_written_is_no_failure(folder: Path) -> None:
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("a file")
    start.keep(["try", "htop"], HEAD_START, folder)
    assert folder.read_text() == "a file"
