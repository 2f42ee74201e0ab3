"""Literal commands of a shell that install packages: which they name. Nothing is run, and nothing is expanded.

The shell is read by tree-sitter's grammar of bash, as `RUN` of a Dockerfile needs: here-documents and words in quotes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from sandbox.core.python_packages import install_argv
from sandbox.errors import Advice, UsageError
from sandbox.specs.package_files.python_files import requirement
from sandbox.specs.package_files.values import Family, Found, NotTaken, entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


Word: TypeAlias = "tuple[Any, str | None]"
"""A node of the grammar, and the word without its quotes; None where something in it has to be expanded."""


class Command(Struct, frozen=True):
    """How a package manager is asked to install: its verbs, its options that take a word, and what its names are."""

    verbs: frozenset[str]
    valued: frozenset[str] = frozenset()
    prefix: str = ""
    family: Family = ""
    has_releases: bool = False
    """Whether a word may be NAME/RELEASE."""


def _command(verbs: str, valued: str = "", *, prefix: str = "", family: Family = "") -> Command:
    return Command(frozenset(verbs.split()), frozenset(valued.split()), prefix, family)


_APT: Final = replace(
    _command("install", "-t --target-release -o --option -c --config-file -a --host-architecture", family="debian"),
    has_releases=True,
)
_DNF: Final = _command(
    "install",
    "-c --config --enablerepo --disablerepo --repo --repoid --releasever --setopt -x --exclude --installroot",
    family="fedora",
)
_PIP: Final = _command(
    "install",
    "-r -c -e -i -f --index-url --extra-index-url --find-links --target -t --prefix --root --requirement --constraint"
    " --trusted-host --timeout --retries --progress-bar",
    prefix="pip:",
)
COMMANDS: Final[dict[str, Command]] = {
    **dict.fromkeys(("apt-get", "apt", "aptitude", "nala"), _APT),
    **dict.fromkeys(("dnf", "yum", "microdnf", "tdnf", "dnf5"), _DNF),
    "pip": _PIP,
    "pipx": _command("install", "--python --index-url -i --pip-args --suffix", prefix="pip:"),
    "apk": _command(
        "add", "-t --virtual -X --repository -p --root --keys-dir --repositories-file --arch", family="alpine"
    ),
    "zypper": _command("install in", "-r --repo --from --root -t --type"),
    "pacman": _command("-S -Sy -Syu -Syy -Syyu", "-r --root -b --dbpath --config --cachedir", family="arch"),
    "emerge": _command("", "-j --jobs --with-bdeps --keep-going", family="gentoo"),
    "xbps-install": _command("", "-r -R -C -c --repository --rootdir --config --cachedir", family="void"),
    "brew": _command("install", family="brew"),
    "npm": _command("install i add", "--prefix --registry", prefix="npm:"),
    **dict.fromkeys(("yarn", "pnpm"), _command("add", "--dir -C --filter --registry", prefix="npm:")),
    "go": _command("install", "-ldflags -tags -mod -p", prefix="go:"),
    "gem": _command("install", "-v --version -s --source -i --install-dir -n --bindir", prefix="gem:"),
    "cargo": _command(
        "install", "--version --vers --git --path --root --index --registry -j --features", prefix="cargo:"
    ),
    "luarocks": _command("install", "--tree --server --local", prefix="luarocks:"),
}
_WRAPPERS: Final = frozenset({"sudo", "env", "exec", "command", "eatmydata", "nice", "time", "doas", "xargs"})
_SHELLS: Final = frozenset({"sh", "bash", "dash", "ash", "zsh"})
_GROUPS: Final = frozenset({"groupinstall", "group", "build-dep", "localinstall"})
_FILES: Final = frozenset({"-r", "--requirement", "-c", "--constraint", "-e", "--editable"})
"""Options of pip that name a file or a folder to install from."""
_PLACE: Final = "a file can't add a package from an address or a path"


def named_packages(script: str, first_line: int = 1) -> Iterator[Found]:
    """Yield what the script's install commands name, each with the line it stands in, counted from `first_line`.

    Raise UsageError where the extra that reads shell is not installed.
    """
    parser = _parser()
    tree = parser.parse(script.encode())
    for node in _commands(tree.root_node):
        words = [(child, _literal(child)) for child in node.named_children if child.type != "file_redirect"]
        yield from _install(words, first_line)


def _parser() -> Any:
    try:
        import tree_sitter_bash
        from tree_sitter import Language, Parser
    except ImportError:
        message = "sandbox needs the Python package tree-sitter to read shell commands in a file"
        raise UsageError(message, hints=[Advice.program(*install_argv("tree-sitter", "tree-sitter-bash"))]) from None
    return Parser(Language(tree_sitter_bash.language()))


def _commands(node: Any) -> Iterator[Any]:
    stack = [node]
    while stack:
        current = stack.pop()
        if current.type == "command":
            yield current
        stack.extend(reversed(current.named_children))


def _literal(node: Any) -> str | None:
    """Return the word without its quotes; None where something in it has to be expanded."""
    text: str = node.text.decode("utf-8", "replace")
    if node.type in {"command_name", "concatenation"}:
        parts = [_literal(child) for child in node.named_children]
        return None if not parts or None in parts else "".join(part or "" for part in parts)
    if node.type in {"word", "number"}:
        return None if any(sign in text for sign in "*?[{~`$") else text.replace("\\\n", "").replace("\\", "")
    if node.type == "raw_string":
        return text[1:-1]
    if node.type == "string":
        return None if any(child.type != "string_content" for child in node.named_children) else text[1:-1]
    return None


def _install(words: Sequence[Word], first_line: int) -> Iterator[Found]:
    rest, is_fed = _behind_wrappers([word for word in words if word[0].type != "variable_assignment"])
    program, rest = _program(rest)
    texts = [text for _, text in rest]
    if program in _SHELLS and re.fullmatch("-[a-z]*c", (texts[1:2] or [""])[0] or ""):
        for script in texts[2:3]:
            yield from named_packages(script or "", rest[0][0].start_point[0] + first_line)
    known = COMMANDS.get(program)
    if known is None:
        return
    if is_fed and known.verbs.intersection(filter(None, texts)):
        line = rest[0][0].start_point[0] + first_line
        yield NotTaken(text=f"xargs {program}", line=line, reason="sandbox does not read other files")
    yield from _arguments(rest[1:], known, first_line)


def _behind_wrappers(rest: Sequence[Word]) -> tuple[Sequence[Word], bool]:
    """Return the words behind sudo and its like, with their options, and whether xargs is one of them."""
    is_fed, is_option = False, False
    while rest:
        word = rest[0][1] or ""
        is_value = is_option and word.rpartition("/")[2] not in COMMANDS
        if not (word in _WRAPPERS or word.startswith("-") or "=" in word or is_value):
            break
        is_fed, is_option = is_fed or word == "xargs", word.startswith("-")
        rest = rest[1:]
    return rest, is_fed


def _program(rest: Sequence[Word]) -> tuple[str, Sequence[Word]]:
    """Return the program without its folder and version, and the words from the last one of its name on."""
    program = (rest[0][1] or "").rpartition("/")[2] if rest else ""
    texts = [text for _, text in rest]
    if re.fullmatch(r"python[\d.]*", program) and texts[1:3] == ["-m", "pip"]:
        return "pip", rest[2:]
    if program == "uv" and texts[1:2] == ["pip"]:
        return "pip", rest[1:]
    if program == "uv" and texts[1:3] == ["tool", "install"]:
        return "pipx", rest[1:]
    return ("pip" if re.fullmatch(r"pip[\d.]*", program) else program), rest


def _arguments(rest: Sequence[Word], known: Command, first_line: int) -> Iterator[Found]:
    is_install, option = not known.verbs, ""
    for node, text in rest:
        if option:
            yield from _option_value(option, node, known, first_line) if is_install else ()
            option = ""
        elif text is not None and text.startswith("-") and text not in known.verbs:
            option = text if text in known.valued else ""
        elif is_install:
            yield _package(node, text, known, node.start_point[0] + first_line)
        elif text in known.verbs:
            is_install = True
        elif text is not None:
            if text in _GROUPS:
                yield NotTaken(text=text, line=node.start_point[0] + first_line, reason="it is a group of packages")
            return


def _option_value(option: str, node: Any, known: Command, first_line: int) -> Iterator[Found]:
    """Yield that a file or a folder behind an option of pip is not read."""
    if option in _FILES and known.prefix == "pip:":
        said = f"{option} {node.text.decode('utf-8', 'replace')}"
        yield NotTaken(text=said, line=node.start_point[0] + first_line, reason="sandbox does not read other files")


def _package(node: Any, text: str | None, known: Command, line: int) -> Found:
    if text is None:
        return NotTaken(text=node.text.decode("utf-8", "replace"), line=line, reason="only a shell can expand it")
    if "://" in text or text.startswith(("/", ".", "git+")):
        return NotTaken(text=text, line=line, reason=_PLACE)
    if known.prefix == "pip:":
        return requirement(text, line)
    return _reference(text, known, line)


def _reference(text: str, known: Command, line: int) -> Found:
    if known.prefix in {"npm:", "go:"} and "@" in text[1:]:
        name, _, version = text.rpartition("@")
        return entry(f"{known.prefix}{name}" if version == "latest" else f"{known.prefix}{name}={version}", line)
    if known.has_releases and "/" in text:
        name, _, release = text.partition("/")
        return entry(name, line, known.family, f"of {release}")
    return entry(known.prefix + text, line, known.family)
