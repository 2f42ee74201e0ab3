"""What people describe machines with: cloud-init's user data, Ansible's playbooks, devcontainer.json, package.json.

Sources: cloud-init's reference of `packages`; Ansible's modules for packages; the reference of devcontainer.json at
containers.dev; https://docs.npmjs.com/cli/configuring-npm/package-json. No template, command or feature is ever run.
"""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from sandbox.core.yaml_nodes import items, line_of, pairs, root, text_of
from sandbox.specs.package_files.install_commands import named_packages
from sandbox.specs.package_files.values import Family, Found, NotTaken, entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.core.yaml_nodes import Node, ScalarNode

_MODULES: Final[dict[str, tuple[str, Family]]] = {
    "apt": ("", "debian"),
    "package": ("", ""),
    "dnf": ("", "fedora"),
    "dnf5": ("", "fedora"),
    "yum": ("", "fedora"),
    "apk": ("", "alpine"),
    "pacman": ("", "arch"),
    "portage": ("", "gentoo"),
    "xbps": ("", "void"),
    "homebrew": ("", "brew"),
    "zypper": ("", ""),
    "pip": ("pip:", ""),
    "npm": ("npm:", ""),
    "gem": ("gem:", ""),
    "cargo": ("cargo:", ""),
}
_SLASHES: Final = ("gentoo",)
"""Families whose names of packages have a slash."""
_OF_CLOUD: Final[dict[str, Family]] = {"apt": "debian"}
_NAMES: Final = ("name", "pkg", "package", "packages")
_BLOCKS: Final = ("tasks", "pre_tasks", "post_tasks", "handlers", "block", "rescue", "always")
_LOOPS: Final = ("with_items", "loop", "with_flattened")
_FREE: Final = re.compile(r"""(\w+)=("[^"]*"|'[^']*'|\{\{.*?\}\}\S*|\S+)""")
_ITEM: Final = re.compile(r"""["']?\{\{\s*item\s*\}\}["']?""")
_NOT_DONE: Final = {
    **dict.fromkeys(("shell", "command", "raw", "script", "make", "expect"), "sandbox runs no task of a playbook"),
    **dict.fromkeys(
        ("apt_repository", "deb822_repository", "yum_repository", "zypper_repository", "homebrew_tap"),
        "a file can't add a repository",
    ),
    **dict.fromkeys(
        ("roles", "include_role", "import_role", "include", "include_tasks", "import_tasks"),
        "sandbox does not read other files",
    ),
    **dict.fromkeys(("import_playbook", "vars_files", "include_vars"), "sandbox does not read other files"),
    **dict.fromkeys(("snap", "flatpak", "pipx", "mas", "homebrew_cask", "win_chocolatey"), "not a package of a distro"),
}
"""Tasks that may install something, or name files that do: why none is done."""
_EXACT: Final = re.compile(r"[v=]?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)")


def parse_cloud_init(text: str) -> Iterator[Found]:
    """Yield what `packages` of a cloud-config names; its commands, sources and files are never used."""
    for key, value in pairs(root(text)):
        if key.value == "autoinstall":
            yield from _cloud_keys(value)
        else:
            yield from _cloud_key(key, value)


def _cloud_keys(node: Node) -> Iterator[Found]:
    for key, value in pairs(node):
        yield from _cloud_key(key, value)


def _cloud_key(key: ScalarNode, value: Node) -> Iterator[Found]:
    if key.value == "packages":
        for item in items(value):
            yield from _cloud_item(item, "")
    else:
        yield NotTaken(text=key.value, line=line_of(key), reason="sandbox takes only the packages of a cloud-config")


def _cloud_item(item: Node, family: Family) -> Iterator[Found]:
    said, words = text_of(item), [text_of(node) or "" for node in items(item)]
    if said is not None:
        yield entry(said, line_of(item), family)
    elif words and all(words):
        name, *version = words
        yield entry("=".join([name, *version[:1]]), line_of(item), family)
    for manager, inner in pairs(item):
        if of_manager := _OF_CLOUD.get(manager.value):
            for node in items(inner):
                yield from _cloud_item(node, of_manager)
        else:
            yield NotTaken(text=manager.value, line=line_of(manager), reason="sandbox takes only the distro's packages")


def parse_ansible(text: str) -> Iterator[Found]:
    """Yield the literal names that tasks of a playbook install; what a template would give is not taken."""
    seen: set[int] = set()

    def walk(node: Node | None) -> Iterator[Found]:
        for play in items(node):
            if id(play) in seen:
                continue
            seen.add(id(play))
            keys = {key.value: value for key, value in pairs(play)}
            loop = next((keys[name] for name in _LOOPS if name in keys), None)
            for key, value in pairs(play):
                module = key.value.rpartition(".")[2]
                if key.value in _BLOCKS:
                    yield from walk(value)
                elif module in _MODULES:
                    yield from _task(key, value, loop)
                elif reason := _NOT_DONE.get(module):
                    said = text_of(value)
                    shown = f"{module}: {said.splitlines()[0]}" if said else module
                    yield NotTaken(text=shown, line=line_of(key), reason=reason)

    yield from walk(root(text))


