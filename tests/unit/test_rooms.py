"""The cut of src: which room may import which, who alone imports what, and how large things may get."""

from __future__ import annotations

import ast
import statistics
import subprocess
from functools import cache
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING, Final

import pytest
from tests.rooms import MAY_IMPORT, ROOT, SRC, arrows, imported, imports, module_of, modules, nodes, room_of, trees

from sandbox.cli.registry import module_name
from sandbox.cli.table import VERBS
from sandbox.distros.registry import DISTROS
from sandbox.managers.registry import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


ONLY_IN: Final[Mapping[str, str | tuple[str, ...]]] = {
    "docker": "sandbox/engine/docker/",
    "requests": "sandbox/engine/docker/",
    "urllib3": "sandbox/engine/docker/",
    "typer": "sandbox/cli/",
    "yaml": "sandbox/core/yaml",
    "rapidfuzz": "sandbox/core/fuzzy.py",
    "termios": ("sandbox/engine/tty.py", "sandbox/core/echo.py"),
    "tty": "sandbox/engine/tty.py",
    "zstandard": "sandbox/core/compression.py",
    "websockets": "sandbox/screens/",
}

READS_JSON: Final = (
    "core/compression.py",
    "provision/bases/rootfs.py",
    "provision/cache.py",
    "cli/app.py",
    "cli/trial_run.py",
    "engine/convert.py",
    "engine/described.py",
    "engine/direct.py",
    "engine/discover.py",
    "engine/socket_api.py",
    "lifecycle/journal.py",
    "lifecycle/pulled_images.py",
    "specs/package_files/install_commands.py",
    "specs/package_files/machine_files.py",
    "specs/package_files/python_files.py",
)
"""Where foreign data of any shape comes in, or goes out as JSON."""
ANY_ELSE: Final = ("core/signals.py",)
"""A signal's handler before ours, which typeshed gives four types."""


def test_every_room_has_its_line_in_the_table() -> None:
    assert {room_of(name) for name in modules()} - {""} == set(MAY_IMPORT)


def test_rooms_import_only_from_rooms_that_may_be() -> None:
    wrong = {f"{room} -> {other}" for room, other in arrows() if other not in ("errors", *MAY_IMPORT[room].split())}
    assert wrong == set()


def test_no_rooms_or_modules_import_each_other_in_a_circle() -> None:
    TopologicalSorter({room: words.split() for room, words in MAY_IMPORT.items()}).prepare()
    TopologicalSorter(imports()).prepare()


def test_packages_import_nothing_by_themselves() -> None:
    packages = {module_of(path) for path, tree in trees().items() if path.name == "__init__.py" and imported(tree)}
    assert packages == {"sandbox.engine.docker"}, "it must run before any module of the SDK"


def test_there_are_few_rooms_and_arrows() -> None:
    assert len(MAY_IMPORT) <= 18
    assert len(arrows()) <= 107, "two rooms stand on all others: the command line, and the library"


