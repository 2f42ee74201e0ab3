"""The keys of a spec's answers to debconf, debconf-set-selections(1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.specs.kinds import SCALAR_TYPES, InvalidValue, Kind, boolean, choice, matching, quote
from sandbox.specs.model import Answer
from sandbox.specs.shapes import Checked, Field, ObjectOf, TextOr, Word

if TYPE_CHECKING:
    from sandbox.specs.model import AnswerType

_PACKAGE: Final = matching(r"[A-Za-z0-9_][A-Za-z0-9_.+@:~-]{0,99}", "a package's name", longest=100)
_QUESTION: Final = matching(r"[A-Za-z0-9][A-Za-z0-9_.+/-]{1,150}", "a question such as postfix/mailname", longest=151)
_TYPES: Final[dict[str, AnswerType]] = {
    "string": "string",
    "boolean": "boolean",
    "select": "select",
    "multiselect": "multiselect",
}
TYPE: Final = choice(_TYPES)


def _plain(text: str) -> str:
    if len(text) > 1000:  # noqa: PLR2004
        raise InvalidValue("longer than 1000 characters")
    if re.search("[\x00-\x1f\x7f]", text):
        raise InvalidValue("an answer has one line")
    return text


VALUE: Final = Kind(
    expected="an answer",
    convert=_plain,
    schema={"type": SCALAR_TYPES, "maxLength": 1000},
)


def _answer(*, package: str, question: str, type: AnswerType, value: str) -> Answer:  # noqa: A002 - the key's name
    return Answer(package=package, question=question, type=type, value=_of_type(type, value))


def _of_type(kind: AnswerType, value: str) -> str:
    """Return the value as debconf has it: it takes `yes` for a boolean with status 0, and packages then see no."""
    if kind != "boolean":
        return value
    try:
        return "true" if boolean().parse(value) else "false"
    except ValueError:
        return value


def _answer_problem(answer: Answer) -> str:
    if answer.type == "boolean" and answer.value not in ("true", "false"):
        return f"{answer.question} is a boolean: expected true or false, got {quote(answer.value)}"
    return ""


def _answer_line(text: str) -> Answer:
    words = text.split(None, 3)
    if words[2:3] == ["password"]:
        raise InvalidValue("a password would be in the spec, the lock and the journal: set it by the key setup")
    if len(words) < 3:  # noqa: PLR2004 - the value may be empty
        raise ValueError
    return _answer(
        package=_PACKAGE.parse(words[0]),
        question=_QUESTION.parse(words[1]),
        type=TYPE.parse(words[2]),
        value=_plain(words[3]) if len(words) > 3 else "",  # noqa: PLR2004
    )


ANSWER: Final = (
    Field(key="package", shape=Word(kind=_PACKAGE), doc="The package that asks.", required=True),
    Field(key="question", shape=Word(kind=_QUESTION), doc="Its question, as postfix/mailname.", required=True),
    Field(key="type", shape=Word(kind=TYPE), doc="string, boolean, select or multiselect.", required=True),
    Field(key="value", shape=Word(kind=VALUE), doc="The answer; true or false for a boolean.", required=True),
)
ANSWER_LINE: Final = Kind(
    expected="PACKAGE QUESTION TYPE VALUE, as debconf-set-selections takes it",
    convert=_answer_line,
    schema={
        "type": "string",
        "maxLength": 1500,
        "pattern": r"^\S+\s+\S+\s+(string|boolean|select|multiselect)(\s.*)?$",
    },
)
ANSWERS: Final = Checked(
    shape=TextOr(text=Word(kind=ANSWER_LINE), other=ObjectOf(make=_answer, fields=ANSWER)), problem=_answer_problem
)
