"""A Dockerfile on its way to the engine: labelled behind every FROM, bounded, less what is ignored; its failures."""

from __future__ import annotations

import tarfile
from typing import TYPE_CHECKING

import pytest
from tests.unit.advised import advice_of

from sandbox.engine.docker import build, buildkit
from sandbox.engine.docker.dockerfile import add_labels
from sandbox.errors import PullFailed, StepFailed, UsageError

if TYPE_CHECKING:
    from pathlib import Path

LABEL = 'LABEL a="1"'

DOCKERFILES = {
    "one stage": ("FROM x\nRUN y\n", ["FROM x", LABEL, "RUN y"]),
    "two stages": ("FROM x AS a\nfrom y\n", ["FROM x AS a", LABEL, "from y", LABEL]),
    "an ARG first": ("ARG v=1\nFROM x:$v\n", ["ARG v=1", "FROM x:$v", LABEL]),
    "a FROM that goes on": ("FROM x \\\n  AS a\nRUN y\n", ["FROM x \\", "  AS a", LABEL, "RUN y"]),
    "comments and empty lines between": (
        "FROM x \\\n# why\n\n AS a\nRUN y\n",
        ["FROM x \\", "# why", "", " AS a", LABEL, "RUN y"],
    ),
    "a FROM of a program": (
        'FROM x\nRUN echo "select \\\nFROM t" \\\n\nFROM y\n',
        ["FROM x", LABEL, 'RUN echo "select \\', 'FROM t" \\', "", "FROM y"],
    ),
    "another escape character": (
        "# escape=`\nFROM x `\n AS a\nRUN c:\\\nFROM y\n",
        ["# escape=`", "FROM x `", " AS a", LABEL, "RUN c:\\", "FROM y", LABEL],
    ),
    "a comment that ends in a backslash": ("# a \\\nFROM x\n", ["# a \\", "FROM x", LABEL]),
    "nothing": ("", []),
}


@pytest.mark.parametrize("name", DOCKERFILES)
def test_labels_stand_behind_every_from(name: str) -> None:
    text, lines = DOCKERFILES[name]
    assert add_labels(text, {"a": "1"}).splitlines() == lines


def test_a_label_is_one_word_whatever_it_holds() -> None:
    assert add_labels("FROM x", {"a": 'b"\n$HOME\\'}).splitlines()[1] == 'LABEL a="b???HOME?"'


def names(folder: Path) -> set[str]:
    with build.context(folder / "Dockerfile", "FROM x\n", {"a": "1"}) as sent, tarfile.open(fileobj=sent) as tar:
        return set(tar.getnames())


def test_what_is_ignored_is_not_sent(tmp_path: Path) -> None:
    for name in ("Dockerfile", "kept", "secret", "a/secret", "a/kept", "b/c/d"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / ".dockerignore").write_text("# these\n**/secret\nb\n\n")
    assert names(tmp_path) == {build.NAME, "Dockerfile", ".dockerignore", "kept", "a", "a/kept"}


@pytest.mark.parametrize(
    ("own", "sent"),
    [
        (None, ".sandbox.Dockerfile\n.dockerignore\n"),
        (".dockerignore\n", ".dockerignore\n\n.sandbox.Dockerfile\n"),
        ("secret", "secret\n.sandbox.Dockerfile\n"),
    ],
)
def test_what_is_added_to_what_is_sent_goes_into_no_image(tmp_path: Path, own: str | None, sent: str) -> None:
    if own is not None:
        (tmp_path / ".dockerignore").write_text(own)
    with build.context(tmp_path / "Dockerfile", "", {}) as archive, tarfile.open(fileobj=archive) as tar:
        file = tar.extractfile(".dockerignore")
        assert file is not None
        assert file.read().decode() == sent


