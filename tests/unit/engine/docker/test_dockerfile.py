"""A Dockerfile's instructions, and what of them needs BuildKit."""

from __future__ import annotations

import pytest

from sandbox.engine.docker.dockerfile import (
    NeedsBuildKit,
    add_labels,
    directives,
    frontend,
    image_names,
    instructions,
    needs_buildkit,
    needs_newer_buildkit,
    platform_arguments,
)


def rows(text: str) -> list[tuple[str, str, int, int]]:
    return [(found.name, found.rest, found.first, found.last) for found in instructions(text)]


def test_an_instruction_has_its_first_and_its_last_line() -> None:
    text = "# why\n\nfrom x \\\n# not this\n\n  AS a\nRUN one && \\\n two\n"
    assert rows(text) == [("FROM", "x AS a", 3, 6), ("RUN", "one && two", 7, 8)]
    assert rows("FROM x \\") == [("FROM", "x", 1, 1)]
    assert rows("") == []


def test_a_here_document_is_of_its_instruction() -> None:
    text = 'FROM x\nRUN <<EOF\nFROM y\nEOF\nCOPY <<-"A" <<B /to/\n\tFROM z\n\tA\nFROM w\nB\nFROM v\n'
    assert [(name, first, last) for name, _, first, last in rows(text)] == [
        ("FROM", 1, 1),
        ("RUN", 2, 4),
        ("COPY", 5, 9),
        ("FROM", 10, 10),
    ]
    assert [line for line in add_labels(text, {"a": "1"}).splitlines() if "LABEL" in line or "FROM" in line] == [
        *("FROM x", 'LABEL a="1"', "FROM y", "\tFROM z", "FROM w", "FROM v", 'LABEL a="1"'),
    ]


@pytest.mark.parametrize("text", ["RUN echo $((1<<2))", "RUN python -c '1 << two'", "ENV a=<<EOF", "RUN a <<<word"])
def test_what_is_no_here_document(text: str) -> None:
    assert [found.has_here for found in instructions(f"{text}\nUSER x\n")] == [False, False]


NEEDED = {
    "# syntax=example.com/other:1\nFROM x\n": NeedsBuildKit(words="# syntax=example.com/other:1", line=1),
    "# escape=`\n# syntax = example.com/other\nFROM x\n": NeedsBuildKit(words="# syntax=example.com/other", line=2),
    "FROM x\n\nRUN <<EOF\ntrue\nEOF\n": NeedsBuildKit(words="a here-document of RUN", line=3),
    "FROM x\nRUN --mount=type=cache,target=/x true\n": NeedsBuildKit(words="RUN --mount", line=2),
    "FROM x\nCOPY --from=x --chmod=755 a b\n": NeedsBuildKit(words="COPY --chmod", line=2),
    "FROM x\nCOPY --link a b\n": NeedsBuildKit(words="COPY --link", line=2),
    "FROM x\nADD --checksum=sha256:1 a b\n": NeedsBuildKit(words="ADD --checksum", line=2),
}


@pytest.mark.parametrize("text", NEEDED)
def test_what_needs_buildkit_is_named_with_its_line(text: str) -> None:
    assert needs_buildkit(text) == NEEDED[text]


@pytest.mark.parametrize(
    "text",
    [
        "# syntax=docker/dockerfile:1\nFROM x\n",
        "# syntax=docker/dockerfile-upstream:master\nFROM x\n",
        "FROM --platform=linux/arm64 x\nRUN tool --mount a\nCOPY --from=x --chown=1:1 a b\n",
        "FROM x\n# syntax=example.com/other\n",
        "HEALTHCHECK --interval=5s CMD true\n",
    ],
)
def test_what_every_builder_does_is_let_through(text: str) -> None:
    assert needs_buildkit(text) is None


def test_an_unknown_directive_ends_none() -> None:
    assert directives("# check=skip=all\n# escape=`\nFROM x\n")["escape"] == "`"


def test_directives_end_with_the_first_line_that_is_none() -> None:
    assert directives("# syntax=a\n# escape=`\n\n# escape=x\n") == {"syntax": "a", "escape": "`"}


@pytest.mark.parametrize(
    "text",
    [
        "# syntax=evil/reader:1\nFROM x\n",
        "#syntax = evil/reader:1\nFROM x\n",
        "# SYNTAX=evil/reader:1\nFROM x\n",
        "# check=skip=all\n# syntax=evil/reader:1\nFROM x\n",
        "\ufeff# syntax=evil/reader:1\nFROM x\n",
        "#!/usr/bin/env build\n# syntax=evil/reader:1\nFROM x\n",
        "// syntax=evil/reader:1\n{}\n",
        "// why\n// syntax=evil/reader:1\n",
        '{"syntax": "evil/reader:1"}\n',
        '\n{"syntax": "evil/reader:1"} more',
    ],
)
def test_another_reader_is_seen_in_every_form_that_buildkit_takes(text: str) -> None:
    assert frontend(text) == "evil/reader:1"
    assert needs_buildkit(text) is not None


@pytest.mark.parametrize(
    "text",
    ["", "FROM x\n", "FROM x\n# syntax=evil/reader\n", "# syntax=docker/dockerfile:1.7\n", "{", "{[", "[]"],
)
def test_buildkits_own_reader_is_none(text: str) -> None:
    assert frontend(text) == ""


def test_an_old_buildkit_reads_here_documents_by_the_line_that_names_a_newer_reader_alone() -> None:
    here = "FROM x\nRUN <<EOF\ntrue\nEOF\n"
    assert needs_newer_buildkit(here) == NeedsBuildKit(words="a here-document of RUN", line=2)
    assert needs_newer_buildkit(f"# syntax=docker/dockerfile:1\n{here}") is None
    assert needs_newer_buildkit("FROM x\nRUN --mount=type=cache,target=/x true\nCOPY --chmod=755 a b\n") is None


def test_the_images_that_a_dockerfile_names_are_known_with_the_defaults_of_its_arguments() -> None:
    text = (
        "ARG REG=one.example\nARG TAG\nFROM --platform=$BUILDPLATFORM ${REG}/a:${TAG:-1} AS base\nARG REG=no.example\n"
        "FROM base\nCOPY --from=two.example/b --chown=1 x y\nCOPY --from=base x y\nCOPY --from=0 x y\n"
        "RUN --mount=type=bind,from=three.example/c,target=/c true\nFROM scratch\nFROM $UNKNOWN\n"
    )
    assert image_names(text) == ("one.example/a:1", "two.example/b", "three.example/c")


def test_the_platforms_that_are_declared_are_given() -> None:
    text = "ARG BUILDPLATFORM\nFROM x\nARG TARGETARCH TARGETVARIANT=v6\nARG OTHER\n"
    given = platform_arguments(text, target="linux/arm64", build="linux/amd64")
    assert given == {"BUILDPLATFORM": "linux/amd64", "TARGETARCH": "arm64"}
    assert platform_arguments("FROM x", target="linux/arm/v7", build="linux/amd64") == {}
    assert platform_arguments("ARG TARGETVARIANT", target="linux/arm/v7", build="x") == {"TARGETVARIANT": "v7"}
