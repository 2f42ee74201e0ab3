"""Files that name packages: each format's lines are taken or said, with their numbers."""

# ruff: noqa: E501 - a sample is easier to read with its lines in one row
from __future__ import annotations

import io
import json
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.fakes.promotions import promotion_for

from sandbox.errors import UsageError
from sandbox.promote.formats.registry import FORMATS
from sandbox.specs.package_files.read import KINDS, MAX_BYTES, read_package_file, reads_input, recognise

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sandbox.specs.package_files.values import PackageFile

FILES: Mapping[str, tuple[str, str, list[tuple[int, str]], list[tuple[int, str]] | list[int]]] = {
    "apt.txt": (
        "names",
        "# tools\r\njq\r\n\r\nhtop curl  # two\r\n-o x\r\n",
        [(2, "jq"), (4, "htop"), (4, "curl")],
        [(5, "-o x")],
    ),
    "selections": (
        "dpkg",
        "jq\t\tinstall\nlibc6:i386\t\tinstall\ncurl\thold\nold\tdeinstall\n",
        [(1, "jq"), (2, "libc6:i386"), (3, "curl")],
        [(4, "old\tdeinstall")],
    ),
    "world": (
        "apk-world",
        "alpine-base\nhtop@edge\njq=1.7-r0 curl>8\n!busybox\n",
        [(1, "alpine-base"), (2, "htop"), (3, "jq=1.7-r0"), (3, "curl")],
        [(4, "!busybox")],
    ),
    "world.txt": (
        "portage-world",
        "app-misc/jq\n=sys-process/htop-3.3.0\ndev-lang/python:3.12\n@kde/set\n",
        [(1, "app-misc/jq"), (2, "sys-process/htop=3.3.0"), (3, "dev-lang/python")],
        [(4, "@kde/set")],
    ),
    "fedora": (
        "dnf",
        "bash-0:5.2.26-3.fc40.x86_64\ngcc-c++-0:14.1-1.fc40.noarch\n",
        [(1, "bash"), (2, "gcc-c++")],
        [],
    ),
    "void": ("xbps", "htop-3.3.0_1\nlibX11-1.8.9_2\n", [(1, "htop"), (2, "libX11")], []),
    "installed": (
        "dpkg-l",
        (
            "Desired=Unknown/Install/Remove/Purge/Hold\n||/ Name  Version  Architecture Description\n+++-====-=====-=====-====\n"
            "ii  jq  1.6-2.1 amd64 a processor\nrc  old:amd64 1.0 amd64 gone\nhi  curl 7.88-1 amd64 a client\n"
        ),
        [(4, "jq"), (6, "curl")],
        [5],
    ),
    "apt-list": (
        "apt-list",
        "Listing... Done\njq/stable,now 1.6-2.1 amd64 [installed]\ncurl/now 7.88-1 amd64 [installed,local]\n",
        [(2, "jq"), (3, "curl")],
        [],
    ),
    "pkglist": ("pacman-q", "htop 3.3.0-1\nlib32-x 1:2.0.r5.gab-2\n", [(1, "htop"), (2, "lib32-x")], []),
    "alpine": ("apk-info", "musl-1.2.4-r2\ngtk+3.0-3.24.1-r0\n", [(1, "musl"), (2, "gtk+3.0")], []),
    "rpm": ("dnf", "bash-5.2.26-3.fc40.x86_64\ntzdata-2024a-1.fc40.noarch\n", [(1, "bash"), (2, "tzdata")], []),
    "Aptfile": (
        "aptfile",
        "jq\n:repo:deb http://example.org x main\nhttp://example.org/x.deb\nlibfoo1 libbar2\n",
        [(1, "jq"), (4, "libfoo1"), (4, "libbar2")],
        [(2, ":repo:deb http://example.org x main"), (3, "http://example.org/x.deb")],
    ),
    "Brewfile": (
        "brewfile",
        'tap "a/b"\nbrew "jq"\nbrew "python@3.12", link: true\ncask "gimp"\nbrew "a/b/c"\nnpm "serve"\nputs "#{x}"\n',
        [(2, "jq"), (3, "python@3.12"), (6, "npm:serve")],
        [(1, 'tap "a/b"'), (4, 'cask "gimp"'), (5, 'brew "a/b/c"'), (7, 'puts "#{x}"')],
    ),
    "requirements-dev.txt": (
        "requirements",
        (
            "\ufeffflask\nrequests[socks] == 2.31.0 \\\n  --hash=sha256:00\n-r other.txt\n-e .\ngit+https://example.org/x.git\n"
            "a @ https://example.org/a.whl\nDjango~=4.2\npywin32==306; sys_platform == 'win32'\n--index-url https://example.org\n./x\n"
        ),
        [(1, "pip:flask"), (2, "pip:requests==2.31.0"), (8, "pip:Django")],
        [4, 5, 6, 7, 9, 10, 11],
    ),
    "pylock.toml": (
        "pylock",
        'lock-version = "1.0"\n[[packages]]\nname = "a"\nversion = "1"\n[[packages]]\nname = "b"\ndirectory = {path="."}\n',
        [(3, "pip:a==1")],
        [(6, "b")],
    ),
    "environment.yml": (
        "environment",
        "name: x\nchannels: [conda-forge]\ndependencies:\n  - numpy=1.2\n  - pip:\n    - flask==3.0\n    - -r x.txt\n",
        [(6, "pip:flask==3.0")],
        [(2, "channels"), (4, "numpy=1.2"), (7, "-r x.txt")],
    ),
    "package.json": (
        "package-json",
        '{"dependencies": {\n"a": "1.2.3",\n"@b/c": "^2",\n"d": "file:../d"},\n"devDependencies": {"e": "*"}}',
        [(2, "npm:a=1.2.3"), (3, "npm:@b/c"), (5, "npm:e")],
        [(4, "d")],
    ),
    "devcontainer.json": (
        "devcontainer",
        (
            '{\n// a comment\n"image": "debian:12",\n"features": {\n"registry.example/x/apt-packages:1": {"packages": "jq, curl"},\n'
            '"registry.example/x/rust:1": {},\n},\n"postCreateCommand": "apt-get install -y htop && pip install flask",\n}'
        ),
        [(5, "jq"), (5, "curl"), (8, "htop"), (8, "pip:flask")],
        [(3, "image"), (6, "registry.example/x/rust:1")],
    ),
    "user-data": (
        "cloud-init",
        "#cloud-config\npackages:\n  - jq\n  - [htop, 3.2.2-2]\n  - apt: [curl]\n    snap: [x]\nruncmd:\n  - reboot\n",
        [(3, "jq"), (4, "htop=3.2.2-2"), (5, "curl")],
        [(6, "snap"), (7, "runcmd")],
    ),
    "site.yml": (
        "ansible",
        (
            "- hosts: all\n  tasks:\n    - name: a\n      ansible.builtin.apt:\n        name:\n          - jq\n          - '{{ x }}'\n"
            "    - block:\n        - apt: name=htop,curl state=present\n        - dnf:\n            name: gone\n            state: absent\n"
            "        - pip:\n            name: flask\n    - shell: apt-get install -y not-this\n"
        ),
        [(6, "jq"), (9, "htop"), (9, "curl"), (14, "pip:flask")],
        [(7, "{{ x }}"), (11, "gone"), (15, "shell: apt-get install -y not-this")],
    ),
    "Containerfile": (
        "dockerfile",
        (
            '# escape=`\nFROM debian\nRUN apt-get update && `\n  # a comment\n\n  apt-get install -y --no-install-recommends -t sid jq "htop" $MORE\n'
            'RUN <<EOF\napk add --no-cache curl\nEOF\nRUN ["pip", "install", "flask==3.0"]\nRUN echo apt-get install nothing\nCOPY . /x\n'
        ),
        [(6, "jq"), (6, "htop"), (8, "curl"), (10, "pip:flask==3.0")],
        [(2, "FROM debian"), (6, "$MORE"), (11, "RUN echo apt-get install nothing"), (12, "COPY . /x")],
    ),
    "web.yaml": (
        "spec",
        "distro: debian:bookworm\npackages: [jq, 'pip:flask']\nports: [80]\n",
        [(2, "jq"), (2, "pip:flask")],
        [(3, "ports")],
    ),
}


