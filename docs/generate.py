"""Writes what is generated: parts of docs/reference and docs/how-to, manual pages, help, completion files: `make docs`.

.venv/bin/python docs/generate.py            write them
.venv/bin/python docs/generate.py --check    name the pages that differ; exit status 1 if any does
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # `python docs/generate.py` has only docs/ on it

from docs.manual import completions, help_files, manual_pages

from sandbox import Completed, Sandbox, errors
from sandbox.cli.table import USAGES
from sandbox.distros.fields import RELEASE_FIELDS, ROW_FIELDS
from sandbox.distros.model import Target
from sandbox.distros.registry import DISTROS
from sandbox.inspect.locations import all_rules
from sandbox.inspect.place_rule import SHORT
from sandbox.specs.schema import key_docs
from sandbox.specs.settings import variable
from sandbox.specs.settings_fields import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sandbox.cli.params import Usage
    from sandbox.distros.model import Distro
    from sandbox.inspect.findings import Kind
    from sandbox.inspect.place_rule import PlaceRule
    from sandbox.specs.schema import KeyDoc
    from sandbox.specs.shapes import Field

PAGES: Final = Path(__file__).parent
COLUMNS: Final = 100


def item(term: str, *texts: str) -> str:
    """Return an item of a list: a term and what it means, at most COLUMNS wide."""
    said = " ".join(filter(None, texts))
    text = f"- {term}: {said}" if said else f"- {term}"
    return textwrap.fill(text, COLUMNS, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def spec_keys() -> str:
    """Return every key of a spec, with the keys that it holds in turn."""
    return "\n".join(line for doc in key_docs() for line in _spec_key(doc.key, doc))


def _spec_key(key: str, doc: KeyDoc) -> Iterator[str]:
    yield item(f"`{key}`", doc.doc, _facts(doc.expected, doc.default))
    for _, entry in doc.parts:
        default = "needed" if entry.required else entry.default
        yield item(f"`{key}: {entry.key}`", entry.doc, _facts(entry.shape.expected, default))


def fields(found: Sequence[Field]) -> str:
    """Return the keys of one kind of mapping."""
    return "\n".join(
        item(f"`{entry.key}`", entry.doc, _facts(entry.shape.expected, "needed" if entry.required else entry.default))
        for entry in found
    )


def _facts(expected: str, default: str) -> str:
    value = f"Value: {expected}."
    return f"{value} Needed." if default == "needed" else f"{value} Default: {default}." if default else value


def settings() -> str:
    """Return every setting, with its variable."""
    return "\n".join(_setting(entry) for entry in SETTINGS)


def _setting(entry: Field) -> str:
    if entry.key != "limits":
        return item(f"`{entry.key}`, `{variable(entry.key)}`", entry.doc, _facts(entry.shape.expected, entry.default))
    names = ", ".join(f"`{variable(f'limits.{name}')}`" for name in ("memory", "cpus", "pids"))
    return item(f"`limits`, {names}", entry.doc, "Value: a mapping with memory, cpus, pids. Default: 2G, 2, 1024.")


def distros(rows: Sequence[Distro] = DISTROS) -> str:
    """Return the distros that ship, each with its releases."""
    return "\n".join(_distro(row) for row in rows)


def _distro(row: Distro) -> str:
    found = [Target(distro=row, release=release) for release in row.releases]
    managers = ", ".join(dict.fromkeys(target.manager for target in found))
    image = f"image `{row.image}`" if row.image else "no public image"
    head = [f"### {row.title}", "", f"`{row.name}`: {managers}, {image}.", ""]
    table = ["| release | support | until |", "| --- | --- | --- |"]
    table += [
        f"| {_release(target)} | {target.release.support} | {target.release.end_of_life or ''} |" for target in found
    ]
    return "\n".join([*head, *table, ""])


def _release(target: Target) -> str:
    aliases = target.release.aliases
    return f"{target.release.name} ({', '.join(aliases)})" if aliases else target.release.name


def commands() -> str:
    """Return every verb with its usage, what it does, its arguments and options."""
    return "\n".join(part for usage in USAGES for part in _verb(usage))


def _verb(usage: Usage) -> Iterator[str]:
    yield f"{'###' if ' ' in usage.name else '##'} sandbox {usage.name}\n"
    yield textwrap.fill(usage.summary, COLUMNS) + "\n"
    if usage.examples:
        yield "\n".join(["```sh", *usage.examples, "```\n"])
    if usage.more:
        yield textwrap.fill(usage.more, COLUMNS) + "\n"
    if usage.sections:
        yield f"```text\nsandbox {usage.name} {usage.line}\n```\n"
    for section in usage.sections:
        items = [item(f"`{param.typed}`", param.meaning) for param in section.params]
        yield "\n".join([f"{section.title}:", "", *items, ""])


def places() -> str:
    """Return the table of places: of each kind what a file there is, when it takes effect, and who says so."""
    kinds = dict.fromkeys(rule.kind for rule in all_rules() if not rule.is_harmless)
    loud = [part for kind in kinds for part in (f"### {kind}", *map(_place, _rows_of(kind)))]
    return "\n\n".join((*loud, "### Known to be harmless", *(_place(row) for row in all_rules() if row.is_harmless)))


def _rows_of(kind: Kind | None) -> list[PlaceRule]:
    return [rule for rule in all_rules() if rule.kind == kind and not rule.is_harmless]


def _place(rule: PlaceRule) -> str:
    effect = "" if rule.is_harmless else f". It takes {rule.effect.removeprefix('in ')}"
    said = textwrap.fill(f"{rule.one[0].upper()}{rule.one[1:]}{effect}. Source: {rule.source}.", COLUMNS)
    return "\n".join((said, "", "```text", *(line for pattern in rule.patterns for line in _pattern(pattern)), "```"))


def _pattern(pattern: str) -> Iterator[str]:
    """Yield a pattern, with the names of SHORT, of several alternatives each that fits into a line."""
    for name, text in SHORT.items():
        pattern = pattern.replace(text, f"${name}")
    parts = re.split(r"\|(?![^()]*(?:\([^()]*\)[^()]*)*\))", pattern) if len(pattern) > COLUMNS else [pattern]
    yield from parts


def python_api() -> str:
    """Return what `from sandbox import` gives: the classes with their methods, and the tree of errors."""
    head, _, tree = inspect.cleandoc(errors.__doc__ or "").partition("\n\n")
    return "\n".join(
        (
            *_class(Sandbox),
            *_class(Completed),
            f"## Errors\n\n{textwrap.fill(f'{head} `sandbox.errors` has them all.', COLUMNS)}\n\n```text\n{tree}\n```",
        )
    )


def _class(found: type) -> Iterator[str]:
    yield f"## {found.__name__}\n"
    if "__init__" in vars(found):
        yield _signature(found.__name__, inspect.signature(found))
    yield _paragraphs(found)
    for name, member in vars(found).items():
        if not name.startswith("_") and isinstance(member, property):
            yield f"### {name}\n\n{_paragraphs(member)}"
        elif not name.startswith("_") and inspect.isfunction(member):
            yield f"### {name}\n\n{_signature(name, inspect.signature(member))}\n{_paragraphs(member)}"


def _signature(name: str, found: inspect.Signature) -> str:
    """Return a call with a parameter a line, as it is typed."""
    several = inspect.Parameter.VAR_POSITIONAL
    rows = [parameter for parameter in found.parameters.values() if parameter.name != "self"]
    lines, is_keyword = list[str](), False
    for row in rows:
        if row.kind is row.KEYWORD_ONLY and not is_keyword and not any(one.kind is several for one in rows):
            lines.append("    *,")
        is_keyword = is_keyword or row.kind is row.KEYWORD_ONLY
        default = "" if row.default is row.empty else f" = {row.default!r}"
        lines.append(f"    {'*' * (row.kind is several)}{row.name}: {row.annotation}{default},")
    returns = f" -> {found.return_annotation}" if found.return_annotation not in (None, "None") else ""
    call = [f"{name}(", *lines, f"){returns}"] if lines else [f"{name}(){returns}"]
    return "\n".join(("```python", *call, "```\n")).replace(": Word", ": str | os.PathLike[str]")


def _paragraphs(found: object) -> str:
    text = inspect.getdoc(found) or ""
    return "\n\n".join(textwrap.fill(part, COLUMNS, break_long_words=False) for part in text.split("\n\n")) + "\n"


PARTS: Final[Mapping[str, tuple[str, Callable[[], str]]]] = {
    "keys": ("reference/spec.md", spec_keys),
    "settings": ("reference/settings.md", settings),
    "distros": ("reference/distros.md", distros),
    "row-keys": ("how-to/distros.md", lambda: fields(ROW_FIELDS)),
    "release-keys": ("how-to/distros.md", lambda: fields(RELEASE_FIELDS)),
    "commands": ("reference/commands.md", commands),
    "api": ("reference/python.md", python_api),
    "places": ("explanation/verdict.md", places),
}
"""The mark, the page that has it, and what stands behind it."""


def written(text: str, mark: str, part: str) -> str:
    """Return a page with what stands between the marks replaced."""
    before, start, rest = text.partition(f"<!-- {mark} -->\n")
    end = f"<!-- /{mark} -->"
    return before + start + "\n" + part.strip("\n") + "\n\n" + rest[rest.index(end) :]


def pages() -> dict[Path, str]:
    """Return the files that are generated, or have generated parts, as they should be."""
    found: dict[Path, str] = {}
    for mark, (name, part) in PARTS.items():
        path = PAGES / name
        found[path] = written(found.get(path) or path.read_text(encoding="utf-8"), mark, part())
    root = PAGES.parent
    manual = {root / "man" / name: text for name, text in manual_pages().items()}
    shells = {root / "completions" / name: text for name, text in completions().items()}
    return found | manual | shells | {root / "src/sandbox/cli" / name: text for name, text in help_files().items()}


def is_equal(path: Path, text: str) -> bool:
    """Return whether a file holds this text."""
    return path.exists() and path.read_text(encoding="utf-8") == text


def main(words: Iterable[str] | None = None) -> int:
    """Write or check the pages; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only name the pages that differ")
    is_check = parser.parse_args(None if words is None else list(words)).check
    stale = {path: text for path, text in pages().items() if not is_equal(path, text)}
    for path, text in stale.items():
        print(path.relative_to(PAGES.parent))
        if not is_check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return int(is_check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
