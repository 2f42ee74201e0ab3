"""The cut of src: which room may import which, who alone imports what, and how large things may get."""

from __future__ import annotations

import ast
import statistics
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from sandbox.distros.table import DISTROS
from sandbox.managers import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT: Final = Path(__file__).parents[2]
SRC: Final = ROOT / "src"

ALLOWED: Final[Mapping[str, str]] = {
    # the bottom: values and texts
    "": "",
    "errors": "",
    "plaintext": "",
    "quantities": "",
    "names": "",
    "paths": "",
    "signals": "",
    "foreground": "",
    "statefile": "",
    "task": "signals",
    "yamltext": "",
    "labels": "",
    "lives": "",
    "trust": "",
    "proof": "",
    "services": "",
    "archives": "",
    "scratch": "",
    "identity": "labels",
    "journal": "managers proof statefile",
    "pulled": "statefile",
    "scriptfile": "statefile",
    # what is wanted, where, and by which manager
    "spec": "paths yamltext",
    "settings": "spec",
    "settings_load": "paths settings settings_table",
    "settings_table": "paths settings spec",
    "distros": "managers paths plaintext spec yamltext",
    "managers": "",
    "preflight": "distros managers plaintext",
    "promotions": "distros managers plaintext proof quantities yamltext",
    "grants": "quantities spec",
    "bundle": "engine.base",
    "timetravel": "distros managers",
    "steps": "distros managers spec",
    "plan": "distros managers spec steps timetravel",
    # the engine
    "engine.jobs": "spec",
    "engine.references": "",
    "engine.base": "engine.jobs spec",
    "engine.frames": "engine.base",
    "engine.pump": "engine.base engine.frames foreground",
    "engine.tty": "engine.base engine.pump foreground report.base",
    "engine.ssh": "signals",
    "engine.dockercli": "paths",
    "engine.logins": "engine.dockercli engine.references plaintext",
    "engine.docker": (
        "engine.base engine.dockercli engine.frames engine.jobs engine.logins engine.references engine.ssh labels"
        " plaintext"
    ),
    "engine.find": "engine.docker engine.dockercli paths",
    # what is done with it
    "session": "archives engine.base engine.frames labels lives names signals task",
    "passing": "engine.base pulled statefile",
    "leftovers": "engine.base engine.jobs identity labels lives passing task",
    "lines": "plaintext",
    "endings": "engine.base lives task",
    "inside": "endings engine.base engine.frames lines plaintext scratch task signals",
    "terminals": "engine.base scratch",
    "hostnet": "scratch",
    "evaluate": "engine.base inside managers plaintext quantities scratch",
    "bases": "distros engine.base labels signals",
    "trials": "plaintext quantities spec",
    "checks": "engine.base inside plaintext report.base spec trials lines",
    "locking": "engine.base evaluate inside managers plaintext plan quantities spec",
    "stepfailure": "managers plaintext plan steps",
    "provision": (
        "engine.base evaluate hostnet inside locking managers plaintext plan quantities report.base stepfailure steps"
        " task"
    ),
    "cache": "engine.base labels managers plan provision statefile",
    "jobs": "checks engine.jobs hostnet inside lines plan spec trust",
    # what is shown
    "report.base": "",
    "report.terminal": "foreground plaintext quantities signals",
    "report.graph": "evaluate",
    "report.filetree": "evaluate quantities",
    "report.page": "evaluate quantities",
    "report.html": "evaluate quantities report.filetree report.graph report.page",
    "report.columns": "plaintext",
    "report.inspect_text": "evaluate plaintext quantities report.columns",
    "report.markdown": "evaluate quantities",
    "report.log": "plaintext quantities",
    "report.trial_text": "plaintext quantities trials",
    "report.trial_live": "foreground plaintext quantities report.trial_text trials signals",
    "report.junit": "plaintext trials",
    "report.annotations": "plaintext trials",
    # the verbs, and the one door
    "commands": (
        "endings archives bases bundle cache checks distros engine.base engine.frames engine.jobs engine.references"
        " engine.tty evaluate hostnet identity inside jobs journal labels leftovers lines lives locking managers"
        " passing plaintext plan promotions proof provision pulled quantities report.base scratch services session"
        " settings signals spec"
        " statefile stepfailure steps task terminals trials trust yamltext"
    ),
    "cli": (
        "bases bundle commands distros engine.base engine.docker engine.find engine.tty evaluate grants identity"
        " foreground journal managers names paths plan leftovers lives preflight promotions quantities"
        " report.annotations report.columns report.html report.inspect_text report.junit report.log"
        " report.markdown report.terminal report.trial_live report.trial_text scriptfile session settings_load signals"
        " spec steps task timetravel trials trust"
    ),
    "__main__": "cli",
}
"""What a room may import beyond itself and errors. An arrow that must change is changed here, on purpose."""