def no_input(most: int) -> bytes:
    return b""[:most]


def read(folder: Path, name: str, text: str | bytes, kind: str = "") -> PackageFile:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_package_file(f"{kind}:{name}" if kind else name, folder, no_input)


@pytest.mark.parametrize("name", FILES)
def test_each_line_of_a_file_is_taken_or_said_with_its_number(tmp_path: Path, name: str) -> None:
    kind, text, taken, left = FILES[name]
    found = read(tmp_path, name, text)
    assert found.kind == kind
    assert [(row.line, row.name) for row in found.entries] == taken
    expected = [row if isinstance(row, int) else (row[0], row[1]) for row in left]
    seen = sorted((row.line, row.text) for row in found.not_taken)
    assert [row[0] if isinstance(want, int) else row for row, want in zip(seen, expected, strict=True)] == expected
    assert all(row.reason for row in found.not_taken)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("distro", ["debian", "alpine", "fedora", "gentoo"])
def test_what_promote_writes_is_read(tmp_path: Path, form: str, distro: str) -> None:
    promotion = promotion_for(distro)
    found = read(tmp_path, FORMATS[form].file, FORMATS[form].render(promotion))
    names = {row.name.partition("=")[0] for row in found.entries}
    assert names == {row.ref.full_name for row in promotion.packages}