def _task(key: ScalarNode, value: Node, loop: Node | None) -> Iterator[Found]:
    prefix, family = _MODULES[key.value.rpartition(".")[2]]
    options = {name.value: node for name, node in pairs(value)}
    free = {name: said.strip("\"'") for name, said in _FREE.findall(text_of(value) or "")}
    state = text_of(options.get("state")) or free.get("state", "present")
    node = next((options[name] for name in _NAMES if name in options), None)
    said = text_of(node) if node is not None else next((free[name] for name in _NAMES if name in free), None)
    rows = [(text_of(item), line_of(item)) for item in items(node)] or [(said, line_of(node or key))]
    if loop is not None and items(loop) and said is not None and _ITEM.fullmatch(said.strip()):
        rows = [(text_of(item) or "", line_of(item)) for item in items(loop)]
    for text, line in rows:
        for name in (text or "").split(","):
            if not name.strip():
                continue
            if "{{" in name or "{%" in name:
                yield NotTaken(text=name.strip(), line=line, reason="only Ansible can expand a template")
            elif state in {"absent", "removed"}:
                yield NotTaken(text=name.strip(), line=line, reason="the task removes it")
            elif "/" in name and not (prefix or family in _SLASHES):
                yield NotTaken(
                    text=name.strip(), line=line, reason="a file can't add a package from an address or a path"
                )
            else:
                yield entry(prefix + name.strip(), line, family)


def parse_devcontainer(text: str) -> Iterator[Found]:
    """Yield what the feature apt-packages and literal install commands name; all else is not taken."""
    value = json_with_comments(text)
    for key, inner in value.items():
        line = _line_of(text, f'"{key}"')
        if key == "features" and isinstance(inner, dict):
            yield from _features(inner, text)
        elif key.endswith("Command"):
            yield from _command(inner, line)
        elif key in {"image", "build", "dockerFile", "dockerComposeFile", "mounts", "runArgs", "initializeCommand"}:
            yield NotTaken(text=key, line=line, reason="sandbox takes only the packages of a devcontainer")


def _features(features: dict[str, Any], text: str) -> Iterator[Found]:
    for feature, options in features.items():
        line = _line_of(text, f'"{feature}"')
        packages = options.get("packages") if isinstance(options, dict) else None
        if re.search(r"/apt-(get-)?packages(:|$)", feature) and isinstance(packages, str):
            yield from (entry(name, line, "debian") for name in re.split(r"[\s,]+", packages) if name)
        else:
            yield NotTaken(text=feature, line=line, reason="a feature is a program, which sandbox does not run")


def _command(command: object, line: int) -> Iterator[Found]:
    texts = command.values() if isinstance(command, dict) else [command]
    for said in texts:
        script = shlex.join(map(str, said)) if isinstance(said, list) else str(said)
        found = tuple(named_packages(script))
        for row in found:
            yield replace(row, line=line)
        if not found and script.strip():
            yield NotTaken(text=script, line=line, reason="it names no package, and sandbox does not run it")


def parse_package_json(text: str) -> Iterator[Found]:
    """Yield the dependencies of a package.json as `npm:NAME`, with a version where it is exact."""
    value = json.loads(text)
    for group in ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies"):
        found = value.get(group)
        start = max(text.find(f'"{group}"'), 0)
        for name, wanted in found.items() if isinstance(found, dict) else ():
            line = _line_of(text, json.dumps(name), start)
            if not isinstance(wanted, str) or re.match(
                r"(?:npm|file|link|workspace|git[+a-z]*|https?|[\w-]+/)[:/]?", wanted
            ):
                yield NotTaken(text=name, line=line, reason="a file can't add a package from an address or a path")
            elif exact := _EXACT.fullmatch(wanted):
                yield entry(f"npm:{name}={exact[1]}", line)
            else:
                yield entry(f"npm:{name}", line, note="" if wanted in {"*", "", "latest"} else wanted)


def json_with_comments(text: str) -> dict[str, Any]:
    """Return the object of a JSON text that may have comments and commas at the end; raise ValueError."""
    kept = re.sub(
        r'("(?:\\.|[^"\\\n])*")|//[^\n]*|/\*.*?\*/',
        lambda found: found[1] or re.sub(r"[^\n]", " ", found[0]),
        text,
        flags=re.DOTALL,
    )
    kept = re.sub(r'("(?:\\.|[^"\\\n])*")|,(?=\s*[}\]])', lambda found: found[1] or " ", kept)
    value = json.loads(kept)
    if not isinstance(value, dict):
        raise TypeError("it is not a JSON object")
    return value


def _line_of(text: str, words: str, start: int = 0) -> int:
    return text[: max(text.find(words, start), start)].count("\n") + 1
