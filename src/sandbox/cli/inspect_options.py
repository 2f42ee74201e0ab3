"""The options that inspect and compare share, and the output of their answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer
from msgspec.structs import replace

from sandbox.cli.app import show_json, working_folder
from sandbox.cli.group import Group
from sandbox.errors import Advice, StepFailed, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.inspect.comparison import Comparison
    from sandbox.inspect.findings import Inspection, RanInstaller
    from sandbox.provision.context import Context
    from sandbox.provision.installer import Installer
    from sandbox.provision.request import TryRequest
    from sandbox.report.inspect_html import Provenance


class Report(Group, frozen=True, kw_only=True):
    """How to show the answer, and which findings make the verb fail."""

    as_json: bool = False
    html: Path | None = None
    md: bool = False
    fail_on: str | None = None
    network_log: bool = False
    quiet: bool = False


class Picture(Group, frozen=True, kw_only=True):
    """The picture of the program that packages bring."""

    screenshot: Path | None = None


class Run(Group, frozen=True, kw_only=True):
    """The installer to run in place of packages."""

    run: str | None = None
    undo: str | None = None
    answers: Path | None = None
    as_user: bool = False


def installer_of(words: Run, command: Sequence[str] | None) -> Installer | None:
    """Return the installer that was asked for, None for none; `command` are the words behind `--`.

    Raises UsageError for one that can't be run, and for options of one without it.
    """
    if words.run is None:
        for option, value in (("--undo", words.undo), ("--answers", words.answers), ("--as-user", words.as_user)):
            if value:
                message = f"{option} needs --run: it is for an installer"
                raise UsageError(message, hints=[Advice.again("--run", "./install.sh")])
        if command is not None:
            message = "-- needs --run: the words behind it go to an installer"
            raise UsageError(message, hints=[Advice.sandbox("inspect", "--run", "./install.sh", "--", "--yes")])
        return None
    from sandbox.provision.installer_source import find_installer

    return find_installer(
        words.run,
        working_folder(),
        command=command or (),
        undo=words.undo or "",
        answers=words.answers,
        as_user=words.as_user,
    )


def installer_error(ran: RanInstaller) -> StepFailed:
    """Return the error for an installer that did not end well; what it did was shown."""
    from sandbox.inspect.installers import failure_of
    from sandbox.provision.installer import answers_hint

    hints = []
    if ran.missing:
        hints.append(Advice.again(*ran.missing, after=", or the packages that have these programs"))
    if ran.question:
        hints.append(answers_hint(ran.question))
    return StepFailed(failure_of(ran), cause="script", hints=hints)


def words_of(words: Run, command: Sequence[str] | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words that name an installer on a command line, and those that end it."""
    pairs = (("--run", words.run), ("--undo", words.undo), ("--answers", words.answers and str(words.answers)))
    named = tuple(word for option, value in pairs if value for word in (option, value))
    return (*named, *["--as-user"] * words.as_user), ("--", *command) if command else ()


def check_picture(words: Picture, others: Sequence[tuple[str, object]]) -> None:
    """Raise UsageError where no picture could be taken or written in the end; `others` are options that exclude it."""
    path = words.screenshot
    if path is None:
        return
    from sandbox.core.files import check_new

    if excluding := [word for word, is_asked in others if is_asked]:
        message = f"--screenshot and {excluding[0]} can't be combined"
        raise UsageError(message, hints=[Advice.without("--screenshot", str(path))])
    check_new(path, "--screenshot")


def for_picture(request: TryRequest, words: Picture) -> TryRequest:
    """Return the request, for a picture with what desktop programs need beside themselves in its base."""
    if words.screenshot is None:
        return request
    from sandbox.provision.screen_steps import with_screen

    planned = request.planned
    plan = with_screen(request.plan) if request.plan else None
    return replace(request, plan=plan, planned=lambda target: with_screen(planned(target)))


def write_picture(words: Picture, picture: bytes | None) -> Path | None:
    """Write the picture that was asked for, and return where. Raises StepFailed where there is none to write."""
    path = words.screenshot
    if path is None:
        return None
    if picture is None:
        message = "no picture was taken"
        raise StepFailed(message, cause="script")
    from sandbox.core.files import write_new

    write_new(path, picture, mode=0o644, if_there=Advice.say("another name after --screenshot"))
    return path


def check_upgrade(words: Sequence[str], *, like_host: bool, both: bool = False, to: str = "") -> None:
    """Raise UsageError for an upgrade of anything but this host; `words` are what else was asked for.

    `both`: --upgrade was typed, perhaps beside --upgrade-to with the release `to`.
    """
    option, typed = ("--upgrade-to", ("--upgrade-to", to)) if to else ("--upgrade", ("--upgrade",))
    if both and to:
        message = "--upgrade and --upgrade-to can't be combined: a new release upgrades all packages anyway"
        raise UsageError(message, hints=[Advice.without("--upgrade")])
    if words:
        message = f"{option} and {words[0]} can't be combined: it upgrades what this host has, and nothing else"
        raise UsageError(message, hints=[Advice.without(*typed)])
    if not like_host:
        message = f"{option} needs --like-host: a fresh base has nothing of yours to upgrade"
        raise UsageError(message, hints=[Advice.sandbox("inspect", *typed, "--like-host")])


def show(value: Inspection | Comparison, *, as_json: bool, text: str) -> None:
    """Print an answer: as text, or as JSON with its schema number."""
    from sandbox.inspect.findings import SCHEMA
    from sandbox.report.inspect_json import inspect_document

    if as_json:
        show_json({"schema": SCHEMA, **inspect_document(value)})
    else:
        typer.echo(text.rstrip("\n"))


def check_output(report: Report) -> None:
    """Raise UsageError if the answer could not be shown or written in the end, before the measurement starts."""
    if report.as_json and report.md:
        message = "--json and --md can't be combined"
        raise UsageError(message, hints=[Advice.without("--md")])
    if report.html is not None:
        from sandbox.core.files import check_replaceable

        check_replaceable(report.html, "--html")


def provenance(
    words: Sequence[str], report: Report, request: TryRequest, host: Context, last: Sequence[str] = ()
) -> Provenance:
    """Return where a page's numbers come from; `words` are the verb and what it was asked, with the distro that it was.

    `last` ends the command line.

    Whoever repeats it elsewhere would else get another distro: without a word it is the host's own.
    """
    import shlex
    import time

    from sandbox.report.inspect_html import Provenance

    more = ("--network-log",) if report.network_log else ()
    target = request.plan.target if request.plan else None
    mirror = host.settings.mirrors.get(target.distro.name) or target.distro.mirror if target else None
    return Provenance(
        date=time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        version=host.version,
        command=shlex.join(("sandbox", *words, *more, "--html", str(report.html), *last)),
        mirror=mirror or "",
    )
