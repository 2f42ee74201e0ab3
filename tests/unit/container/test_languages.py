"""A look at what languages' own managers have in a sandbox."""

from __future__ import annotations

from tests.unit.fakes import FakeEngine

from sandbox.container.box import Box
from sandbox.container.languages import language_packages, language_stamps, languages_with, parse
from sandbox.managers.languages.npm import driver as npm
from sandbox.managers.languages.pip import driver as pip

OUTPUT = (
    "sandbox-language pip\n10\t/opt/pip/httpie\n"
    "/opt/pip/httpie/lib/python3.11/site-packages/httpie-3.2.2.dist-info\n"
    'sandbox-language npm\n20\t/usr/local/lib/node_modules/cowsay\n{"name": "cowsay", "version": "1.6.0"}\n'
    "sandbox-language unknown\nwhatever\n"
)


def test_each_part_is_read_by_its_own_language() -> None:
    assert [(row.full_name, row.version) for row in parse(OUTPUT)] == [("pip:httpie", "3.2.2"), ("npm:cowsay", "1.6.0")]
    assert parse("no mark\n") == ()


def test_all_languages_are_asked_by_one_command() -> None:
    engine = FakeEngine(commands=lambda _: (0, OUTPUT.encode(), b""))
    assert len(language_packages(Box(engine, "c"), [pip, npm])) == 2
    assert len(engine.ran) == 1


def test_no_language_costs_nothing() -> None:
    engine = FakeEngine()
    assert (language_packages(Box(engine, "c"), []), language_stamps(Box(engine, "c"), [])) == ((), {})
    assert engine.calls == []


def test_a_language_is_watched_where_its_manager_is() -> None:
    assert languages_with(["ls", "python3"]) == ()
    assert [language.name for language in languages_with(["pipx", "gem", "ls"])] == ["pip", "gem"]
