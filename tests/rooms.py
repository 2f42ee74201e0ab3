"""The rooms of src/sandbox (its folders, and the modules beside them), and which imports which: `make rooms`."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT: Final = Path(__file__).parents[1]
SRC: Final = ROOT / "src"

_INSTALLED: Final = "core specs managers distros engine lifecycle container provision inspect"
MAY_IMPORT: Final[Mapping[str, str]] = {
    "errors": "",
    "core": "",
    "specs": "core",
    "managers": "core",
    "distros": "core specs managers",
    "engine": "core specs",
    "lifecycle": "core managers engine",
    "container": "core managers engine lifecycle",
    "provision": "core specs managers distros engine lifecycle container",
    "inspect": "core specs managers distros engine lifecycle container provision",
    "promote": _INSTALLED,
    "trials": _INSTALLED,
    "screens": "core engine lifecycle container provision",
    "report": "core specs lifecycle provision inspect trials",
    "commands": f"{_INSTALLED} promote trials screens report",
    "api": f"{_INSTALLED} promote report commands",
    "cli": f"{_INSTALLED} promote trials report commands",
    "__main__": "cli",
}
"""The rooms from the ground up, and what each may import beside itself and errors; what is new here stands higher."""


@cache
def trees() -> dict[Path, ast.Module]:
    """Return every module of src with its syntax tree."""
    return {path: ast.parse(path.read_text()) for path in sorted(SRC.rglob("*.py"))}


@cache
def nodes(tree: ast.Module) -> tuple[ast.AST, ...]:
    """Return all nodes of a tree: to walk over all modules takes half a second, and a dozen tests look at them."""
    return tuple(ast.walk(tree))


def module_of(path: Path) -> str:
    """Return the dotted name of a module's file."""
    return ".".join(path.relative_to(SRC).with_suffix("").parts).removesuffix(".__init__")


@cache
def modules() -> frozenset[str]:
    """Return the dotted names of all modules."""
    return frozenset(module_of(path) for path in trees())


@cache
def imported(tree: ast.Module) -> frozenset[str]:
    """Return the modules that a file imports, anywhere in it, for types too."""
    return frozenset(_imported(tree))


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in modules() else str(node.module) for name in inner)


def imports() -> dict[str, set[str]]:
    """Return which modules of ours each of them imports."""
    return {module_of(path): {name for name in imported(tree) if name in modules()} for path, tree in trees().items()}


def room_of(module: str) -> str:
    """Return the room of a module; empty for the package itself, which has the version alone."""
    return module.partition(".")[2].partition(".")[0]


def arrows() -> set[tuple[str, str]]:
    """Return the pairs of rooms of which the first imports from the second."""
    pairs = {(room_of(module), room_of(name)) for module, names in imports().items() for name in names}
    return {(room, other) for room, other in pairs if room != other and other}


def main() -> None:
    """Print each room with what it imports, and how many rooms and arrows there are."""
    found = arrows()
    for room in MAY_IMPORT:
        print(f"{room:<10} {' '.join(other for other in MAY_IMPORT if (room, other) in found)}".rstrip())
    print(f"{len({room_of(name) for name in modules()} - {''})} rooms, {len(found)} arrows")


if __name__ == "__main__":
    main()
