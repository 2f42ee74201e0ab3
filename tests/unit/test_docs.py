"""What the docs name is there: tests, links, anchors, files, targets; what is generated is up to date."""

from __future__ import annotations

import importlib.util
import re
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from tests.rooms import MAY_IMPORT
from tests.storm.run import STORMS

from sandbox.lifecycle.removal import Removal
from sandbox.provision.run import Provisioned
from sandbox.report.try_text import banner, removed_row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = sorted((ROOT / "docs").rglob("*.md"))
ALL: Final = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *PAGES]
CLAIMING: Final = [ROOT / "docs/explanation/trust.md", ROOT / "docs/evidence/storms.md"]
TEXT: Final = "".join(path.read_text() for path in CLAIMING)
NAMED: Final = re.compile(r"(tests/[a-z_/]+\.py)((?:,?\s+`[a-z0-9_]+`)*)")
CLAIMS: Final = [(file, word) for file, words in NAMED.findall(TEXT) for word in re.findall(r"`(\w+)`", words)]
OF_OTHERS: Final = {"utils/config.py", "credentials/store.py"}
"""Modules of the docker SDK."""
ITEMS: Final = [
    item
    for path in CLAIMING
    for item in re.split(r"\n(?=- )", path.read_text().partition("<!-- claims -->")[2].partition("<!-- /claims -->")[0])
    if item.startswith("- ")
]
COLUMNS: Final = 100


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize(("file", "word"), CLAIMS)
def test_a_test_that_is_named_is_there(file: str, word: str) -> None:
    names = re.findall(r"^ *def (test_\w+)", (ROOT / file).read_text(), re.MULTILINE)
    assert [name for name in names if word in name]


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item[2:40])
def test_every_claim_names_what_shows_it(item: str) -> None:
    assert NAMED.search(item)


def test_the_walk_finds_them() -> None:
    assert len(CLAIMS) > 30
    assert len(ITEMS) > 25


def test_files_targets_and_storms_that_are_named_are_there() -> None:
    targets = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {*re.findall(r"make ([a-z]+)`", TEXT)} <= {*targets}
    assert {*re.findall(r"--only ([a-z]+)", TEXT)} <= {*STORMS}
    assert [file for file in re.findall(r"tests/[a-z_/]+\.py", TEXT) if not (ROOT / file).is_file()] == []


def test_contributing_has_a_line_for_each_room_from_the_ground_up() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text().partition("## The map")[2].partition("## How")[0]
    assert re.findall(r"^\| `(\w+)(?:/|\.py)` \|", text, re.MULTILINE) == [
        room for room in MAY_IMPORT if room != "__main__"
    ]


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_modules_and_targets_that_a_page_names_are_there(path: Path) -> None:
    text = path.read_text()
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {*re.findall(r"`make ([a-z]+)", text)} <= {*targets}
    paths = {*re.findall(r"`([a-z_]+/[a-z_/]+\.py)\b", text)} - OF_OTHERS
    assert [name for name in paths if not (ROOT / name).exists() and not (ROOT / "src/sandbox" / name).exists()] == []


def prose(path: Path) -> str:
    """Return a page without its blocks of code."""
    return re.sub(r"^( *)```.*?^ *```$", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)


