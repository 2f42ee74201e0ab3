"""What yamltext lets through, what it refuses and where it says so."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.core import yamltext
from sandbox.core.yamltext import ListNode, MapNode, TextNode

BILLION_LAUGHS = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n" % (name, name, *[name - 1] * 8) for name in b"bcdefgh"
)

REFUSED = [
    (b"a: [1", 1, 4, "the list is not closed by ], or lacks a comma"),
    (b"a:\n\tb: 1\n", 2, 1, "a tab indents this line; YAML allows only spaces"),
    (b"a: 1\na: 2\n", 2, 1, "duplicate key; the first is on line 1"),
    (b"a: 1\n---\nb: 2\n", 2, 1, "more than one document"),
    (
        b"a: !!python/object/apply:os.system [id]\n",
        1,
        4,
        "tags (!) are not supported; quote the value if it is text",
    ),
    (b"a: !!str 5\n", 1, 4, "tags (!) are not supported; quote the value if it is text"),
    (b"x: &x {b: 1}\ny:\n  <<: *x\n", 3, 3, "merge keys (<<) are not supported; use extends"),
    (b"? [a]\n: 1\n", 1, 3, "a key must be plain text"),
    (b"~: 1\n", 1, 1, "a key must be plain text"),
    (b"a: &a [*a]\n", 1, 8, "* begins an alias, but no value before it has that name; quote the text"),
    (b"a: *b\n", 1, 4, "* begins an alias, but no value before it has that name; quote the text"),
    (b"a: \x00\n", 1, 4, "character U+0000 is not allowed"),
    (b"a: \x1b[31m\n", 1, 4, "character U+001B is not allowed"),
    (b'a: "\\0"\n', 1, 4, "character U+0000 is not allowed"),
    ("é: x\u202ey\n".encode(), 1, 5, "character U+202E is not allowed"),
    (b'a: "\\u202e"\n', 1, 4, "character U+202E is not allowed"),
    (b"a: 1\nb: \xff\n", 2, 4, "not UTF-8: byte 0xff"),
    ("a: 1".encode("utf-16"), 1, 1, "not UTF-8: byte 0xff"),
    (b"[" * 900, 1, 21, "nested deeper than 20 levels"),
    (b"[" * 200_000, 1, 1001, "nested deeper than 20 levels"),
    (b"- " * 100_000, 1, 41, "nested deeper than 20 levels"),
    (b"x" * 256_001, 1, 1, "larger than 256 kB"),
    (b"[" + b"x," * 20_000 + b"]", 1, 20_002, "more than 10000 values"),
    (b"a: &a x\nb: [" + b"*a," * 101 + b"]", 2, 305, "more than 100 aliases"),
    (b"%YAML 2.0\n---\na\n", 1, 1, "not YAML: found incompatible YAML document"),
]


def parse(text: bytes | str) -> yamltext.Document:
    return yamltext.parse(text.encode() if isinstance(text, str) else text, source="x.yaml")


@pytest.mark.parametrize(
    ("data", "line", "column", "message"), REFUSED, ids=[row[3] + repr(row[0][:12]) for row in REFUSED]
)
def test_what_is_refused_says_where_and_why(data: bytes, line: int, column: int, message: str) -> None:
    found = [(problem.line, problem.column, problem.message) for problem in parse(data).problems]
    assert found == [(line, column, message)]


def test_billion_laughs_end_at_once() -> None:
    start = time.process_time()
    assert [problem.message for problem in parse(BILLION_LAUGHS).problems] == ["more than 10000 values"]
    assert time.process_time() - start < 2


def test_aliases_can_not_add_up_to_a_deep_document() -> None:
    text = "a: &a " + "[" * 15 + "]" * 15 + "\nb: " + "[" * 10 + "*a" + "]" * 10 + "\n"
    assert [problem.message for problem in parse(text).problems] == ["nested deeper than 20 levels"]


def test_scalars_stay_text() -> None:
    root = parse("a: 3.20\nb: no\nc: 0755\nd: '~'\ne:\n").root
    assert isinstance(root, MapNode)
    texts = [value for _, value in root.items if isinstance(value, TextNode)]
    assert [(node.text, node.is_null) for node in texts] == [
        ("3.20", False),
        ("no", False),
        ("0755", False),
        ("~", False),
        ("", True),
    ]


def test_positions_count_characters_from_one_and_a_byte_order_mark_counts_nothing() -> None:
    root = parse("\ufeffé: [x, 'ü', y]\n").root
    assert isinstance(root, MapNode)
    value = root.items[0][1]
    assert isinstance(value, ListNode)
    assert [(item.line, item.column) for item in value.items] == [(1, 5), (1, 8), (1, 13)]


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "null\n", "\ufeff"])
def test_an_empty_document_has_no_root_and_no_problem(text: str) -> None:
    assert parse(text) == yamltext.Document(root=None)


def test_a_few_aliases_are_followed() -> None:
    root = parse("a: &a [x]\nb: *a\n").root
    assert isinstance(root, MapNode)
    assert root.items[0][1] == root.items[1][1]


def test_several_problems_come_together_in_the_documents_order() -> None:
    problems = parse("a: 1\na: !x 2\n<<: 3\n").problems
    assert [(problem.line, problem.column) for problem in problems] == [(2, 1), (2, 4), (3, 1)]


def test_thousands_of_problems_are_cut_short() -> None:
    problems = parse("a: 1\n" * 4000).problems
    assert len(problems) == yamltext.MAX_PROBLEMS + 1
    assert problems[-1].message == "and more problems"


@pytest.mark.parametrize(
    "text", ["no", "y", "3.20", "1e3", "0o17", "1:30", "null", "~", "", "<<", "=", "- x", "a: b", "#"]
)
def test_text_that_readers_would_take_for_something_else_is_quoted(text: str) -> None:
    assert yamltext.dump({"a": text}).startswith(("a: '", 'a: "'))


def test_lines_are_written_as_a_block() -> None:
    assert yamltext.dump({"a": "one\ntwo\n", "b": ("x",)}) == "a: |\n  one\n  two\nb:\n- x\n"


def plain(node: yamltext.Node | None) -> object:
    match node:
        case MapNode():
            return {key.text: plain(value) for key, value in node.items}
        case ListNode():
            return [plain(item) for item in node.items]
        case TextNode():
            return node.text
        case None:
            return None


accepted = st.text(st.characters(exclude_categories=["Cs"]), max_size=30).filter(
    lambda text: not yamltext._REFUSED_ESCAPED.search(text)
)
values = st.recursive(
    accepted, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(accepted, inner, max_size=3)
)


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(accepted, values, min_size=1, max_size=3))
def test_what_is_dumped_is_read_back_as_the_same(value: dict[str, yamltext.Plain]) -> None:
    found = parse(yamltext.dump(value))
    assert found.problems == ()
    assert plain(found.root) == value


@settings(max_examples=100, deadline=2000)
@given(st.binary(max_size=200) | st.text("{}[]&*!|>?:-,#'\"% \n\tab~<\\", max_size=80).map(str.encode))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    for problem in parse(data).problems:
        assert problem.line >= 1
        assert problem.column >= 1
        assert problem.message.isprintable()
