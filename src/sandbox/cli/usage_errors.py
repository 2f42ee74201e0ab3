"""What Typer's parser refuses, as an error of ours: the same voice, the nearest option, the next step."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from typer._click.exceptions import BadOptionUsage, BadParameter, MissingParameter, NoSuchOption
from typer._click.types import FloatRange, IntRange
from typer.core import TyperOption

from sandbox.cli.invocation import TAKES_COMMAND
from sandbox.cli.table import BY_NAME, USAGES
from sandbox.cli.usages.options import NAME
from sandbox.core.human import names
from sandbox.core.plaintext import plain_line
from sandbox.errors import Advice, UsageError

if TYPE_CHECKING:
    from typer._click import Context, Parameter
    from typer._click.exceptions import UsageError as ParserError

    from sandbox.cli.params import Usage

SURPLUS: Final = "unexpected extra argument"
"""What click says of words behind the last argument."""
SHOWN: Final = 80


def usage_error(error: ParserError) -> UsageError:
    """Return the error for what the parser refused."""
    context = error.ctx
    path = context.command_path.split() if context else ["sandbox"]
    verb = " ".join(path)
    more = Advice.sandbox(*path[1:], "--help")
    match error:
        case NoSuchOption():
            return _unknown_option(error, path, more)
        case MissingParameter() if error.param is not None:
            hints = [*([Advice.sandbox("list", "-a")] if _is_sandbox(error.param, path) else []), more]
            details = [*_usage(context), *_example(" ".join(path[1:]))]
            return UsageError(f"{verb}: {_name(error.param)} is missing", details=details, hints=hints)
        case BadParameter() if error.param is not None:
            return UsageError(f"{verb}: {_name(error.param)}: {_refusal(error)}", hints=[more])
        case BadOptionUsage():
            value = next((_metavar(param) for param in _options(context) if error.option_name in param.opts), "a value")
            return UsageError(f"{verb}: {error.option_name} needs a value: {value}", hints=[more])
        case _ if context is not None and SURPLUS in error.message:
            return _surplus(error, context, more)
        case _:
            return UsageError(f"{verb}: {_lower(error.format_message())}", details=_usage(context), hints=[more])


def _surplus(error: ParserError, context: Context, more: Advice) -> UsageError:
    """Return the error for what is no argument, with the line that has it as the value of an option, if it is one."""
    text = error.message.partition("(s) (")[2].removesuffix(")")
    verb = context.command_path
    option = _option_for(text, BY_NAME.get(verb.partition(" ")[2]))
    hints = [Advice.mend((text, ""), more=(option, text))] if option else []
    message = f"{verb}: unexpected {plain_line(text, SHOWN)}"
    return UsageError(message, details=_usage(context), hints=[*hints, more])


def _option_for(word: str, usage: Usage | None) -> str | None:
    """Return the option of a verb that has a word among its values, None where that is none or several."""
    options = [param for param in usage.params if not param.is_argument] if usage else []
    found = [max(param.spellings, key=len) for param in options if _is_value(word, param.values)]
    return found[0] if len(found) == 1 else None


def _is_value(word: str, values: tuple[str, ...] | str) -> bool:
    if values != "distros":
        return word in values if isinstance(values, tuple) else False
    from sandbox.distros.lookup import find_target

    with suppress(UsageError):
        return all(map(find_target, word.split(",")))
    return False


def _unknown_option(error: NoSuchOption, path: list[str], more: Advice) -> UsageError:
    from sandbox.cli.other_tools import needless_reason
    from sandbox.core.fuzzy import nearest, nearest_rows

    brief = f"{' '.join(path)} has no option {error.option_name}"
    if len(path) > 1 and (reason := needless_reason(path[1], error.option_name)):
        return UsageError(brief, details=[("not needed", reason)], hints=[more])
    known = [name for param in _options(error.ctx) for name in (*param.opts, *param.secondary_opts)]
    words = [name[2:] for name in known if name.startswith("--")]
    near = [f"--{word}" for word in nearest(error.option_name.lstrip("-"), words, limit=1)]
    elsewhere = [] if near else _of_other_verbs(error.option_name)
    details = [*nearest_rows(near), *(elsewhere or _behind_dashes(path[-1]))]
    return UsageError(brief, details=details, hints=[more])


def _of_other_verbs(option: str) -> list[tuple[str, str]]:
    """Return the row that names the verbs which have an option that this one has not."""
    verbs = [
        usage.name
        for usage in USAGES
        for param in usage.params
        for spelling in param.spellings
        if option in spelling.split("/")
    ]
    return [("an option of", names(tuple(dict.fromkeys(verbs))))] if verbs else []


def _behind_dashes(verb: str) -> list[tuple[str, str]]:
    """Return the row that shows where another program's options go, by an example of the verb's own help."""
    shown = [text.split("   ")[0] for text in BY_NAME[verb].examples if " -- " in text] if verb in TAKES_COMMAND else []
    return [("a command", f"goes behind --, for example: {shown[0]}")] if shown else []


def _options(context: Context | None) -> list[Parameter]:
    return [param for param in context.command.get_params(context) if isinstance(param, TyperOption)] if context else []


def _usage(context: Context | None) -> list[tuple[str, str]]:
    """Return the row that shows how a verb is used."""
    if context is None:
        return []
    return [("usage", " ".join([context.command_path, *context.command.collect_usage_pieces(context)]))]


def _is_sandbox(param: Parameter, path: list[str]) -> bool:
    """Return whether a parameter is the name of a sandbox, which `list` shows."""
    usage = BY_NAME.get(" ".join(path[1:]))
    return usage is not None and NAME in usage.params and _metavar(param) == NAME.metavar


def _example(verb: str) -> list[tuple[str, str]]:
    """Return the row with the first example of a verb's help."""
    usage = BY_NAME.get(verb)
    lines = [text.split("   ")[0] for text in (usage.examples if usage else ())]
    return [("as in", line) for line in lines if line.startswith(f"sandbox {verb} ")][:1]


def _name(param: Parameter) -> str:
    return max(param.opts, key=len) if isinstance(param, TyperOption) else _metavar(param)


def _metavar(param: Parameter) -> str:
    return param.metavar or (param.name or "").upper()


def _refusal(error: BadParameter) -> str:
    """Return why a value was refused: what was expected, where that is known."""
    match error.param and error.param.type:
        case IntRange(min=least, max=most) | FloatRange(min=least, max=most):
            bounds = f" from {least} to {most}" if most is not None else f" of {least} or more"
            return f"expected a number{bounds}"
        case _:
            return _lower(error.message)


def _lower(text: str) -> str:
    return (text[:1].lower() + text[1:]).rstrip(".")
