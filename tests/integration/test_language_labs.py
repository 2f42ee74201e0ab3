"""cargo, gem, go and luarocks against registries of the lab: tried, promoted, noticed when added by hand, compared."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.integration.language_registries import Registries, served
from tests.integration.running import Program
from tests.matrix import FULL, first, rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

GO: Final = "go:lab.example/lab-tool/cmd/go-tool"
ALL: Final = {"cargo": "cargo:lab-tool", "gem": "gem:lab-tool", "go": GO, "luarocks": "luarocks:lab-tool"}
OLD: Final = {
    "cargo": "cargo:lab-tool=1.0.0",
    "gem": "gem:lab-tool=1.0.0",
    "go": f"{GO}@v1.0.0",
    "luarocks": "luarocks:lab-tool=1.0.0-1",
}
TOOLS: Final = {"cargo": "cargo-tool", "gem": "gem-tool", "go": "go-tool", "luarocks": "lua-tool"}
VERSIONS: Final = {"cargo": "1.0.0", "gem": "1.0.0", "go": "v1.0.0", "luarocks": "1.0.0-1"}
TAKEN: Final = {
    "cargo": "cargo:lab-tool",
    "gem": "gem:lab-lib=1.1.0 gem:lab-tool=1.0.0",
    "go": GO,
    "luarocks": "luarocks:lab-lib=1.1.0-1 luarocks:lab-tool=1.0.0-1",
}
"""What is said to be taken off, of the older versions."""
BY_HAND: Final = {
    "gem": "gem install -q --no-document lab-tool:1.0.0 >/dev/null",
    "cargo": "cargo install -q lab-tool --version 1.0.0 2>/dev/null",
    "go": "go install lab.example/lab-tool/cmd/go-tool@v1.0.0",
    "luarocks": "luarocks install lab-tool 1.0.0 >/dev/null 2>&1",
}
"""What a user types: gem's and luarocks' go to /usr/local, cargo's and go's below /root."""
LANGUAGES: Final = first([("gem", "luarocks"), ("cargo", "gem", "go", "luarocks")])
"""Those that interpret take a second, those that compile half a minute: these are tried once in `make test`."""


def run(languages: Iterable[str]) -> str:
    return "; ".join(f"{TOOLS[name]} 2>&1" for name in languages)


LIFE: Final = """
state() { find /usr/local /var/lib/gems -type f ! -name '.crates*' | sort | xargs -r sha256sum; dpkg-query -W; }
state >/tmp/before
sh /script.sh --check | head -n 1
sh /script.sh --pin -y >/tmp/out 2>&1 || cat /tmp/out
state >/tmp/installed
{run}
sh /script.sh --pin -y
state | cmp - /tmp/installed && echo unchanged
sh /script.sh --uninstall -y | tail -n 1
state | diff /tmp/before - && ls -A /var/lib/gems/3* && echo equal
"""


@pytest.fixture(scope="module")
def registries(client: Any, bridge: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registries]:
    folder = tmp_path_factory.mktemp("registries")
    yield from served(client, bridge, folder, f"sandbox-test/language-labs:{folder.parent.name}")


@pytest.fixture
def program(registries: Registries, tmp_path: Path, engine_url: str) -> Program:
    (tmp_path / "distros.yaml").write_text(f"debian: {{image: {registries.image}}}\n")
    environ = {"SANDBOX_DISTROS": str(tmp_path / "distros.yaml"), "SANDBOX_DISTRO": "debian:trixie"}
    return Program(folder=tmp_path, engine=engine_url, environ=environ)


def packages(program: Program) -> list[tuple[str, str, str]]:
    """Return what the journal has of the last session: managers, versions, and how they came."""
    record = json.loads(program.journal.read_text().splitlines()[-1])
    assert not record["strays"]
    return [(row["source"], row["version"], row["origin"]) for row in record["packages"]]


def test_the_newest_come_with_what_they_need_and_their_sizes(program: Program) -> None:
    tried = program.run("try", *ALL.values(), "--", "sh", "-c", run(ALL))
    said = tried.stderr.decode()
    out = tried.stdout.decode().splitlines()
    tools = ["cargo-tool 1.2.0 with lab-lib 1.1.0", "gem-tool 1.2.0 with lab-lib 1.1.0"]
    tools += ["go-tool 1.2.0 with lab-lib 1.0.0", "lua-tool 1.2.0 with lab-lib 1.1.0"]
    assert (tried.returncode, out) == (0, tools), said
    assert re.search(r"^  install +cargo:lab-tool 1\.2\.0  .* \d{3} kB on disk", said, re.MULTILINE)
    assert re.search(r"^  install +gem:lab-tool 1\.2\.0 and 1 dependency .* kB on disk", said, re.MULTILINE)
    assert re.search(r"^  install +luarocks:lab-tool 1\.2\.0-1 and 1 dependency .* kB on disk", said, re.MULTILINE)
    assert re.search(rf"^  install +{GO} v1\.2\.0 and 1 dependency .* MB on disk", said, re.MULTILINE)


# test_languages runs a promoted script of pip; this takes 40 s of an idle machine
@FULL
@pytest.mark.parametrize("languages", LANGUAGES, ids=" ".join)
def test_older_ones_are_promoted_proven_and_taken_back(program: Program, languages: tuple[str, ...]) -> None:
    tried = program.run("try", *(OLD[name] for name in languages), "--", "sh", "-c", run(languages))
    assert tried.returncode == 0, tried.stderr.decode()
    assert all(" 1.0.0 with" in line for line in tried.stdout.decode().splitlines())
    assert packages(program) == [(name, VERSIONS[name], "asked") for name in languages]
    promoted = program.run("promote", "--for", "tried", "-o", "install.sh")
    assert promoted.returncode == 0, promoted.stderr.decode()
    assert re.search(r"uninstall +packages, marks and units as before", promoted.stderr.decode())

    script = ("--mount", f"{program.work / 'install.sh'}:/script.sh")
    played = program.run("try", *script, "--quiet", stdin=LIFE.replace("{run}", run(languages)).encode())
    checked, *tools, again, unchanged, off, equal = played.stdout.decode().splitlines()
    assert played.returncode == 0, played.stdout + played.stderr
    assert checked.startswith(f"to install: {OLD[languages[0]]} {OLD[languages[1]]}")
    assert [line.split(" with")[0] for line in tools] == [f"{TOOLS[name]} 1.0.0" for name in languages]
    assert (again.startswith("all is installed already"), unchanged, equal) == (True, "unchanged", "equal")
    assert off == f"taken off: {' '.join(TAKEN[name] for name in languages)} "


@pytest.mark.parametrize("languages", LANGUAGES, ids=" ".join)
def test_what_was_installed_by_hand_is_noticed_and_promoted(program: Program, languages: tuple[str, ...]) -> None:
    tried = program.run("try", "--quiet", stdin="".join(f"{BY_HAND[name]}\n" for name in languages).encode())
    assert tried.returncode == 0, tried.stderr.decode()
    assert packages(program) == [(name, VERSIONS[name], "by-hand") for name in languages]
    script = program.run("promote", "--for", "tried", "--no-verify").stdout.decode()
    pinned = re.search("^pinned='(.*)'$", script, re.MULTILINE)
    assert pinned is not None
    assert pinned[1].split() == [OLD[name].replace("@v", "=v") for name in languages]


NOT_TO_BE_HAD: Final = (
    ("cargo:lab-nope", "crates.io has no crate named lab-nope", "could not find `lab-nope`"),
    ("cargo:lab-tool=9.9.9", "crates.io does not have that version of lab-tool", "with version `=9.9.9`"),
    ("cargo:lab-lib", "the crate lab-lib is a library", "has no binaries"),
    ("cargo:lab-broken", "lab-broken could not be compiled", "expected one of"),
    ("gem:lab-nope", "rubygems.org has no gem named lab-nope", "Could not find a valid gem 'lab-nope'"),
    ("gem:lab-tool=9.9.9", "rubygems.org does not have that version of lab-tool", "'lab-tool' (= 9.9.9)"),
    ("gem:lab-broken", "lab-broken has to be compiled", "Failed to build gem native extension"),
    ("gem:lab-tool gem:lab-rival", "/usr/local/bin already has another gem-tool", "conflicts with installed"),
    ("go:lab.example/nope", "lab.example/nope has no program to install", "404 File not found"),
    (f"{GO}@v9.9.9", "there is no such version of lab.example/lab-tool", "404 File not found"),
    ("go:lab.example/lab-lib", "lab.example/lab-lib has no program to install", "not a main package"),
    ("go:lab.example/lab-broken/cmd/go-broken", "could not be compiled", "main.go:4:7: syntax error"),
    (f"{GO} go:lab.example/lab-rival/cmd/go-tool", "/usr/local/bin already has another go-tool", "exists already"),
    ("luarocks:lab-tol", "luarocks.org has no rock named lab-tol", "sandbox try luarocks:lab-tool --distro"),
    ("luarocks:lab-tool=9.9.9", "luarocks.org does not have that version of lab-tool", "but: 1.2.0-1 1.0.0-1"),
    ("luarocks:lab-broken", "lab-broken has to be compiled", "Failed compiling object broken.o"),
    ("gem:lab-tool luarocks:lab-rival", "/usr/local already has another gem-tool", "is of no rock"),
)
"""What is typed, what the error begins with, and what of the manager's own words is in it."""
OF_A_MANAGER: Final = ("cargo:lab-lib", "gem:lab-tool=9.9.9", "go:lab.example/nope", "luarocks:lab-tol")
"""One of each; what else a manager says is recorded, and read in tests/unit/managers."""


