"""Command lines of ours, read by the real parser without running them, and every advice that src can give."""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import typer.main
from tests.rooms import SRC, nodes, trees

from sandbox.cli import invocation
from sandbox.cli.app import app
from sandbox.cli.registry import register
from sandbox.cli.table import VERBS
from sandbox.errors import Advice, SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

UNKNOWN: Final = "x"
"""What stands for a word that is only known at run time."""
SMALLEST: Final = (
    ("try",),
    ("inspect", "x"),
    ("compare", "x", "y"),
    ("promote",),
    ("trial",),
    ("lock", "x"),
    ("bundle", "x", "-o", "y"),
    ("search", "x"),
    ("enter", "x"),
    ("base", "build", "x"),
)
"""The shortest lines of verbs whose errors advise to type the same command again."""
SPOKEN: Final = re.compile(rf"\bsandbox (?:{'|'.join(VERBS)}|--?[a-z])\b")
"""A command line of ours inside of a text."""


@cache
def group() -> Any:
    register([])
    return typer.main.get_command(app)


def problem(words: Sequence[str]) -> str:
    """Return what is wrong with the words behind `sandbox`; empty where they can be run."""
    own = invocation.fill_optional_values(invocation.take_user(invocation.split([*words])[0])[0])
    command, context, rest = group(), None, own
    name = "sandbox"
    try:
        while True:
            context = command.make_context(name, [*rest], parent=context)
            if not hasattr(command, "resolve_command"):
                return ""
            rest = [*context._protected_args, *context.args]  # click keeps them there for a group's invoke
            name, command, rest = command.resolve_command(context, rest)
    except typer.Exit:  # --help and --version answer at once
        return ""
    except SandboxError as error:
        return error.brief
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        return str(error.format_message())


def advice_problem(hint: Advice) -> str:
    """Return what is wrong with an advice, as far as it is about this program."""
    if hint.base == "sandbox":
        return problem(hint.argv)
    if hint.base in ("again", "without"):
        found = [problem([*line, *hint.argv]) for line in SMALLEST]
        return "" if "" in found else found[0]
    return ""


class Given(ast.NodeVisitor):
    """Collects what `Advice.sandbox`, `.again` and `.without` are called with."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.known: list[tuple[str, Advice]] = []
        self.dynamic: list[str] = []

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        base = ast.unparse(node.func).removeprefix("Advice.")
        if base not in ("sandbox", "again", "without") or not ast.unparse(node.func).startswith("Advice."):
            return
        words = [part for argument in node.args for part in self._words(argument)]
        if not words or (base == "sandbox" and words[0] == UNKNOWN):
            self.dynamic.append(self.place)
        else:
            self.known.append((f"{self.place}:{node.lineno}", Advice(base, tuple(words))))  # type: ignore[arg-type]

    def _words(self, node: ast.expr) -> Iterator[str]:
        match node:
            case ast.Constant(value=str(text)):
                yield text
            case ast.JoinedStr(values=values):
                yield "".join(str(part.value) if isinstance(part, ast.Constant) else UNKNOWN for part in values)
            case _:
                yield UNKNOWN


@cache
def every_advice() -> tuple[tuple[tuple[str, Advice], ...], frozenset[str]]:
    """Return each advice of src by its place, and the places of those whose words are only known at run time."""
    known: list[tuple[str, Advice]] = []
    dynamic = set[str]()
    for path, tree in trees().items():
        given = Given(str(path.relative_to(SRC / "sandbox")))
        given.visit(tree)
        known += given.known
        dynamic |= {*given.dynamic}
    return tuple(known), frozenset(dynamic)


def _docstrings(tree: ast.Module) -> Iterator[int]:
    """Yield the ids of the texts that stand alone: docstrings, of values too."""
    for node in nodes(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield id(node.value)


def command_texts() -> Iterator[tuple[str, str, int]]:
    """Yield each command line of ours in a text of src, outside of docstrings: its module, its words, its node's id."""
    for path, tree in trees().items():
        ignored = {*_docstrings(tree)}
        for node in nodes(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in ignored:
                module = str(path.relative_to(SRC / "sandbox"))
                yield from ((module, text, id(node)) for text in SPOKEN.findall(node.value))