def test_a_name_that_would_be_an_option_is_never_taken(tmp_path: Path) -> None:
    for kind, text in (
        ("names", "a -o\n"),
        ("aptfile", "a -o\n"),
        ("cloud-init", "packages: ['-o']"),
        ("ansible", "- tasks: [{apt: {name: '-o'}}]"),
        ("spec", "packages: ['-o']"),
        ("dpkg", "-o install"),
    ):
        assert all(not row.name.startswith("-") for row in read(tmp_path, "f", text, kind).entries)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, deadline=None)  # of each of 25 kinds; `make fuzz` goes on for as long as is asked
@given(
    text=st.one_of(
        st.text(max_size=200),
        st.text(alphabet="ab-=:@#[]{}\"'\\\n &*!|>,<./$", max_size=200),
        st.recursive(
            st.none() | st.text(max_size=5), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
        ).map(json.dumps),
    )
)
def test_no_text_makes_a_reader_fail_but_by_a_usage_error(
    tmp_path_factory: pytest.TempPathFactory, kind: str, text: str
) -> None:
    folder = tmp_path_factory.getbasetemp()
    try:
        found = read(folder, "any", text.encode("utf-8", "surrogatepass"), kind)
    except UsageError:
        return
    assert all(row.name and not row.name.startswith("-") for row in found.entries)


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (lambda path: path.write_bytes(b"a" * (MAX_BYTES + 1)), "larger than"),
        (lambda path: path.write_bytes(b"a\0b"), "null byte"),
        (lambda path: path.write_bytes(b"\xff\xfe\xff"), "not a text file in UTF-16"),
        (lambda path: path.write_bytes(b"\x89PNG"), "not a text file in UTF-8"),
        (lambda path: path.mkdir(), "a folder"),
        (lambda path: path.symlink_to("/dev/null"), "not a regular file"),
        (str, "does not exist"),
    ],
    ids=["large", "null", "bytes", "picture", "folder", "device", "none"],
)
def test_what_is_no_list_is_refused_by_name(tmp_path: Path, prepare: object, message: str) -> None:
    assert callable(prepare)
    prepare(tmp_path / "f")
    with pytest.raises(UsageError, match=f"^f .*{message}"):
        read_package_file("f", tmp_path, no_input)