@pytest.mark.parametrize(
    ("wanted", "brief", "words"), rows(NOT_TO_BE_HAD, lambda row: row[0] in OF_A_MANAGER, several=True), ids=str
)
def test_what_can_not_be_had_is_told_in_the_managers_words(
    program: Program, wanted: str, brief: str, words: str
) -> None:
    done = program.run("try", *wanted.split(), "--", "true")
    error = done.stderr.decode().partition("\nerror: ")[2]
    assert (done.returncode, done.stdout) == (125, b""), done.stderr.decode()
    assert brief in error.splitlines()[0], error
    assert words in error
    assert "Traceback" not in error
    assert re.search(r"^  next ", error, re.MULTILINE)


FOUND: Final = {
    "cargo": {
        "cargo:lab-tool": ("1.2.0", "MIT OR Apache-2.0", []),
        "cargo:lab-lib": ("1.1.0", "ISC", ["cargo:lab-tool"]),
    },
    "gem": {
        "gem:lab-tool": ("1.2.0", "MIT, Apache-2.0", []),
        "gem:lab-lib": ("1.1.0", "ISC", ["gem:lab-tool"]),
    },
    "go": {GO: ("v1.2.0", "", []), "go:lab.example/lab-lib": ("v1.0.0", "", [GO])},
    "luarocks": {
        "luarocks:lab-tool": ("1.2.0-1", "MIT OR Apache-2.0", []),
        "luarocks:lab-lib": ("1.1.0-1", "ISC", ["luarocks:lab-tool"]),
    },
}
"""Version, licence and what needs it, of all that came."""


@FULL
@pytest.mark.parametrize("languages", LANGUAGES, ids=" ".join)
def test_side_by_side_it_is_said_what_is_inside_each_and_that_nothing_stays(
    program: Program, languages: tuple[str, ...]
) -> None:
    asked = [ALL[name] for name in languages]
    done = program.run("compare", *asked, "--json")
    assert done.returncode == 0, done.stderr.decode()
    inspected = {row["name"]: row["inspection"] for row in json.loads(done.stdout)["candidates"]}
    assert [*inspected] == asked
    for language, found in zip(languages, inspected.values(), strict=True):
        came = {row["name"]: row for row in found["footprint"]["packages"]}
        told = {name: (row["version"], row["licence"], row["needed_by"]) for name, row in came.items()}
        assert told == FOUND[language]
        assert came[ALL[language]]["size"] > 500
        assert came[ALL[language]]["asked"]
        assert found["footprint"]["commands"] == [TOOLS[language]]
        assert not [row for row in found["footprint"]["findings"] if row["kind"] in ("unowned", "foreign")]
        assert found["residue"] == {"failure": "", "left": []}
        assert found["unseen"] == []