def test_commands_has_one_module_for_each_verb_and_no_other_and_cli_has_one_too() -> None:
    verbs = {module_name(verb) for verb in VERBS}
    assert {path.stem for path in (SRC / "sandbox/commands").glob("*.py")} - {"__init__"} == verbs
    assert verbs - {path.stem for path in (SRC / "sandbox/cli").glob("*.py")} == set()


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
    for node in nodes(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"
        elif isinstance(node, ast.Name):
            yield node.id


def users(*names: str) -> set[str]:
    return {str(path.relative_to(SRC / "sandbox")) for path, tree in trees().items() if uses(tree) & {*names}}


def test_only_main_ends_the_program_and_ctrl_c_before_it_runs() -> None:
    assert users("sys.exit", "os._exit") == {"cli/main.py", "__main__.py"}
    boundary = trees()[SRC / "sandbox/cli/main.py"]
    functions = [node for node in boundary.body if isinstance(node, ast.FunctionDef)]
    calls = [
        (function.name, node.attr)
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and node.attr in ("exit", "_exit")
    ]
    assert calls == [("leave", "_exit")]


def test_nothing_prints_below_the_command_line() -> None:
    assert {name for name in users("print", "typer.echo") if not name.startswith("cli/")} == set()


def test_no_command_goes_through_a_shell() -> None:
    assert users("os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "eval", "exec") == set()
    shells = [
        path
        for path, tree in trees().items()
        for node in nodes(tree)
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
        for node in nodes(tree)
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
            if "overload" in map(ast.unparse, node.decorator_list):
                continue  # what it is stands in what is called
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


IRREGULAR: Final = frozenset(
    """
    begun bound broken brought built chosen come cut done drawn driven foreseen found given gone grown heard held
    hidden kept known laid left lost made meant met paid proven said seen sent shown sold sought spent spoken stood
    taken thought told understood won written
    """.split()
)
"""Participles without -ed; `run`, `read`, `put` and `set` are imperatives, too."""
NO_PARTICIPLES: Final = frozenset({"feed", "embed", "exceed", "need", "speed", "seed"})
STATES: Final = frozenset({"launched"})
"""Context managers that name what holds in their block, as craft-providers' `launched_environment`."""
BEHIND: Final = frozenset("as at behind by elsewhere exactly for here in of off on out".split())


def is_participle(name: str) -> bool:
    """Return whether a name says what was done to something, not what is done or returned: `kept`, `left_out`."""
    words = [word for word in name.split("_") if word]
    if words[0] in ("is", "has", "can") or name in STATES:
        return False
    decides = words[0] if len(words) > 1 and set(words[1:]) <= BEHIND else words[-1]
    return decides in IRREGULAR or (decides.endswith("ed") and decides not in NO_PARTICIPLES)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("kept", True), ("left_out", True), ("pull_noted", True), ("listed_container", False), ("is_kept", False)],
)
def test_a_participle_is_known_as_one(name: str, expected: bool) -> None:
    assert is_participle(name) is expected


def test_functions_are_verbs_or_nouns() -> None:
    wrong = [
        f"{module_of(path)}.{node.name}"
        for path, tree in trees().items()
        for node in nodes(tree)
        if isinstance(node, ast.FunctionDef) and is_participle(node.name)
        if not any(ast.unparse(mark) == "property" for mark in node.decorator_list)
    ]
    assert wrong == []


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
ENGINES: Final = ("engine/", "provision/bases/mmdebstrap.py")


def decided_by(tree: ast.Module) -> Iterator[str]:
    """Yield the texts that something is compared with, or matched against."""
    for node in nodes(tree):
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


OF_A_CONTAINER: Final = ("box", "container", "ident")


def pairs(tree: ast.Module) -> Iterator[str]:
    """Yield the functions that are given an engine and a container of it, which is a Box."""
    for node in nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            names = {argument.arg for argument in given if argument.arg in OF_A_CONTAINER}
            types = {ast.unparse(argument.annotation) for argument in given if argument.annotation}
            if names and types & {"Engine", "DockerEngine"}:
                yield node.name


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("engine: Engine, container: str", ["it"]),
        ("self, *, box: SandboxInfo, engine: Engine", ["it"]),
        ("box: Box", []),
        ("engine: Engine, image: str", []),
    ],
)
def test_a_pair_of_engine_and_container_is_known_as_one(given: str, expected: list[str]) -> None:
    assert list(pairs(ast.parse(f"def it({given}): ..."))) == expected


def test_no_function_takes_an_engine_and_a_container_of_it() -> None:
    wrong = [(module_of(path), name) for path, tree in trees().items() for name in pairs(tree)]
    assert wrong == []


VALUES: Final = frozenset({"Struct", "Fact", "InstallSite", "Protocol", "NamedTuple", "TypedDict"})
"""What makes a class of its annotations: their values are arguments of its constructor. Some are Structs of ours."""


