"""Lists of a language's packages of which several are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.advised import advice_of

from sandbox.container.box import Outcome
from sandbox.distros.lookup import find_target
from sandbox.errors import Missing, UnknownPackage
from sandbox.managers.languages.pip import driver as pip
from sandbox.managers.protocol import Failure, PackageRef
from sandbox.managers.registry import languages_among, manager_of, queries_of
from sandbox.provision.mending import Shelf, look_up, with_alike

if TYPE_CHECKING:
    from sandbox.managers.protocol import Argv

CARGO = """\
error: could not find `nope-one` in registry `crates-io` with version `*`
   Unpacking lab-rival v1.0.0 (registry `/srv/lab/crates`)
error: could not find `nope-two` in registry `crates-io` with version `*`
error: could not find `lab-lib` in registry `crates-io` with version `=9.9.9`
"""
"""What cargo 1.85 printed of `cargo install --locked lab-tool nope-one lab-rival nope-two lab-lib@9.9.9`."""

GEM = """\
ERROR:  Could not find a valid gem 'nopeone' (>= 0) in any repository
ERROR:  Could not find a valid gem 'nopetwo' (>= 0) in any repository
ERROR:  Could not find a valid gem 'lab-tool' (= 9.9) (required by 'lab-tool' (9.9)) in any repository
ERROR:  Possible alternatives: lab-tool
"""
"""What gem 3.6 printed of `gem install lab-rival nopeone nopetwo lab-tool:9.9`."""


def refs(source: str, *texts: str) -> list[PackageRef]:
    parts = [text.partition("=") for text in texts]
    return [PackageRef(name=name, version=version or None, source=source) for name, _, version in parts]


@pytest.mark.parametrize(
    ("source", "output", "asked", "brief"),
    [
        (
            "cargo",
            CARGO,
            ("lab-tool", "nope-one", "nope-two", "lab-lib=9.9.9"),
            "cargo's registry has nothing named nope-one, nope-two; it has no lab-lib=9.9.9",
        ),
        (
            "gem",
            GEM,
            ("lab-rival", "nopeone", "nopetwo", "lab-tool=9.9"),
            "gem's registry has nothing named nopeone, nopetwo; it has no lab-tool=9.9",
        ),
    ],
)
def test_all_that_a_language_lacks_are_in_the_brief(
    source: str, output: str, asked: tuple[str, ...], brief: str
) -> None:
    (language,) = languages_among([source])
    failure = Failure(argv=(source,), status=1, output=output)
    error = language.explain(failure, refs(source, *asked), distro="debian trixie")
    assert isinstance(error, UnknownPackage)
    assert error.brief == brief
    [hint] = error.hints
    assert [old for old, new in hint.swaps if not new] == [f"{source}:{name}" for name in asked[1:3]]
    assert dict(hint.swaps)[f"{source}:{asked[3]}"] == f"{source}:{asked[3].partition('=')[0]}"


def test_where_an_install_names_the_first_alone_the_others_are_looked_up() -> None:
    asked = refs("pip", "nopeone", "httpie", "nopetwo", "rich=99")
    looked: list[str] = []

    def said(name: str, known: str) -> str:
        wanted = f"{name} (from versions: {known})"
        return f"ERROR: Could not find a version that satisfies the requirement {wanted}\nERROR: No matching"

    def run(argv: Argv) -> Outcome:
        looked.append(argv[-1])
        name, _, _ = argv[-1].partition("=")
        text = {"nopetwo": said("nopetwo", "none"), "rich": said("rich==99", "1.0, 2.0")}.get(name, "")
        return Outcome(status=1 if text else 0, output=text, stdout="", stderr=text)

    failure = Failure(argv=("pip",), status=1, output=said("nopeone", "none"))
    first = pip.explain(failure, asked, distro="debian trixie")
    assert isinstance(first, UnknownPackage)
    error = look_up(first, asked, pip, run)
    assert looked == ["httpie", "nopetwo", "rich==99"]
    assert error.brief == "pip's registry has nothing named nopeone, nopetwo; it has no rich=99"
    assert advice_of(error) == ("the same with pip:rich for pip:rich=99, without pip:nopeone pip:nopetwo",)


INDEX = (
    "htop",
    "httpie",
    "python3-requests",
    "python3-rich",
    "node-express",
    "librust-ripgrep-dev",
    "ruby-rails",
    "fzf",
)


@pytest.mark.parametrize(
    ("typed", "here", "advised"),
    [
        ("pip:requets", "python3-requests", ["pip:requests", "python3-requests"]),
        ("pip:httpiee", "httpie", ["pip:httpie", "httpie"]),
        ("pip:htop", "htop", ["htop"]),
        ("npm:expresss", "node-express", ["npm:express", "node-express"]),
        ("cargo:ripgrpe", "librust-ripgrep-dev", ["librust-ripgrep-dev"]),
        ("gem:rials", "ruby-rails", ["ruby-rails"]),
        ("go:github.com/junegunn/fzff", "fzf", ["fzf"]),
        ("pip:nothing-at-all", "", []),
    ],
)
def test_a_name_that_a_registry_lacks_is_answered_with_what_is_spelled_alike_and_is_there(
    typed: str, here: str, advised: list[str]
) -> None:
    source, _, name = typed.partition(":")
    (language,) = languages_among([source])
    target = find_target("debian:bookworm")
    there = {"requests", "httpie", "express"}

    def run(argv: Argv) -> Outcome:
        if argv[0] == "sh" and argv[2] == language.look_up:
            return Outcome(status=int(argv[-1] not in there), output="", stdout="", stderr="")
        text = "".join(f"{name}\n" for name in INDEX)
        return Outcome(status=0, output=text, stdout=text, stderr="")

    asked = refs(source, name)
    error = UnknownPackage("it has none", missing=[Missing(name=name)], details=[], hints=[])
    shelf = Shelf(target, manager_of("apt"), queries_of("apt"), run)
    found = with_alike(error, asked, language, shelf)
    assert found.details == ((("in debian bookworm", here),) if here else ())
    assert [hint.swaps[0] for hint in found.hints] == [(typed, name) for name in advised]
