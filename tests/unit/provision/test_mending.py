"""A list of which names are missing, mended by the distro's own index and the manager's own word."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.unit.advised import advice_of

from sandbox.container.box import Outcome
from sandbox.distros.lookup import find_target
from sandbox.errors import Missing, UnknownPackage
from sandbox.managers.protocol import Failure, PackageRef
from sandbox.managers.registry import manager_of, queries_of
from sandbox.provision.mending import Shelf, _setup, mend, new_list

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.managers.protocol import Argv

INDEX = "htop\nripgrep\nfd-find\ngawk\nmawk\njq\nbat\npython3\npython3-yaml\nlibcurl4t64\nlibicu76\nexim4\npostfix\n"
MADISON = "nvidia-driver | 535.1 | http://deb.example/debian trixie/non-free amd64 Packages\n"
SOURCES = "deb http://deb.example/debian trixie contrib\ndeb http://deb.example/debian trixie non-free\n"
APK = "Name: htop\nProvides: cmd:htop=3.4\nName: htops\n"
"""What apk's index says: a library has no command."""
AWK = (
    "Package awk is a virtual package provided by:\n  mawk 1.3\n  gawk 5.2\n\n"
    "E: Package 'awk' has no installation candidate\n"
)
CONFLICT = (
    "The following packages have unmet dependencies:\n exim4 : Conflicts: postfix\nE: Unable to correct problems\n"
)


def refs(*texts: str) -> list[PackageRef]:
    parts = [text.partition("=") for text in texts]
    return [PackageRef(name=name, version=version or None) for name, _, version in parts]


