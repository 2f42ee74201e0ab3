"""Loading specs: every problem with its place, and what the values become."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.advised import advice_of

from sandbox.errors import SpecError
from sandbox.specs.extend import attribute
from sandbox.specs.fields import FIELDS
from sandbox.specs.load import LoadedSpec, SpecText, load_document, load_spec
from sandbox.specs.model import Copy, FileCheck, InlineFile, Limits, Mount, Port, PortCheck, RunCheck, Spec, TextMatch

if TYPE_CHECKING:
    from sandbox.specs.shapes import Field

FOLDER = Path("/project")
HOME = Path("/home/me")

WRONG = [
    ("pakages: [x]", "1:1", "pakages", "no such key; did you mean packages?"),
    ("zzz: 1", "1:1", "zzz", "no such key"),
    ("limits: {memory: lots}", "1:18", "limits.memory", 'expected a size such as 512M or 2G, got "lots"'),
    (
        "limits: {memory: 512}",
        "1:18",
        "limits.memory",
        'expected at least 6000000 bytes, got "512"; did you mean 512M?',
    ),
    ("limits: {memory: -1}", "1:18", "limits.memory", 'expected a size such as 512M or 2G, got "-1"'),
    ("limits: {cpu: 2}", "1:10", "limits.cpu", "no such key; did you mean cpus?"),
    ("limits: {cpus: 0}", "1:16", "limits.cpus", 'expected a number of cores such as 1.5, got "0"'),
    ("limits: {pids: 1.5}", "1:16", "limits.pids", 'expected a number of processes such as 200, got "1.5"'),
    ("packages: htop", "1:11", "packages", 'expected a list of package names such as [htop], got "htop"'),
    ("packages: [a b]", "1:12", "packages[0]", 'expected a package name without spaces, got "a b"'),
    ("packages: [x, '']", "1:15", "packages[1]", 'expected a package name without spaces, got ""'),
    ("packages: [x,\n  ]\ndistro:", "3:8", "distro", "expected a distro such as debian or debian:trixie, got nothing"),
    (
        "packages: [--force]",
        "1:12",
        "packages[0]",
        'expected a package name, got "--force", which looks like an option',
    ),
    (f"packages: [{'x' * 201}]", "1:12", "packages[0]", "expected a package name, got 201 characters"),
    ('packages: ["a\\x1b[31m"]', "1:12", "packages[0]", 'expected a package name without spaces, got "a\\x1b[31m"'),
    ("distro: Debian", "1:9", "distro", 'expected a distro such as debian or debian:trixie, got "Debian"'),
    ("network: of", "1:10", "network", 'expected one of default, offline, none, host, got "of"; did you mean offline?'),
    (
        "network: ofline",
        "1:10",
        "network",
        'expected one of default, offline, none, host, got "ofline"; did you mean offline?',
    ),
    ("env: {1A: x}", "1:7", "env.1A", 'expected a variable name such as LANG, got "1A"'),
    ("env: {A: }", "1:10", "env.A", "expected text, got nothing"),
    ("env: [A=b]", "1:6", "env", "expected a mapping of variable names to texts, got a list"),
    ("ports: [99999]", "1:9", "ports[0]", 'expected ports from 1 to 65535, got "99999"'),
    ("ports: [0]", "1:9", "ports[0]", 'expected ports from 1 to 65535, got "0"'),
    ("ports: [1.2.3:1:2]", "1:9", "ports[0]", 'expected an IP address before the ports, got "1.2.3"'),
    ("ports: ['80:81', '80:82']", "1:18", "ports[1]", "conflicts with ports[0]"),
    ("mounts: ['x:/a', 'y:/a/']", "1:18", "mounts[1]", "conflicts with mounts[0]"),
    ("mounts: [x:y]", "1:10", "mounts[0]", 'expected an absolute path, got "y"'),
    ("mounts: ['x:/a/../b']", "1:10", "mounts[0]", 'expected an absolute path without "..", got "/a/../b"'),
    ("mounts: ['x:/']", "1:10", "mounts[0]", "expected a path below /, got /"),
    (
        "mounts: ['x:/y:rx']",
        "1:10",
        "mounts[0]",
        'expected ro, rw, z or Z after "/y", got "rx"; a ":" in a target needs a spec with target:',
    ),
    (
        "mounts: [{source: x, target: /proc/y}]",
        "1:30",
        "mounts[0].target",
        'nothing can be mounted over /proc, got "/proc/y"',
    ),
    ("mounts: ['~you/x:/y']", "1:10", "mounts[0]", 'expected ~/ for your own home, got "~you/x"'),
    ("mounts: [{source: x}]", "1:10", "mounts[0]", "target is missing: an absolute path"),
    ("files: [{path: x, content: y}]", "1:16", "files[0].path", 'expected an absolute path, got "x"'),
    ("files: [{path: /x/, content: y}]", "1:16", "files[0].path", 'expected the path of a file, got "/x/"'),
    (
        "files: [{path: /x, content: y, mode: 888}]",
        "1:38",
        "files[0].mode",
        'expected permissions such as 0644, got "888"',
    ),
    ("files: [{path: /x}]", "1:9", "files[0]", "content is missing: text"),
    ("setup: ['']", "1:9", "setup[0]", "expected a shell command, got nothing"),
    ("command: {a: b}", "1:10", "command", "expected a list of arguments, got a mapping"),
    ("shell: bash -l", "1:8", "shell", 'expected a shell such as bash or /bin/zsh, got "bash -l"'),
    ("checks: [{}]", "1:10", "checks[0]", "expected one of run, file, port"),
    ("checks: [{run: x, port: 1}]", "1:10", "checks[0]", "expected only one of run, file, port"),
    ("checks: [{run: x, exit: 256}]", "1:25", "checks[0].exit", 'expected an exit status from 0 to 255, got "256"'),
    (
        "checks: [{run: x, stdout: y}]",
        "1:27",
        "checks[0].stdout",
        'expected a mapping with one of equals, contains, matches, got "y"',
    ),
    (
        "checks: [{run: x, stderr: {matches: '['}}]",
        "1:37",
        "checks[0].stderr.matches",
        'expected a regular expression, got "[": unterminated character set at position 0',
    ),
    (
        "checks: [{run: x, timeout: soon}]",
        "1:28",
        "checks[0].timeout",
        'expected seconds, or a time such as 30s or 2m, got "soon"',
    ),
    ("checks: [{run: x, timeout: 48h}]", "1:28", "checks[0].timeout", 'expected 0.1 to 86400 seconds, got "48h"'),
    ("checks: [{port: 1, exit: 1}]", "1:20", "checks[0].exit", "no such key"),
    ("extends: x", "1:10", "extends", "standard input can't use extends"),
    ("description: x\ndescription: y", "2:1", "", "duplicate key; the first is on line 1"),
]


def load(text: str) -> LoadedSpec:
    return load_document(SpecText(source="x.yaml", data=text.encode(), folder=FOLDER), home=HOME)


def problems_of(text: str) -> list[tuple[str, str, str]]:
    with pytest.raises(SpecError) as caught:
        load(text)
    return [(f"{found.line}:{found.column}", found.path, found.message) for found in caught.value.problems]


@pytest.mark.parametrize(("text", "place", "path", "message"), WRONG, ids=[row[0][:40] for row in WRONG])
def test_a_wrong_value_says_where_it_is_and_what_was_expected(text: str, place: str, path: str, message: str) -> None:
    assert problems_of(text) == [(place, path, message)]


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a\n", "htop\n"])
def test_a_document_that_is_no_mapping_is_refused(text: str) -> None:
    [(place, path, message)] = problems_of(text)
    assert (place, path) == ("1:1", "")
    assert message.startswith("expected a key and its value, as packages: [curl, jq], got ")


def test_all_problems_come_at_once_in_the_documents_order() -> None:
    text = "distro: X Y\nlimits: {memory: x, pids: y}\ndistro: debian\npackages: ['', -x]\nzzz: 1\n"
    assert [place for place, _, _ in problems_of(text)] == ["1:9", "2:18", "2:27", "3:1", "4:12", "4:16", "5:1"]


def test_the_error_looks_like_the_screen() -> None:
    with pytest.raises(SpecError) as caught:
        load_spec(b"\n\npakages: [x]\n\n\nlimits:\n  memory: lots\n", source="web.yaml")
    assert caught.value.brief == "web.yaml has 2 problems"
    assert caught.value.details == (
        ("web.yaml:3:1", "pakages         no such key; did you mean packages?"),
        ("web.yaml:7:11", 'limits.memory   expected a size such as 512M or 2G, got "lots"'),
    )
    assert advice_of(caught.value) == ("sandbox schema --doc limits",)


def test_every_key_becomes_its_value() -> None:
    found = load("""