def stored(function: ast.AST) -> set[str]:
    """Return the attributes of `self` that a function assigns to."""
    names = (node for node in ast.walk(function) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store))
    return {node.attr for node in names if isinstance(node.value, ast.Name) and node.value.id == "self"}


def declared_only(node: ast.ClassDef) -> Iterator[str]:
    """Yield the attributes that a class or its methods annotate without a value."""
    is_of_values = any(ast.unparse(base).partition("[")[0] in VALUES for base in node.bases)
    inside: list[ast.AST] = [] if is_of_values else list(node.body)
    inside += [found for method in node.body if isinstance(method, ast.FunctionDef) for found in ast.walk(method)]
    for found in inside:
        if isinstance(found, ast.AnnAssign) and found.value is None:
            is_own = isinstance(found.target, ast.Attribute) or found in node.body
            yield from [ast.unparse(found.target).removeprefix("self.")] * is_own


def unmade(tree: ast.Module) -> Iterator[str]:
    """Yield the attributes that a class declares here and sets there, or sets outside of its constructor alone."""
    for node in nodes(tree):
        if isinstance(node, ast.ClassDef):
            methods = [method for method in node.body if isinstance(method, ast.FunctionDef)]
            made = {name for method in methods if method.name == "__init__" for name in stored(method)}
            later = {name for method in methods if method.name != "__init__" for name in stored(method)}
            given = {ast.unparse(found.target) for found in node.body if isinstance(found, ast.AnnAssign)}
            given |= {ast.unparse(one) for found in node.body if isinstance(found, ast.Assign) for one in found.targets}
            yield from (f"{node.name}.{name}" for name in sorted({*declared_only(node), *(later - made - given)}))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("    def __init__(self):\n        self.a: int", ["It.a"]),
        ("    a: int\n    def go(self):\n        self.a = 1", ["It.a"]),
        ("    def go(self):\n        self.a, b = 1, 2", ["It.a"]),
        ("    def __init__(self):\n        self.a = 1\n    def go(self):\n        self.a = 2", []),
    ],
)
def test_an_object_that_is_not_whole_when_it_is_made_is_known_as_one(body: str, expected: list[str]) -> None:
    assert list(unmade(ast.parse(f"class It:\n{body}"))) == expected


def test_an_object_is_whole_when_it_is_made() -> None:
    wrong = [(module_of(path), name) for path, tree in trees().items() for name in unmade(tree)]
    assert wrong == []


PROSE: Final = {
    "cli/table.py": "the exit statuses, as --help shows them",
    "inspect/place_rules.py": "paths, as regular expressions",
    "report/html_page.py": "a style sheet",
}
"""Modules that hold a text of more than three lines that is no program."""


def long_texts(tree: ast.Module) -> Iterator[str]:
    """Yield the texts of more than three lines, but for what documents something and for lists of words."""
    inside = {
        id(part)
        for node in nodes(tree)
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for part in ast.walk(node)
        if part is not node
    }
    inside |= {id(node.value) for node in nodes(tree) if isinstance(node, ast.Attribute) and node.attr == "split"}
    for node in nodes(tree):
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "..." for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            text = node.value
        else:
            continue
        if text.strip().count("\n") >= 3:
            yield text


def test_a_program_of_more_than_three_lines_stands_in_a_file_of_its_own() -> None:
    found = {str(path.relative_to(SRC / "sandbox")) for path, tree in trees().items() if any(long_texts(tree))}
    assert found == set(PROSE)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('X = """\nfor a; do\n  b\n  c\ndone\n"""', True),
        ('X = f"""\nfor a; do\n  {b}\n  c\ndone\n"""', True),
        ('f(("sh", "-c", "a\\nb\\nc\\nd"))', True),
        ('X = """\nb\nc\n"""', False),
        ('X = 1\n"""a\nb\nc\nd"""', False),
        ('X = """a\nb\nc\nd""".split()', False),
    ],
)
def test_a_long_text_is_known_as_one(source: str, expected: bool) -> None:
    assert any(long_texts(ast.parse(source))) is expected
