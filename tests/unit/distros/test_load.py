"""The user's rows: what they override, what they add, and every problem with its place."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.distros.load import load_rows
from sandbox.distros.lookup import family, find_target
from sandbox.distros.merge import merge
from sandbox.distros.registry import DISTROS
from sandbox.errors import SpecError, UsageError

ROOT = Path(__file__).parents[3]


def problems(text: str) -> list[str]:
    with pytest.raises(SpecError) as caught:
        merge(DISTROS, text.encode(), source="distros.yaml")
    return [": ".join(problem.row()) for problem in caught.value.problems]


def test_without_a_file_the_rows_are_those_that_ship(tmp_path: Path) -> None:
    assert load_rows({"HOME": str(tmp_path)}) is DISTROS


def test_an_empty_file_changes_nothing() -> None:
    assert merge(DISTROS, b"# nothing yet\n", source="x") == DISTROS


def test_a_known_name_overrides_only_what_is_said() -> None:
    found = merge(DISTROS, b"debian: {image: 'lab/apt-{release}'}\n", source="x")
    debian = find_target("debian:13", found)
    assert debian.image == "lab/apt-trixie"
    assert debian.manager == "apt"
    assert find_target("debian:sid", found).options == find_target("debian:sid").options
    assert {release.support for release in debian.distro.releases} == {"yours"}
    assert find_target("ubuntu", found) == find_target("ubuntu")


def test_a_new_release_is_one_name_and_becomes_the_default() -> None:
    found = merge(DISTROS, b"debian: {releases: [{name: duke, aliases: ['15', testing]}]}\n", source="x")
    assert find_target("debian", found).option == "debian:duke"
    assert find_target("debian:testing", found).option == "debian:duke"
    assert find_target("debian:14", found).option == "debian:forky"
    assert find_target("debian:bookworm", found).image == "debian:bookworm"


def test_a_known_release_keeps_what_is_not_said_of_it() -> None:
    found = merge(DISTROS, b"debian: {releases: [trixie, {name: sid, image: 'mine:1'}]}\n", source="x")
    assert find_target("debian", found).release.end_of_life == "2030-06-30"
    assert find_target("debian:sid", found).image == "mine:1"
    assert find_target("debian:sid", found).options


def test_a_relative_says_only_what_differs() -> None:
    text = b"""
pop:
  like: ubuntu
  title: Pop!_OS
  image: example/pop:{release}
  releases: ['24.04', {name: '22.04', aliases: jammy, end-of-life: '2027-06-01', options: ['-o', 'A=1']}]
"""
    found = merge(DISTROS, text, source="x")
    pop = find_target("pop:jammy", found)
    assert (pop.image, pop.manager, pop.options) == ("example/pop:22.04", "apt", ("-o", "A=1"))
    assert (pop.distro.os_ids, pop.distro.title, pop.distro.path) == (
        ("pop",),
        "Pop!_OS",
        ("/usr/local/games", "/usr/games"),
    )
    assert [release.name for release in pop.distro.releases] == ["24.04", "22.04"]
    assert family(pop.distro, found).name == "debian"


def test_a_relative_of_a_row_of_the_user_is_one_too() -> None:
    found = merge(DISTROS, b"one: {like: debian, image: 'a:1'}\ntwo: {like: one}\n", source="x")
    assert find_target("two", found).image == "a:1"
    assert family(find_target("two", found).distro, found).name == "debian"


def test_a_row_like_no_other_says_all_that_is_needed() -> None:
    found = merge(DISTROS, b"odd: {image: 'odd:{release}', manager: apt, releases: ['1', '2']}\n", source="x")
    odd = find_target("odd:2", found)
    assert (odd.image, odd.distro.shell, odd.distro.title) == ("odd:2", ("bash", "sh"), "odd")


def test_a_later_file_is_above_the_earlier_one(tmp_path: Path) -> None:
    folder = tmp_path / "sandbox"
    folder.mkdir()
    (folder / "distros.yaml").write_text("debian: {image: 'first:{release}'}\nodd: {like: debian}\n")
    (tmp_path / "more.yaml").write_text("odd: {image: 'second:{release}'}\n")
    found = load_rows({"XDG_CONFIG_HOME": str(tmp_path)}, path=str(tmp_path / "more.yaml"))
    assert find_target("debian", found).image == "first:bookworm"
    assert find_target("odd", found).image == "second:bookworm"


PROBLEMS = [
    ("fedroa: {image: 'x:1'}\n", "1:9: fedroa   is unknown; it needs like, or else manager, releases"),
    (
        "debain: {}\n",
        "1:9: debain   is unknown; it needs like, or else image, manager, releases; did you mean debian?",
    ),
    ("a: {like: debain}\n", '1:11: a.like   unknown distro "debain"; did you mean debian?'),
    ("debian: {imgae: 'x:1'}\n", "1:10: debian.imgae   no such key; did you mean image?"),
    ("debian: {like: ubuntu}\n", "1:16: debian.like   descends from itself: debian → ubuntu → debian"),
    ("a: {like: a}\n", '1:11: a.like   unknown distro "a"'),
    ("debian: {manager: atp}\n", 'got "atp"; did you mean apt?'),
    ("debian: {image: 'Bad Name'}\n", "1:17: debian.image   expected an image such as fedora:{release}"),
    ("debian: {image: 'x:{rel}'}\n", "1:17: debian.image   expected an image such as fedora:{release}"),
    ("debian: {releases: [a, a]}\n", '1:20: debian.releases   two releases have the name "a"'),
    ("a: {like: debian, releases: []}\n", "1:29: a.releases   a distro needs a release"),
    (
        "debian: {releases: [{name: a, end-of-life: soon}]}\n",
        "debian.releases[0].end-of-life   expected a day such as 2028-06-30",
    ),
    ("debian: {path: [games]}\n", "1:17: debian.path[0]   expected an absolute path"),
    ("De bian: {}\n", "expected a name of small letters"),
    ("- debian\n", "expected a mapping of distros to what is said of them"),
]


@pytest.mark.parametrize(("text", "problem"), PROBLEMS)
def test_a_problem_is_told_with_its_place(text: str, problem: str) -> None:
    found = problems(text)
    assert len(found) == 1
    assert problem in found[0]


def test_all_problems_are_told_at_once() -> None:
    assert len(problems("debian: {imgae: x, manager: 7}\nubuntu: {path: x}\n")) == 3
    assert len(problems("a: {like: x}\nb: {}\nubuntu: {like: ubuntu}\n")) == 3


def test_a_named_file_that_is_absent_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        load_rows({"HOME": str(tmp_path)}, path=str(tmp_path / "none.yaml"))
    with pytest.raises(UsageError, match="is a folder, not a file"):
        load_rows({"HOME": str(tmp_path)}, path=str(tmp_path))


def test_without_a_file_nothing_is_imported_for_one() -> None:
    code = (
        "import sys; from sandbox.distros.load import load_rows; load_rows({'HOME': '/nonexistent'});"
        "print([name for name in sys.modules if name in ('yaml', 'sandbox.distros.merge', 'sandbox.specs.shapes')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_rows_of_the_lab_are_rows() -> None:
    found = merge(DISTROS, (ROOT / "tests/lab/distros.yaml").read_bytes(), source="x")
    images = {row.name: row.image for row in found if row.image.startswith("sandbox-lab/")}
    assert images["debian"] == "sandbox-lab/apt-{release}"
    assert images["opensuse-leap"] == "sandbox-lab/zypper"
    assert not find_target("gentoo", found).distro.companions