SPLIT: Final = ("engine", "report")
"""Folders whose modules are rooms of their own."""

ONLY_IN: Final[Mapping[str, str]] = {
    "docker": "sandbox/engine/docker/",
    "requests": "sandbox/engine/docker/",
    "urllib3": "sandbox/engine/docker/",
    "typer": "sandbox/cli/",
    "yaml": "sandbox/yamltext.py",
    "termios": "sandbox/engine/tty.py",
    "tty": "sandbox/engine/tty.py",
    "zstandard": "sandbox/bases/rootfs.py",
}

READS_JSON: Final = (
    "bases/rootfs.py",
    "cache.py",
    "cli/app.py",
    "cli/trial_run.py",
    "engine/find.py",
    "journal.py",
    "pulled.py",
)
"""Where foreign data of any shape comes in, or goes out as JSON."""
ANY_ELSE: Final = ("signals.py",)
"""A signal's handler before ours, which typeshed gives four types."""


@cache
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text()) for path in sorted(SRC.rglob("*.py"))}


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(SRC).with_suffix("").parts).removesuffix(".__init__")


@cache
def modules() -> frozenset[str]:
    return frozenset(module_of(path) for path in trees())


def room_of(module: str) -> str:
    parts = module.split(".")[1:]
    return ".".join(parts[:2] if parts and parts[0] in SPLIT else parts[:1])


@cache
def imported(tree: ast.Module) -> frozenset[str]:
    """Return the modules that a file imports, anywhere in it, for types too."""
    return frozenset(_imported(tree))


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in modules() else str(node.module) for name in inner)


def arrows() -> set[tuple[str, str]]:
    return {
        (room_of(module_of(path)), room_of(name))
        for path, tree in trees().items()
        for name in imported(tree)
        if name.partition(".")[0] == "sandbox"
    }


def test_every_room_has_its_line_in_the_table() -> None:
    rooms = {room_of(name) for name in modules()} - set(SPLIT)
    assert rooms == set(ALLOWED)


def test_arrows_point_down_only() -> None:
    wrong = {
        f"{room or 'sandbox'} -> {other}"
        for room, other in arrows()
        if other not in (room, "errors", "", *ALLOWED.get(room, "").split())
    }
    assert not wrong


def test_the_table_allows_no_way_in_a_circle() -> None:
    types_only = {("labels", "identity")}
    below = {
        room: {name for name in words.split() if (room, name) not in types_only} for room, words in ALLOWED.items()
    }
    while free := [room for room, others in below.items() if not others & set(below)]:
        for room in free:
            del below[room]
    assert not below


@pytest.mark.parametrize("name", ONLY_IN)
def test_a_foreign_library_has_one_importer(name: str) -> None:
    paths = [path for path, tree in trees().items() if name in {found.partition(".")[0] for found in imported(tree)}]
    assert paths, f"nothing imports {name}"
    assert [path for path in paths if not str(path.relative_to(SRC)).startswith(ONLY_IN[name])] == []


@cache
def uses(tree: ast.Module) -> frozenset[str]:
    """Return every dotted name that is used, as `sys.exit`."""
    return frozenset(_uses(tree))