@pytest.mark.parametrize(
    ("pattern", "ignored"),
    [
        ("[^a].txt", "b!^]-"),
        ("[!a].txt", "a!"),
        ("[a!].txt", "a!"),
        ("[^!a].txt", "b^]-"),
        ("[\\^a].txt", "a^"),
        ("[\\]a].txt", "a]"),
        ("[^\\]].txt", "ab!^-"),
        ("[!-b].txt", "ab!^]-"),
        ("[a\\-].txt", "a-"),
        ("[a-b].txt", "ab"),
        ("\\a.txt", "a"),
        ("[!].txt", "!"),
        ("[^^].txt", "ab!]-"),
        ("?.txt", "ab!^]-"),
        ("*\\*", ""),
    ],
)
def test_classes_and_escapes_ignore_what_docker_build_ignores(tmp_path: Path, pattern: str, ignored: str) -> None:
    # what each keeps out is by the rules of Go's path.Match, which Docker's documentation names
    for character in "ab!^]-":
        (tmp_path / f"{character}.txt").touch()
    (tmp_path / "Dockerfile").write_text("FROM x\n")
    (tmp_path / ".dockerignore").write_text(pattern + "\n")
    kept = {name[0] for name in names(tmp_path) if name.endswith(".txt")}
    assert kept == set("ab!^]-") - set(ignored)


def test_the_dockerfile_that_is_sent_has_labels_and_the_file_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM x\n")
    with build.context(tmp_path / "Dockerfile", "FROM x\n", {"a": "1"}) as sent, tarfile.open(fileobj=sent) as tar:
        file = tar.extractfile(build.NAME)
        assert file is not None
        assert file.read() == b'FROM x\nLABEL a="1"\n'
    assert (tmp_path / "Dockerfile").read_text() == "FROM x\n"


def test_more_than_an_engine_should_be_sent_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Dockerfile").write_text("FROM x\n")
    (tmp_path / "large").write_bytes(b"x" * 2000)
    monkeypatch.setattr(build, "MAX_BYTES", 1000)
    with pytest.raises(UsageError, match="too much to send") as caught:
        build.context(tmp_path / "Dockerfile", "", {})
    assert ".dockerignore" in advice_of(caught.value)[0]
    (tmp_path / ".dockerignore").write_text("large\n")
    build.context(tmp_path / "Dockerfile", "", {}).close()


@pytest.mark.parametrize(("name", "said"), [("none", "none does not exist"), (".", "is a folder, not a file")])
def test_what_is_no_file_is_told(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        build.read(tmp_path / name)


def test_a_step_that_failed_is_told_with_the_end_of_what_it_said() -> None:
    said: list[str] = []
    events = [
        {"stream": "Step 1/2 : FROM x\n"},
        {"stream": " ---> 1\n"},
        {"stream": "Step 2/2 : RUN false\n"},
        {"stream": "\x1b[31mno\x1b[0m\n"},
        {"stream": "".join(f"line {number}\n" for number in range(30))},
        {"error": "The command '/bin/sh -c false' returned a non-zero code: 1"},
    ]
    with pytest.raises(StepFailed) as caught:
        build.watch(iter(events), said.append)
    details = dict(caught.value.details)
    assert details["step"] == "RUN false"
    assert details["it said"].splitlines()[-2:] == ["line 29", events[-1]["error"]]
    assert len(details["it said"].splitlines()) == buildkit.EVIDENCE + 1
    assert said[:4] == ["FROM x", " ---> 1", "RUN false", "no"]


def test_a_start_that_can_not_be_had_is_a_failed_pull() -> None:
    events = [
        {"stream": "Step 1/1 : FROM --platform=linux/arm64 x/nope:1 AS a\n"},
        {"error": "pull access denied for x/nope"},
    ]
    with pytest.raises(PullFailed, match="could not pull x/nope:1"):
        build.watch(iter(events), lambda _: None)


def test_a_build_that_ends_well_raises_nothing() -> None:
    build.watch(iter([{"stream": "Step 1/1 : FROM x\n"}, {"aux": {"ID": "sha256:1"}}]), lambda _: None)