@pytest.mark.parametrize("text", ['//\n""', "/* */ [1]", "{", "{" * 100_000, "// only"])
def test_what_begins_like_json_and_is_no_object_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match=r"f can't be read as devcontainer: \S"):
        read(tmp_path, "f", text)


@pytest.mark.parametrize("kind", ["requirements", "dnf", "xbps", "pacman-q", "apk-info", "apt-list", "dpkg-l", "dpkg"])
@pytest.mark.parametrize(
    "text", ["runc" + "=" * 5000 + "mi: a", "a-1" * 5000 + "!", "a 1" + "1.-_" * 5000 + "!", "a" + "\x1f" * 5000 + ":"]
)
def test_no_line_takes_a_reader_long(tmp_path: Path, kind: str, text: str) -> None:
    assert not read(tmp_path, "f", text, kind).entries


def test_an_alias_that_grows_costs_nothing(tmp_path: Path) -> None:
    rows = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    assert not read(tmp_path, "f", "\n".join(rows), "cloud-init").entries


def test_a_pipe_and_standard_input_are_read_to_their_end(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = os.open(tmp_path / "pipe", os.O_RDWR)
    os.write(writer, b"jq\nhtop\n")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY)
    os.close(writer)
    found = read_package_file(f"/dev/fd/{reader}", tmp_path, no_input)
    os.close(reader)
    assert [row.name for row in found.entries] == ["jq", "htop"]
    assert [row.name for row in read_package_file("-", tmp_path, io.BytesIO(b"curl\n").read).entries] == ["curl"]