def _uses(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"
        elif isinstance(node, ast.Name):
            yield node.id


def users(*names: str) -> set[str]:
    return {str(path.relative_to(SRC / "sandbox")) for path, tree in trees().items() if uses(tree) & {*names}}


def test_only_main_ends_the_program() -> None:
    assert users("sys.exit", "os._exit") == {"cli/__init__.py"}
    boundary = trees()[SRC / "sandbox/cli/__init__.py"]
    main = next(node for node in boundary.body if isinstance(node, ast.FunctionDef) and node.name == "main")
    calls = [node for node in ast.walk(boundary) if isinstance(node, ast.Attribute) and node.attr in ("exit", "_exit")]
    assert [call in [*ast.walk(main)] for call in calls] == [True]


def test_nothing_prints_below_the_command_line() -> None:
    assert {name for name in users("print", "typer.echo") if not name.startswith("cli/")} == set()


def test_no_command_goes_through_a_shell() -> None:
    assert users("os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "eval", "exec") == set()
    shells = [
        path
        for path, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg == "shell"
        if isinstance(node.value, ast.Constant) and node.value.value is True
    ]
    assert shells == []


def test_any_is_only_where_foreign_data_comes_in() -> None:
    found = {name for name in users("Any") if not name.startswith("engine/docker/")}
    assert found <= {*READS_JSON, *ANY_ELSE}


def test_functions_are_short() -> None:
    lengths = [
        (node.end_lineno or 0) - node.lineno + 1
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert statistics.median(lengths) <= 10
    assert sum(length <= 30 for length in lengths) >= 0.9 * len(lengths)


def test_every_module_says_what_it_owns() -> None:
    silent = [module_of(path) for path, tree in trees().items() if tree.body and not ast.get_docstring(tree)]
    assert silent == []


def public(body: list[ast.stmt], owner: str) -> Iterator[tuple[str, ast.FunctionDef | ast.ClassDef]]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield f"{owner}.{node.name}", node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body, f"{owner}.{node.name}")


def test_everything_public_says_what_it_is() -> None:
    silent = [
        name
        for path, tree in trees().items()
        for name, node in public(tree.body, module_of(path))
        if not ast.get_docstring(node)
    ]
    assert silent == []


def tracked() -> Iterator[tuple[str, str]]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    for name in listed.stdout.split("\0"):
        path = ROOT / name
        if name and path.is_file() and b"\0" not in (content := path.read_bytes()):
            yield name, content.decode(errors="replace")


PUBLIC_REGISTRIES: Final = tuple(
    ".".join(parts)
    for parts in (
        ("registry-1", "docker", "io"),
        ("index", "docker", "io"),
        ("auth", "docker", "io"),
        ("hub", "docker", "com"),
        ("quay", "io"),
        ("ghcr", "io"),
        ("gcr", "io"),
        ("registry", "k8s", "io"),
        ("mcr", "microsoft", "com"),
        ("public", "ecr", "aws"),
        ("docker", "io/"),  # without its slash it is Debian's package of the engine
    )
)


def test_no_file_names_a_public_image_registry() -> None:
    found = [(name, host) for name, text in tracked() for host in PUBLIC_REGISTRIES if host in text]
    assert found == []


NAMED: Final = frozenset({*NAMES, *(row.name for row in DISTROS), *(row.title for row in DISTROS)})
"""Words that stand in the module of a manager or the row of a distro, and decide nothing anywhere else."""
OF_THEIR_OWN: Final = ("managers/", "distros/")
ENGINES: Final = ("engine/", "bases/mmdebstrap.py")


def decided_by(tree: ast.Module) -> Iterator[str]:
    """Yield the texts that something is compared with, or matched against."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare | ast.MatchValue):
            yield from (
                found.value
                for found in ast.walk(node)
                if isinstance(found, ast.Constant) and isinstance(found.value, str)
            )


def test_no_name_of_a_manager_or_distro_decides_anything_outside_of_its_own_place() -> None:
    wrong = [
        (name, text)
        for path, tree in trees().items()
        if not (name := str(path.relative_to(SRC / "sandbox"))).startswith((*OF_THEIR_OWN, *ENGINES))
        for text in decided_by(tree)
        if text in NAMED
    ]
    assert wrong == []
