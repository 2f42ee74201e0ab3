"""What the parser refuses is said in the program's own voice: the place, what was expected, the next step."""

from __future__ import annotations

import pytest

from sandbox.cli.program import run

REFUSED = {
    "try --vesion": "error: sandbox try has no option --vesion",
    "inspect --detial": "error: sandbox inspect has no option --detial",
    "inspect htop --image x": "error: sandbox inspect has no option --image\n  an option of   try\n  next ",
    "try htop --kep": "error: sandbox try has no option --kep\n  nearest     --keep",
    "cp a": "error: sandbox cp: TARGET is missing\n  usage   sandbox cp [OPTIONS] SOURCE TARGET",
    "lock": "error: SPEC... or --from FILE is missing",
    "bundle x": "error: sandbox bundle: --output is missing",
    "trial --jobs x": "error: sandbox trial: --jobs: expected a number from 1 to 64",
    "trial --retries 99": "error: sandbox trial: --retries: expected a number from 0 to 10",
    "logs a --tail -3": "error: sandbox logs: --tail: expected a number of 0 or more",
    "try --mount": "error: sandbox try: --mount needs a value: SRC:DST[:rw]",
    "base build": "error: sandbox base build: DISTRO is missing",
    "base nope": "error: sandbox base: no such command 'nope'",
    "--nope": "error: sandbox has no option --nope",
    "help nope": "error: sandbox has no command nope",
    "history x": "error: sandbox history: unexpected x\n  usage   sandbox history [OPTIONS]\n  next    ",
    "distros debian bookworm": "error: sandbox distros: unexpected bookworm\n  usage   sandbox distros [OPT",
    "list a b": "error: sandbox list: unexpected a b\n",
    "search htop debian:trixie": "error: sandbox search: unexpected debian:trixie\n  usage   sandbox search [OPTIONS] "
    "[NAME]\n  next    sandbox search htop --distro debian:trixie\n",
    "schema inspect": "error: sandbox schema: unexpected inspect\n  usage   sandbox schema [OPTIONS]\n  next    "
    "sandbox schema --of inspect\n",
}


@pytest.mark.parametrize("line", REFUSED)
def test_what_is_wrong_with_a_command_line_is_named_with_its_place(
    line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(line.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(REFUSED[line])
    assert err.splitlines()[-1].strip().endswith("--help")


@pytest.mark.parametrize("verb", ["enter", "logs"])
def test_a_missing_name_of_a_sandbox_leads_to_their_list(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([verb]) == 2
    assert "  next    sandbox list -a\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "example"),
    [("bundle x", "sandbox bundle"), ("cp a", "sandbox cp brave-otter:/"), ("new", "sandbox new web-tools")],
)
def test_a_missing_word_is_shown_in_an_example(line: str, example: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(line.split()) == 2
    assert f"  as in   {example}" in capsys.readouterr().err


def test_no_option_is_called_near_that_is_far(capsys: pytest.CaptureFixture[str]) -> None:
    run(["try", "--zzzz"])
    assert "nearest" not in capsys.readouterr().err


def test_help_of_a_verb_is_the_same_by_both_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["help", "base", "build"]) == 0
    first = capsys.readouterr().out
    assert run(["base", "build", "--help"]) == 0
    assert capsys.readouterr().out == first != ""
