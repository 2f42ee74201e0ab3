"""What a word of the command line can become: verbs, options, lists of values, and the names that are here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.unit.fakes.records import record_of

from sandbox.cli.completion import answer, candidates, split_line
from sandbox.cli.completion_lists import LISTS
from sandbox.cli.table import VERBS
from sandbox.cli.usages.values import FORMATS, GRANTS, NETWORKS
from sandbox.lifecycle.journal import FILE, Journal, RecordedPackage

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Sandbox


@pytest.fixture(autouse=True)
def _nobody(sandbox: Sandbox) -> None:
    """Have no settings, no state and no engine, in an empty folder."""


def words_for(line: str) -> list[str]:
    return [one.word for one in candidates(*split_line(line))]


def test_verbs_come_first() -> None:
    assert words_for("sandbox ") == [*VERBS, "help"]
    assert words_for("sandbox ins") == ["inspect"]
    assert words_for("sandbox help in") == ["inspect"]
    assert words_for("sandbox base ") == ["build", "import", "list", "rm", "ensure"]
    assert words_for("sandbox help base b") == ["build"]


def test_options_are_those_of_the_verb_and_say_what_they_mean() -> None:
    assert words_for("sandbox try --no-") == [
        "--no-recommends",
        "--no-docs",
        "--no-from-source",
        "--no-cache",
        "--no-trace",
        "--no-stdin",
    ]
    assert {"--version", "--show-completion", "--help"} == {*words_for("sandbox --")}
    found = candidates(*split_line("sandbox try --dry"))
    assert (found[0].word, found[0].meaning) == ("--dry-run", "Show the steps without running them; needs no engine.")
    assert words_for("sandbox base import --a") == ["--as"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("sandbox try htop --network ", NETWORKS),
        ("sandbox try --allow ", GRANTS),
        ("sandbox promote -f ", FORMATS),
        ("sandbox try --network=o", ("--network=offline",)),
        ("sandbox try --allow mounts,po", ("mounts,ports",)),
        ("sandbox try --allow=mounts,po", ("--allow=mounts,ports",)),
        ("sandbox schema --of tr", ("trial",)),
        ("sandbox schema --doc limi", ("limits",)),
        ("sandbox trial --on ", ("swarm", "fargate")),
        ("sandbox --show-completion ", ("bash", "zsh", "fish")),
    ],
)
def test_a_list_of_values_completes(line: str, expected: tuple[str, ...]) -> None:
    assert tuple(words_for(line)) == expected


def test_what_is_in_a_list_already_is_not_offered_again() -> None:
    assert "mounts,mounts" not in words_for("sandbox try --allow mounts,")
    assert "mounts,ports" in words_for("sandbox try --allow mounts,")


def test_distros_complete_and_behind_one_its_releases() -> None:
    assert words_for("sandbox try -d deb") == ["debian"]
    assert "debian:trixie" in words_for("sandbox try -d debian:t")
    assert "alpine" in words_for("sandbox compare htop --distro debian,al")[0]
    assert words_for("sandbox try --distro debian:b") == [
        word for word in words_for("sandbox try --distro debian:") if word.startswith("debian:b")
    ]


def test_a_words_place_says_what_it_is_options_between_or_not() -> None:
    Path("web.yaml").write_text("packages: [zzz-package]\n")
    assert "web.yaml" in words_for("sandbox lock ")
    assert "web.yaml" in words_for("sandbox lock --distro debian other.yaml w")
    assert "web.yaml" in words_for("sandbox try --spec w")
    assert words_for("sandbox history w") == []


def test_nothing_is_offered_for_the_command_of_a_sandbox() -> None:
    assert words_for("sandbox try htop -- --ver") == []


def test_packages_that_were_tried_complete_and_those_of_specs_and_languages(tmp_path: Path) -> None:
    record = record_of(RecordedPackage(name="zz-tried", version="1"))
    Journal(tmp_path / "state/sandbox" / FILE).write(record)
    Path("sandboxes").mkdir()
    Path("sandboxes/web.yaml").write_text("packages: [zz-of-spec]\n")
    assert {*words_for("sandbox try zz-")} == {"zz-tried", "zz-of-spec"}
    assert "pip:" in words_for("sandbox inspect pi")
    assert words_for("sandbox promote ") == ["brave-otter"]


def test_names_that_a_shell_would_read_as_more_than_a_word_are_not_offered() -> None:
    Path("a$(id).yaml").write_text("packages: [jq]\n")
    Path("a b.yaml").write_text("packages: [jq]\n")
    Path("ab.yaml").write_text("packages: [jq]\n")
    assert words_for("sandbox validate a") == ["ab.yaml"]


def test_no_engine_and_broken_settings_give_nothing_to_complete() -> None:
    assert answer("bash", "sandbox enter ") == ""
    folder = Path(os.environ["XDG_CONFIG_HOME"]) / "sandbox"
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text("nonsense: [\n")
    assert answer("bash", "sandbox try -d deb") == ""
    assert answer("powershell", "sandbox ") == ""


def test_each_shell_is_answered_in_its_form() -> None:
    assert answer("bash", "sandbox insp") == "inspect\n"
    assert answer("fish", "sandbox insp") == answer("zsh", "sandbox insp")
    assert answer("zsh", "sandbox insp").startswith("inspect\tMeasure what")


def test_every_list_of_names_answers_where_nothing_is() -> None:
    for name, known in LISTS.items():
        assert isinstance(known("zz"), list), name