def anchors(path: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them: small letters, blanks as hyphens, no marks."""
    heads = re.findall(r"^#+ (.*)$", prose(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_every_link_of_a_page_leads_to_a_file_and_a_heading_that_are_there(path: Path) -> None:
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", prose(path)) if "://" not in link]
    for link in links:
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_no_line_of_a_page_is_longer_than_a_terminal_shows(path: Path) -> None:
    assert [line for line in path.read_text().splitlines() if len(line) > COLUMNS] == []


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_page_with_sample_output_names_the_run_it_is_of(path: Path) -> None:
    text = path.read_text()
    assert "```console" not in text or "\nSample output on this page: sandbox " in text


FENCE: Final = re.compile(r"^( *)```(sh|console)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
OURS: Final = re.compile(r"(.*\| )?sandbox [a-z]")
ELSEWHERE: Final = {
    "docker run -it --rm": "what bench/run.py measures beside ours",
    "systemctl --user start podman.socket": "Podman's own unit, on a host with systemd",
    "pipx install '.[fargate]'": "pip's own words, and an extra of pyproject.toml",
    "aws cloudformation": "AWS's own program; its template is checked by cfn-lint",
    "mkdir -p ~/.config/sandbox": "a folder",
    "mkdir promoted": "a folder",
    "curl -s http://127.0.0.1:8099/": "a published port, which test_living.py asks",
}
"""The begins of example lines that no test here can hold, and whose they are."""


def typed_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a page that a reader types and that are not of this program."""
    for _, kind, body in FENCE.findall(path.read_text()):
        lines = [line.strip() for line in body.replace("\\\n", " ").splitlines()]
        lines = [line.removeprefix("$ ") for line in lines if kind == "sh" or line.startswith("$ ")]
        yield from (line for line in lines if line and not line.startswith("#") and not OURS.match(line))


@pytest.mark.parametrize("path", [ROOT / "README.md", *PAGES], ids=name_of)
def test_every_line_to_type_is_held_by_a_test_or_is_another_programs(path: Path) -> None:
    """Those of `sandbox` are parsed by tests/contract/test_verbs.py."""
    makefile = (ROOT / "Makefile").read_text()
    targets = re.findall(r"^([a-z]+):", makefile, re.MULTILINE)
    settings = re.findall(r"^([A-Z]+) =", makefile, re.MULTILINE)
    script = "".join(found.read_text() for found in (ROOT / "src/sandbox/promote/formats").rglob("*.sh"))
    bench = (ROOT / "bench/run.py").read_text()
    for line in typed_lines(path):
        words = line.partition(" #")[0].split()
        match words:
            case ["make", target, *given]:
                assert target in targets, line
                assert [word for word in given if word.partition("=")[0] not in settings] == [], line
            case ["sh", "install.sh", *options]:
                assert [word for word in options if word not in script] == [], line
            case [".venv/bin/python", "bench/run.py", *options]:
                assert [word for word in options if word.startswith("--") and f'"{word}"' not in bench] == [], line
            case _:
                assert [begin for begin in ELSEWHERE if " ".join(words).startswith(begin)], line


def test_the_changelog_is_a_line_a_change() -> None:
    lines = (ROOT / "CHANGELOG.md").read_text().partition("## [Unreleased]")[2].splitlines()
    assert [line for line in lines if len(line) > 120 or line.startswith(" ")] == []
    bullets = [line for line in lines if line.startswith("- ")]
    assert len({*bullets}) == len(bullets) > 50
    assert [line for line in bullets if not line.endswith(".")] == []


def test_every_page_can_be_reached_from_the_first() -> None:
    first = ROOT / "docs/index.md"
    found, ahead = {first}, [first]
    while ahead:
        page = ahead.pop()
        names = re.findall(r"\]\(([^)#\s]+\.md)[^)]*\)", prose(page))
        new = {(page.parent / name).resolve() for name in names} & {*PAGES} - found
        found |= new
        ahead += new
    assert found == {*PAGES}


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs/generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_is_generated_is_up_to_date() -> None:
    made = generator()
    stale = [name_of(path) for path, text in made.pages().items() if not made.is_equal(path, text)]
    assert stale == [], "write them by: .venv/bin/python docs/generate.py"


def test_the_picture_of_a_session_says_what_the_program_says_today() -> None:
    picture = unescape((ROOT / "docs/session.svg").read_text())
    removed = removed_row(Removal(removed=(), left=(), failures=()))
    labels = [label.strip() for label, _ in banner(Provisioned(commands=("htop",)), ())]
    for text in (*labels, removed[0], removed[1].partition("; ")[2], "to an install script for this host? [y/N/edit]"):
        assert text in picture, f"{text!r} is not in it: make record"
