"""Options in groups: a verb takes a few frozen values, whose fields Typer reads as options, as the table has them.

Annotations of groups are no strings, as they are elsewhere: Typer would compile each of them, before the prompt.
"""

from __future__ import annotations

import inspect
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from sandbox.cli.group import Group

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sandbox.cli.params import Param, Usage


def with_options(verb: Callable[..., None], usage: Usage) -> Callable[..., None]:
    """Return a verb that Typer gives each option of its groups, and that makes the groups of them.

    What is typed for an option, and what help says of it, is in the table; KeyError for one that is not.
    """
    parameters = inspect.signature(verb, eval_str=True).parameters
    groups = {name: found.annotation for name, found in parameters.items() if _is_group(found.annotation)}
    rows = {param.name: param for param in usage.params}

    def run(**options: object) -> None:
        values = {
            name: group(**{field: options.pop(field) for field in group.__struct_fields__})
            for name, group in groups.items()
        }
        verb(**values, **options)

    run.__name__, run.__doc__, run.__module__ = verb.__name__, verb.__doc__, verb.__module__
    run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # inspect.signature reads it
        [
            option
            for name, found in parameters.items()
            for option in (_options(groups[name], rows) if name in groups else [_by_keyword(found, rows)])
        ]
    )
    return run


def _is_group(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Group)


def _by_keyword(parameter: inspect.Parameter, rows: Mapping[str, Param]) -> inspect.Parameter:
    kind = _annotation(parameter.annotation, rows[parameter.name])
    return parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=kind)


def _options(group: type[Group], rows: Mapping[str, Param]) -> Iterator[inspect.Parameter]:
    defaults = dict(zip(reversed(group.__struct_fields__), reversed(group.__struct_defaults__), strict=False))
    annotations = inspect.get_annotations(group, eval_str=True)
    for name in group.__struct_fields__:
        yield inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            annotation=_annotation(annotations[name], rows[name]),
            default=defaults.get(name, inspect.Parameter.empty),
        )


def _annotation(kind: object, param: Param) -> object:
    """Return the annotation of a parameter for Typer."""
    make = typer.Argument if param.is_argument else partial(typer.Option, *param.spellings)
    found = make(
        help=param.meaning,
        metavar=param.metavar or None,
        min=param.least,
        max=param.most,
        readable=False,  # we check ourselves whether a file is readable, with our own message
    )
    return Annotated[kind, found]
