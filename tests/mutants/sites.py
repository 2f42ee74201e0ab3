"""Where a module can be made wrong by one small change, and its text with that change: pure."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

COMPARISONS: Final[dict[type[ast.cmpop], str]] = {
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.In: "not in",
    ast.NotIn: "in",
    ast.Is: "is not",
    ast.IsNot: "is",
}
ARITHMETIC: Final[dict[type[ast.operator], ast.operator]] = {
    ast.Add: ast.Sub(),
    ast.Sub: ast.Add(),
    ast.Mult: ast.FloorDiv(),
    ast.FloorDiv: ast.Mult(),
    ast.BitOr: ast.BitAnd(),
    ast.BitAnd: ast.BitOr(),
}


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Site:
    """One change: the bytes from `start` to `end` of the module become `after`."""

    line: int
    start: int
    end: int
    kind: str
    before: str
    after: str

    def applied(self, text: str) -> str:
        """Return the module with the change."""
        data = text.encode()
        return (data[: self.start] + self.after.encode() + data[self.end :]).decode()


def sites(text: str) -> tuple[Site, ...]:
    """Return all changes of a module; annotations and docstrings don't count."""
    return tuple(sorted(set(_Finder(text).find())))


def is_whole(text: str) -> bool:
    """Return whether a text is a module: a few changes are none that Python reads."""
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


class _Finder:
    def __init__(self, text: str) -> None:
        self.data = text.encode()
        self.tree = ast.parse(text)
        self.starts = [0]
        for line in self.data.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def find(self) -> Iterator[Site]:
        yield from self._below(self.tree)

    def _below(self, node: ast.AST) -> Iterator[Site]:
        for child in ast.iter_child_nodes(node):
            if _is_passed_over(child):
                continue
            yield from self._of(child)
            yield from self._below(child) if not isinstance(child, ast.AnnAssign) else self._value(child)

    def _value(self, node: ast.AnnAssign) -> Iterator[Site]:
        if node.value is not None:
            yield from self._of(node.value)
            yield from self._below(node.value)

    def _of(self, node: ast.AST) -> Iterator[Site]:
        yield from self._of_test(node)
        match node:
            case ast.Constant() if (after := _other(node.value)) is not None:
                yield self._site("constant", node, after)
            case ast.BinOp() if type(node.op) in ARITHMETIC and not _is_none(node.right):  # or it is a type
                other = ast.unparse(ast.BinOp(left=node.left, op=ARITHMETIC[type(node.op)], right=node.right))
                yield self._site("arithmetic", node, f"({other})")
            case ast.Return(value=ast.expr() as value) if not _is_none(value):
                yield self._site("return", value, "None")
            case ast.Expr(value=ast.Call()):
                yield self._site("call", node, "pass")
            case ast.Expr(value=ast.Yield() | ast.YieldFrom()):
                yield self._site("yield", node, "yield from ()")
            case ast.Break():
                yield self._site("loop", node, "continue")
            case ast.Continue():
                yield self._site("loop", node, "break")
            case _:
                pass

    def _of_test(self, node: ast.AST) -> Iterator[Site]:
        match node:
            case ast.Compare(ops=[op]) if type(op) in COMPARISONS:
                text = f"({self._text(node.left)} {COMPARISONS[type(op)]} {self._text(node.comparators[0])})"
                yield self._site("comparison", node, text)
            case ast.BoolOp():
                word = " or " if isinstance(node.op, ast.And) else " and "
                yield self._site("and, or", node, f"({word.join(f'({self._text(value)})' for value in node.values)})")
            case ast.UnaryOp(op=ast.Not()):
                yield self._site("negation", node, f"({self._text(node.operand)})")
            case ast.If() | ast.While() | ast.IfExp():
                yield self._site("condition", node.test, f"(not ({self._text(node.test)}))")
            case ast.comprehension(ifs=[test]):
                yield self._site("filter", test, "True")
            case _:
                pass

    def _site(self, kind: str, node: ast.expr | ast.stmt, after: str) -> Site:
        start, end = self._span(node)
        return Site(line=node.lineno, start=start, end=end, kind=kind, before=self._text(node), after=after)

    def _span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.starts[node.lineno - 1] + node.col_offset, self.starts[node.end_lineno - 1] + node.end_col_offset

    def _text(self, node: ast.expr | ast.stmt) -> str:
        start, end = self._span(node)
        return self.data[start:end].decode()


def _is_passed_over(node: ast.AST) -> bool:
    """Return whether a change there says nothing: docstrings, parts of f-strings, types, what only types need."""
    match node:
        case ast.Expr(value=ast.Constant()) | ast.JoinedStr() | ast.arg() | ast.Import() | ast.ImportFrom():
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.keyword(arg="frozen" | "kw_only" | "slots"):
            return True
        case _:
            return False


def _other(value: object) -> str | None:
    """Return what to write in the place of a constant; None where nothing would say anything."""
    match value:
        case bool():
            return str(not value)
        case int() | float():
            return repr(value + 1)
        case str():
            return '""' if value else '"x"'
        case _:
            return None


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None