class Index:
    """Answers as an apt with a small index would; it names what is missing of a list one by one, or all at once."""

    def __init__(
        self, *, one_by_one: bool = False, conflict: bool = False, versions: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self.one_by_one, self.conflict, self.versions = one_by_one, conflict, versions or {}
        self.simulated: list[Argv] = []

    def refusal(self, names: Sequence[str]) -> str:
        lost = [name for name in names if name.partition("=")[0] not in INDEX.splitlines()]
        pins = [name.partition("=") for name in names if "=" in name]
        said = [AWK if name == "awk" else f"E: Unable to locate package {name}\n" for name in lost]
        lacking = [pin for pin in pins if pin[2] not in self.versions.get(pin[0], ())]
        return "".join(said[: 1 if self.one_by_one else None]) + "".join(
            f"E: Version '{version}' for '{name}' was not found\n" for name, _, version in lacking
        )

    def __call__(self, argv: Argv) -> Outcome:
        words = " ".join(argv)
        if "pkgnames" in words:
            return self.outcome(0, INDEX)
        if argv[:2] == ("apt-cache", "show"):
            known = self.versions.get(argv[-1], ())
            return self.outcome(0, "".join(f"Package: {argv[-1]}\nVersion: {version}\n\n" for version in known))
        if "indextargets" in words and "non-free" in words:
            return self.outcome(0, SOURCES + (MADISON if "nvidia-driver" in argv else ""))
        if "-s" in argv and "install" in argv:
            self.simulated.append(argv[argv.index("--no-install-recommends") + 1 :])
            said = self.refusal(self.simulated[-1])
            if not said and self.conflict:
                said = CONFLICT
            return self.outcome(100 if said else 0, said)
        return self.outcome(0, "")

    def outcome(self, status: int, text: str) -> Outcome:
        return Outcome(status=status, output=text, stdout=text, stderr="")


def mended_error(*asked: str, index: Index | None = None, distro: str = "debian:trixie") -> UnknownPackage:
    found = index or Index()
    target, manager = find_target(distro), manager_of("apt")
    said = found.refusal(asked)
    error = manager.explain(Failure(argv=("apt-get",), status=100, output=said), refs(*asked), distro=target.label)
    assert isinstance(error, UnknownPackage)
    run: Callable[[Argv], Outcome] = found
    return mend(error, refs(*asked), Shelf(target, manager, queries_of("apt"), run))


@pytest.mark.parametrize(
    ("version", "known", "meant"),
    [
        ("1.6", ("1.7.1-3", "1.6-2.1+deb12u1"), "1.6-2.1+deb12u1"),
        ("1.6", ("1.6.1-1", "1.6-2"), "1.6-2"),
        ("1.6", ("1.6.1-1",), "1.6.1-1"),
        ("1.0", ("2.0-r1", "1.0-r1"), "1.0-r1"),
        ("8.2", ("2:8.2.3995-1",), "2:8.2.3995-1"),
        ("1.6", ("1.61-1", "11.6-1"), None),
        ("1.6-2", ("1.6-3",), None),
    ],
)
def test_a_version_without_its_revision_is_mended_to_the_one_that_has_it(
    version: str, known: tuple[str, ...], meant: str | None
) -> None:
    index = Index(versions={"jq": known})
    [hint] = mended_error(f"jq={version}", index=index).hints[:1]
    assert hint.swaps == ((f"jq={version}", f"jq={meant}" if meant else "jq"),)


def test_a_version_that_is_lacking_leads_to_the_package_itself_though_another_provides_its_name() -> None:
    """apt names hello-traditional, too, where hello has no such version."""
    lacking = UnknownPackage("lacking", missing=[Missing(name="jq", version="0.0-1", near=("jq-traditional",))])
    index = Index(versions={"jq": ("1.6-2",)})
    shelf = Shelf(find_target("debian:trixie"), manager_of("apt"), queries_of("apt"), index)
    error = mend(lacking, refs("jq=0.0-1"), shelf)
    assert (error.hints[0].swaps, dict(error.details)) == ((("jq=0.0-1", "jq"),), {"there are": "1.6-2"})


LIST = ("htop", "ripgrp", "awk", "jq=9.9", "nopenope", "libicu72", "bat")


@pytest.mark.parametrize("one_by_one", [False, True])
def test_the_whole_list_is_mended_also_where_the_manager_names_the_first_alone(*, one_by_one: bool) -> None:
    index = Index(one_by_one=one_by_one)
    error = mended_error(*LIST, index=index)
    details = dict(error.details)
    assert all(name in error.brief for name in ("ripgrp", "awk", "jq=9.9", "nopenope", "libicu72"))
    assert details["ripgrp"] == "ripgrep"
    assert details["awk"] == "virtual, provided by mawk, gawk"
    assert details["nopenope"] == "no similar names"
    assert details["libicu72"] == "libicu76"
    assert details["jq=9.9"].startswith("not in this version")
    assert index.simulated[-1] == ("htop", "ripgrep", "jq", "libicu76", "bat")
    [hint] = error.hints
    assert hint.swaps == (
        ("ripgrp", "ripgrep"),
        ("awk", ""),
        ("jq=9.9", "jq"),
        ("nopenope", ""),
        ("libicu72", "libicu76"),
    )


def test_what_non_free_has_is_told_so_and_comes_by_a_step_of_its_own() -> None:
    error = mended_error("htop", "nvidia-driver")
    assert dict(error.details)["it is in"] == "non-free, which is not switched on here"
    [hint] = error.hints
    assert hint.swaps == (("nvidia-driver", ""),)
    source = "deb http://deb.example/debian trixie non-free"
    switch_on = f'(echo "{source}") >/etc/apt/sources.list.d/more.list && apt-get update'
    assert hint.argv == ("--setup", f"{switch_on} && apt-get install -y nvidia-driver")
    assert hint.line.count("'") == 2, "what is typed has no quotes in quotes"


def test_a_name_that_got_t64_behind_it_is_the_first_that_was_meant() -> None:
    assert mended_error("libcurl4").hints[0].swaps == (("libcurl4", "libcurl4t64"),)


def test_a_list_that_can_not_be_mended_has_no_command_that_fails() -> None:
    index = Index(conflict=True)
    error = mended_error("exim4", "postfix", "ripgrp", index=index)
    assert "can't be installed together" in dict(error.details)["and then"]
    assert error.hints == ()
    assert len(index.simulated) == 1, "what was refused once is not asked for again"


def test_where_nothing_is_near_and_nothing_else_was_asked_for_all_distros_are_searched() -> None:
    said = "sandbox search nopenope --distro all asks every distro whose base image is here"
    assert advice_of(mended_error("nopenope")) == (said,)


def test_two_names_of_one_thing_become_one() -> None:
    error = mended_error("ripgrp", "ripgerp", "ripgrep")
    assert new_list(refs("ripgrp", "ripgerp", "ripgrep"), error.missing) == (PackageRef(name="ripgrep"),)
    assert advice_of(error) == ("the same with ripgrep for ripgrp, ripgrep for ripgerp",)


def test_a_near_name_that_provides_no_command_is_shown_without_one() -> None:
    def answer(argv: Argv) -> Outcome:
        found = APK if argv != queries.names().argv else "htop\nhtops\n"
        return Outcome(status=0, output=found, stdout=found, stderr="")

    target = find_target("alpine")
    queries = queries_of("apk")
    shelf = Shelf(target=target, manager=manager_of("apk"), queries=queries, run=answer)
    error = mend(UnknownPackage("no htpo", missing=(Missing(name="htopp"),)), refs("htopp"), shelf)
    assert dict(error.details)["nearest"] == "htop (command htop), htops"


def test_a_package_with_a_command_of_the_typed_name_is_proposed_before_names_that_are_spelled_like_it() -> None:
    """`httpie` has the command `http`; `http-icons` only begins like it, and has no command."""
    simulated: list[Argv] = []
    queries = queries_of("apt")
    commands = queries.commands_of(["http-icons", "httpie", "httpry"])
    assert commands
    asks_commands = commands.argv

    def answer(argv: Argv) -> Outcome:
        words = " ".join(argv)
        if "-s" in argv and "install" in argv:
            simulated.append(argv)
        found = "http-icons\nhttpie\nhttpry\n" if "pkgnames" in words else ""
        if argv == asks_commands:
            found = "httpie\tapt-httpie\nhttpie\thttp\nhttpry\thttpry\n"
        return Outcome(status=0, output=found, stdout=found, stderr="")

    shelf = Shelf(target=find_target("debian"), manager=manager_of("apt"), queries=queries, run=answer)
    error = mend(UnknownPackage("no http", missing=(Missing(name="http"),)), refs("http"), shelf)
    assert dict(error.details)["nearest"] == "httpie (command http), http-icons, httpry (command httpry)"
    assert error.hints[0].swaps == (("http", "httpie"),)
    assert simulated[-1][-1] == "httpie", "what is proposed was simulated"


@pytest.mark.parametrize(
    "bad", ["deb http://x/$(reboot) a non-free", "deb http://x/`id` a non-free", 'deb "x" non-free']
)
def test_a_line_of_a_container_is_plain_text_in_what_is_advised(bad: str) -> None:
    [_, text] = _setup([Missing(name="x", archive="non-free", sources=(bad,))])
    echo = text.partition(" >/etc")[0]
    assert subprocess.run(["sh", "-c", echo], capture_output=True, text=True, check=True).stdout == f"{bad}\n"