description: "  two\\n words "
distro: debian:trixie
packages: [htop, 'jq', htop, 3.20]
setup: echo hi
env: {A: no, B: '', C: 3.20}
files: [{path: /a//b, content: "x\\n", mode: 0600}, {path: /c, content: ''}]
shell: zsh
command: htop --tree
ports: [80, "8080:80", "127.0.0.2:81:81/udp", "[::1]:82:82", "localhost:83:83"]
mounts: ["./d:/d", "~/x:/y:rw", {source: ../z, target: /z/, access: rw, label: Z}]
copies: ["./c:d:/srv/", {source: ~/e, target: /}]
user: 1000:7
shm-size: 1G
limits: {memory: 1.5GiB, cpus: 1.5}
network: offline
checks:
  - {run: x, exit: 3, stdout: {equals: a}, stderr: {matches: ^b}, timeout: 2m, user: nobody}
  - {file: /etc/x, mode: 755, owner: "root:adm"}
  - {port: 80, timeout: 1.5}
""").spec
    assert found == Spec(
        description="two words",
        distro="debian:trixie",
        packages=("htop", "jq", "3.20"),
        setup=("echo hi",),
        env={"A": "no", "B": "", "C": "3.20"},
        files=(InlineFile(path="/a/b", content="x\n", mode=0o600), InlineFile(path="/c", content="")),
        shell="zsh",
        command=("sh", "-c", "htop --tree"),
        ports=(
            Port(container=80, published=80),
            Port(container=80, published=8080),
            Port(container=81, published=81, host="127.0.0.2", protocol="udp"),
            Port(container=82, published=82, host="::1"),
            Port(container=83, published=83),
        ),
        mounts=(
            Mount(source="/project/d", target="/d"),
            Mount(source="/home/me/x", target="/y", read_only=False),
            Mount(source="/z", target="/z", read_only=False, relabel="Z"),
        ),
        copies=(Copy(source="/project/c:d", target="/srv"), Copy(source="/home/me/e", target="/")),
        user="1000:7",
        shm_size=1_000_000_000,
        limits=Limits(memory=1_610_612_736, cpus=1.5, named=("cpus", "memory")),
        network="offline",
        checks=(
            RunCheck(
                run="x",
                exit=3,
                stdout=TextMatch(kind="equals", text="a"),
                stderr=TextMatch(kind="matches", text="^b"),
                timeout=120.0,
                user="nobody",
            ),
            FileCheck(file="/etc/x", mode=0o755, owner="root:adm"),
            PortCheck(port=80, timeout=1.5),
        ),
    )


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("512M", 512_000_000),
        ("2G", 2_000_000_000),
        ("1GiB", 1_073_741_824),
        ("1gb", 1_000_000_000),
        ("7000000", 7_000_000),
        ("1.1G", 1_100_000_000),
        ("64 MiB", 67_108_864),
        ("64Mi", 67_108_864),
    ],
)
def test_sizes_are_powers_of_1000_unless_they_say_i(text: str, size: int) -> None:
    found = load_spec(f"limits: {{memory: {text}}}".encode(), source="x")
    assert found.limits == Limits(memory=size, named=("memory",))


def test_a_list_is_an_argv() -> None:
    assert load("command: [htop, --tree, '']").spec.command == ("htop", "--tree", "")


def test_a_partial_limit_is_filled_up_from_the_defaults() -> None:
    text = SpecText(source="x", data=b"limits: {cpus: 1}", folder=Path())
    found = load_document(text, defaults=Limits(memory=9_000_000, pids=7)).spec
    assert found.limits == Limits(memory=9_000_000, cpus=1.0, pids=7, named=("cpus",))


def test_every_field_of_a_spec_is_a_key() -> None:
    assert {attribute(entry.key) for entry in FIELDS} - {"extends"} == set(Spec.__struct_fields__) - {"name"}


@pytest.mark.parametrize("entry", [entry for entry in FIELDS if entry.key != "extends"], ids=lambda entry: entry.key)
def test_the_example_of_a_key_loads(entry: Field) -> None:
    load(f"{entry.key}: {entry.example}")


words = st.sampled_from([*(entry.key for entry in FIELDS), "run", "path", "content", "memory", "source", "x"])
leaves = st.text(max_size=12) | st.sampled_from(["/a", "80", "1:2", "a:/b", "x" * 300, "~", "debian"])
trees = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4))


@settings(max_examples=40, deadline=2000)
@given(st.dictionaries(words, trees, max_size=6))
def test_no_document_makes_it_raise_anything_but_its_error(tree: dict[str, object]) -> None:
    error = error_of(json.dumps(tree).encode())
    assert error is None or all(problem.message.isprintable() for problem in error.problems)


@settings(max_examples=40, deadline=2000)
@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise_anything_but_its_error(data: bytes) -> None:
    error = error_of(data)
    assert error is None or error.problems


def error_of(data: bytes) -> SpecError | None:
    try:
        load_spec(data, source="x", folder=FOLDER)
    except SpecError as error:
        return error
    return None


def test_a_dockerfile_starts_at_the_folder_of_its_document(tmp_path: Path) -> None:
    assert (
        load_spec(b"dockerfile: ./x/Dockerfile", source="s", folder=tmp_path).dockerfile == f"{tmp_path}/x/Dockerfile"
    )


def test_an_image_and_a_dockerfile_clash() -> None:
    with pytest.raises(SpecError, match="1 problem") as caught:
        load_spec(b"image: x:1\ndockerfile: y\n", source="s")
    assert caught.value.problems[0].line == 2
    assert caught.value.problems[0].message == "conflicts with image"


def test_a_childs_image_takes_the_place_of_its_parents_dockerfile(tmp_path: Path) -> None:
    parent = SpecText(source="parent", data=b"dockerfile: x\n", folder=tmp_path)
    child = SpecText(source="child", data=b"extends: parent\nimage: y:1\n", folder=tmp_path)
    spec = load_document(child, find=lambda _name, _folder: parent).spec
    assert (spec.image, spec.dockerfile) == ("y:1", None)


FORMS = {
    "packages: jq\n": 'packages: expected a list of package names such as [jq], got "jq"',
    "packages: jq, htop\n": 'packages: expected a list of package names such as [jq, htop], got "jq, htop"',
    "packages:\n  -jq\n": 'packages: expected a list of package names, got "-jq"; a space is missing after the dash',
    "packages: {jq: 1}\n": "packages: expected a list of package names, got a mapping",
    "setup: [echo: hi]\n": (
        "setup[0]: expected a shell command, got a mapping; a text with a colon and a space needs quotes"
    ),
    "packages:[jq]\n": (
        ': expected a key and its value, as packages: [curl, jq], got "packages:[jq]";'
        " a space is missing after the colon"
    ),
    "- jq\n": ": expected a key and its value, as packages: [curl, jq], got a list",
    "": ": expected a key and its value, as packages: [curl, jq], got nothing",
}


@pytest.mark.parametrize(("text", "said"), FORMS.items())
def test_a_value_of_another_form_is_told_how_it_is_written(text: str, said: str) -> None:
    with pytest.raises(SpecError) as caught:
        load_spec(text.encode(), source="x")
    assert [f"{row.path}: {row.message}".removeprefix(" ") for row in caught.value.problems] == [said]


def test_numbers_and_words_of_truth_are_text_as_they_are_written() -> None:
    found = load_spec(b"packages: [3.10, yes, 1e3]\nenv: {A: yes, B: 1.10, C: 010}\n", source="x")
    assert (found.packages, found.env) == (("3.10", "yes", "1e3"), {"A": "yes", "B": "1.10", "C": "010"})