@pytest.mark.parametrize(
    ("asked", "message"), [("", "needs a file"), ("names:", "needs a file"), ("nmes:x", "unknown kind nmes")]
)
def test_an_unknown_kind_is_said(tmp_path: Path, asked: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read_package_file(asked, tmp_path, no_input)


def test_a_file_is_recognised_by_what_it_holds() -> None:
    held = {
        kind: text for kind, text, *_ in FILES.values() if kind not in {"aptfile", "apk-world", "names", "brewfile"}
    }
    for kind, text in held.items():
        assert recognise("list", text.removeprefix("\ufeff")) == kind


COMMANDS: Mapping[str, tuple[list[str], list[str]]] = {
    "pip install -r more.txt 'flask[async]>=2' ./x": (["pip:flask"], ["-r more.txt", "./x"]),
    "python3.12 -m pip install jq==1.0": (["pip:jq==1.0"], []),
    "/opt/venv/bin/pip3.11 install --no-cache-dir a -e .": (["pip:a"], ["-e ."]),
    "uv pip install a && uv tool install ruff && pipx install b": (["pip:a", "pip:ruff", "pip:b"], []),
    "sudo xargs -a apt.txt apt-get install -y": ([], ["xargs apt-get"]),
    "sudo -E -u root apt-get install -y jq && sudo echo apt-get install no": (["jq"], []),
    "cat x | xargs apt-get install -y jq": (["jq"], ["xargs apt-get"]),
    "bash -lc 'apt-get update && apt-get install -y jq'": (["jq"], []),
    'sh -c "$SCRIPT"': ([], []),
    "apt-get install -y jq/bookworm-backports curl=7.88.1-10+deb12u5": (["jq", "curl=7.88.1-10+deb12u5"], []),
    "dnf install -y @development-tools jq && dnf groupinstall Tools": (["jq"], ["@development-tools", "groupinstall"]),
    "npm i -g serve@14.0.0 @a/b && yarn add c": (["npm:serve=14.0.0", "npm:@a/b", "npm:c"], []),
    "go install example.org/x/y@latest": (["go:example.org/x/y"], []),
    "apt-get install -y nodejs=18.* $MORE": ([], ["nodejs=18.*", "$MORE"]),
    "pacman -Syu --noconfirm jq && apk add --no-cache -t .dev gcc": (["jq", "gcc"], []),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_an_install_command_gives_its_literal_names_and_says_the_rest(tmp_path: Path, command: str) -> None:
    taken, left = COMMANDS[command]
    found = read(tmp_path, "Dockerfile", f"RUN {command}\n")
    assert [row.name for row in found.entries] == taken
    assert [row.text for row in found.not_taken] == (left if taken or left else [f"RUN {command}"])


def test_a_word_that_names_no_package_is_said(tmp_path: Path) -> None:
    found = read(tmp_path, "f", "jq, * @group a|b @s/c 'q'\n{{ x }}\n${MORE} y\n", "names")
    assert [row.name for row in found.entries] == ["@s/c"]
    assert [row.text for row in found.not_taken] == ["jq,", "*", "@group", "a|b", "'q'", "{{ x }}", "${MORE} y"]


def test_a_comment_never_goes_on(tmp_path: Path) -> None:
    found = read(tmp_path, "requirements.txt", "# a \\\nflask\nb \\\n# c \\\nd\n")
    assert [row.name for row in found.entries] == ["pip:flask", "pip:b", "pip:d"]


def test_a_loop_of_literal_names_is_taken(tmp_path: Path) -> None:
    text = (
        "- hosts: all\n  tasks:\n    - apt: name={{ item }} state=present\n      with_items: [jq, '{{ x }}']\n"
        "    - apt: {name: '{{item}}'}\n      loop:\n        - htop\n    - apt: pkg={{ all }}\n  roles: [web]\n"
    )
    found = read(tmp_path, "site.yml", text)
    assert [(row.line, row.name) for row in found.entries] == [(4, "jq"), (7, "htop")]
    assert [(row.line, row.text) for row in found.not_taken] == [(4, "{{ x }}"), (8, "{{ all }}"), (9, "roles")]


def test_a_formula_under_a_condition_is_ruby_and_homebrews_own_repository_is_known(tmp_path: Path) -> None:
    text = "brew 'homebrew/core/jq'\nbrew 'a' if OS.mac?\nbrew 'b', link: true unless OS.linux?\nbrew 'x/y'\n"
    found = read(tmp_path, "Brewfile", text)
    assert [row.name for row in found.entries] == ["jq"]
    assert [row.line for row in found.not_taken] == [2, 3, 4]


@pytest.mark.parametrize(
    "head", ["#cloud-config", "## template: jinja\n#cloud-config", "# cloud-config", "\n#cloud-config "]
)
def test_a_cloud_config_is_recognised_by_its_first_lines(head: str) -> None:
    assert recognise("list", f"{head}\npackages: [jq]\n") == "cloud-init"


@pytest.mark.parametrize(
    ("word", "reads"), [("-", True), ("dpkg:-", True), ("a-", False), ("./-", False), ("dpkg:list", False)]
)
def test_standard_input_is_named_alone_or_behind_a_kind(word: str, reads: bool) -> None:
    assert reads_input(word) is reads


@pytest.mark.parametrize(
    ("name", "text", "next_step"),
    [
        ("pyproject.toml", '[project]\nname = "x"\n', "sandbox try pip:NAME"),
        ("Cargo.toml", "[dependencies]\nserde = 1\n", "sandbox try cargo:NAME"),
        ("go.mod", "module x\n\nrequire github.com/x/y v1.0.0\n", "sandbox try go:NAME"),
        ("Gemfile", 'gem "rake"\n', "sandbox try gem:NAME"),
        (".tool-versions", "python 3.11\n", ""),
    ],
)
def test_a_known_file_of_no_kind_is_no_list_of_names(tmp_path: Path, name: str, text: str, next_step: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match=f"does not know the format of {name}") as caught:
        read_package_file(name, tmp_path, lambda _: b"")
    assert "requirements" in dict(caught.value.details)["kinds"]
    assert [hint.line for hint in caught.value.hints] == [next_step] * bool(next_step)
    assert read_package_file(f"names:{name}", tmp_path, lambda _: b"").kind == "names"
