"""Options in groups: a verb takes a few frozen values, whose fields Typer reads as options and `--help` lists by group.

Annotations of groups are no strings, as they are elsewhere: Typer would compile each of them, before the prompt.
"""

from __future__ import annotations

import inspect
from copy import copy
from typing import TYPE_CHECKING, Annotated, ClassVar, get_args

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Group(Struct, frozen=True, kw_only=True):
    """Some options of a verb: each field is one, by its name, and its annotation says how it is typed."""

    title: ClassVar[str] = ""


def expand_groups(verb: Callable[..., None]) -> Callable[..., None]:
    """Return a verb that Typer gives each option of its groups, and that makes the groups of them."""
    parameters = inspect.signature(verb, eval_str=True).parameters
    groups = {name: found.annotation for name, found in parameters.items() if _is_group(found.annotation)}

    def run(**options: object) -> None:
        values = {
            name: group(**{field: options.pop(field) for field in group.__struct_fields__})
            for name, group in groups.items()
        }
        verb(**values, **options)

    run.__name__, run.__doc__, run.__module__ = verb.__name__, verb.__doc__, verb.__module__
    run.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # what inspect reads in its place
        [
            option
            for name, found in parameters.items()
            for option in (_options(groups[name]) if name in groups else [_by_keyword(found)])
        ]
    )
    return run


def _is_group(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Group)


def _by_keyword(parameter: inspect.Parameter) -> inspect.Parameter:
    return parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)


def _options(group: type[Group]) -> Iterator[inspect.Parameter]:
    defaults = dict(zip(reversed(group.__struct_fields__), reversed(group.__struct_defaults__), strict=False))
    annotations = inspect.get_annotations(group, eval_str=True)
    for name in group.__struct_fields__:
        kind, option = get_args(annotations[name])
        own = copy(option)
        own.rich_help_panel = group.title
        yield inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            annotation=Annotated[kind, own],
            default=defaults.get(name, inspect.Parameter.empty),
        )
