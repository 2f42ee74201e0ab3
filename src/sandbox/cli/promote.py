"""The verb promote: shows what was tried, simulates it on this host, proves it, and writes it in any format."""

from __future__ import annotations

import os
import shlex
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from msgspec.structs import replace

from sandbox.cli.app import connect, make_host
from sandbox.cli.group import Group, Texts
from sandbox.cli.verb import verb
from sandbox.core.human import ago, count, names
from sandbox.errors import Advice

if TYPE_CHECKING:
    from sandbox.cli.lock_options import LockConstraint
    from sandbox.lifecycle.journal import Record
    from sandbox.promote.formats.base import Format, Promotion
    from sandbox.provision.context import Context
    from sandbox.report.terminal import TerminalReporter
    from sandbox.specs.load import LoadedSpec
    from sandbox.specs.lockfile import LockedTarget
    from sandbox.specs.model import Spec


class Source(Group, frozen=True, kw_only=True):
    """What to promote, for which distro, and which parts."""

    name: str | None = None
    spec: str | None = None
    locked: bool = False
    allow: str | None = None
    only: Texts = None
    without: Texts = None
    target: str | None = None
    distros: str | None = None
    engine: str | None = None

    @property
    def is_chosen(self) -> bool:
        """Whether options select the packages, so that there is no question."""
        return bool(self.only or self.without or self.locked)


class Output(Group, frozen=True, kw_only=True):
    """The formats and files to write, and whether to prove."""

    formats: Texts = None
    output: Path | None = None
    no_verify: bool = False
    force: bool = False


@verb("promote")
def promote(source: Source, output: Output) -> None:
    """Run `sandbox promote`."""
    from sandbox.cli.promote_selection import select_packages
    from sandbox.cli.promote_target import show_host
    from sandbox.promote.formats.missing_parts import missing_parts
    from sandbox.promote.promotion import chosen_formats, omissions, select
    from sandbox.report.terminal import TerminalReporter

    host = make_host(engine=source.engine, distros=source.distros)
    forms = chosen_formats(output.formats or ())
    where = _places(output.output, forms)
    reporter = TerminalReporter(os.environ)
    record, whole = _promotion_of(source, host, forms)
    promotion = select(whole, _names(source.only), _names(source.without))
    behind = omissions(whole, promotion, _names(source.without))
    promotion = promotion if source.is_chosen else select_packages(promotion)
    promotion = _for_target(promotion, "tried" if source.locked else source.target, host, reporter)
    _show(promotion, record, behind, reporter)
    show_host(promotion, host, reporter)
    for form in forms:
        form.render(promotion)  # report an unwritable file before a proof takes its time
        reporter.rows([(f"  not in {form.name}", text) for text in missing_parts(promotion, form.name)])
    if not output.no_verify:
        found = record if promotion == whole else None
        promotion = _prove(promotion, found, host, reporter, force=output.force)
    _write(promotion, forms, where, reporter)


def _places(output: Path | None, forms: tuple[Format, ...]) -> tuple[Path | None, ...]:
    """Return the file of each format. Raises UsageError if one can't be written."""
    from sandbox.cli import invocation
    from sandbox.errors import UsageError
    from sandbox.promote.output_file import places

    where = places(output, [form.file for form in forms])
    if None in where and 1 in invocation.closed:
        message = "standard output is closed: promote can't write the script"
        raise UsageError(message, hints=[Advice.sandbox("promote", "-o", "FILE")])
    return where


def _promotion_of(source: Source, host: Context, forms: tuple[Format, ...]) -> tuple[Record | None, Promotion]:
    """Return the session (None for a spec), and what it has to promote."""
    from sandbox.commands.promote import latest
    from sandbox.errors import UsageError
    from sandbox.promote.promotion import find_record, promotion_of

    if source.spec is not None:
        return None, _of_lock(source, host, forms) if source.locked else _of_spec(source, host)
    if source.locked:
        message = "--locked needs --spec"
        raise UsageError(message, hints=[Advice.sandbox("promote", "--spec", "SPEC", "--locked")])
    record = latest(find_record(host.journal, source.name), host, lambda: connect(host))
    try:
        return record, promotion_of(record, host.rows())
    except UsageError as error:
        other = next((one for one in host.journal.records() if one.packages), None)
        if source.name is None and not record.packages and other is not None:
            again = Advice.again(other.name, after=f", which tried {names(tuple(one.name for one in other.packages))}")
            error.hints = (again, *error.hints)
        raise


def _for_target(promotion: Promotion, target: str | None, host: Context, reporter: TerminalReporter) -> Promotion:
    """Return the promotion for the requested distro; an engine is needed if its package names differ."""
    from sandbox.cli.promote_target import requested_target, with_target
    from sandbox.core.signals import trap_termination

    found = requested_target(promotion, target, host)
    with trap_termination(), ExitStack() as stack:
        return with_target(promotion, found, host, lambda: stack.enter_context(connect(host, tidy=True)), reporter)


def _show(promotion: Promotion, record: Record | None, behind: tuple[str, ...], reporter: TerminalReporter) -> None:
    from sandbox.cli.promote_target import show
    from sandbox.lifecycle.journal import age

    when = ago(age(record)) if record else "a spec"
    tried = f"{record.distro} {record.release}" if record else promotion.target.label
    reporter.heading(f"{promotion.name}, {tried}, {when}")
    show(promotion, reporter, is_lost=record is not None and record.lost)
    reporter.rows([("  not promoted", f"{name}; --only with its name promotes it too") for name in behind])


def _of_spec(source: Source, host: Context) -> Promotion:
    """Return a spec's promotion: on its own distro, else on the requested one."""
    from sandbox.cli.promote_target import named_target
    from sandbox.provision.planning import target_for

    loaded, target = _load_spec(source, host), source.target
    found = loaded.spec
    if found.distro is None and target is not None and target not in ("host", "tried"):
        found = replace(found, distro=named_target(target, target_for(found, host, host.rows()), host).option)
    return _promotion_of_spec(source.spec or "", loaded, found, host)[0]


def _of_lock(source: Source, host: Context, forms: tuple[Format, ...]) -> Promotion:
    """Return the promotion of a spec's lock: for the requested distro, else for the spec's own."""
    from sandbox.cli.app import working_folder
    from sandbox.cli.lock_options import LockConstraint, lock_beside
    from sandbox.cli.promote_target import named_target
    from sandbox.distros.detect import host_target
    from sandbox.promote.promotion import with_locked_versions
    from sandbox.provision.planning import target_for

    loaded, target = _load_spec(source, host), source.target
    there = host_target(host.rows()) if target == "host" else None
    if target is not None and target not in ("host", "tried"):
        there = named_target(target, target_for(loaded.spec, host, host.rows()), host)
    found = replace(loaded.spec, distro=there.option) if there else loaded.spec
    held = LockConstraint(lock=lock_beside(loaded.file, working_folder()))
    promotion, lock = _promotion_of_spec(source.spec or "", loaded, found, host, held)
    return with_locked_versions(promotion, lock, forms) if lock else promotion


def _load_spec(source: Source, host: Context) -> LoadedSpec:
    from sandbox.cli.app import working_folder
    from sandbox.cli.request import grant_preparation, load_spec_by_name
    from sandbox.errors import UsageError

    if source.name is not None:
        message = f"{source.name} and --spec {source.spec} can't be combined: promote takes a session or a spec"
        raise UsageError(message)
    return grant_preparation(load_spec_by_name(source.spec or "", host, working_folder()), host, allow=source.allow)


def _promotion_of_spec(
    text: str, loaded: LoadedSpec, found: Spec, host: Context, held: LockConstraint | None = None
) -> tuple[Promotion, LockedTarget | None]:
    from sandbox.distros.lookup import family
    from sandbox.errors import UsageError
    from sandbox.promote.promotion import promotion_of_plan
    from sandbox.provision.planning import plan_of

    plan = plan_of(found, host, loaded.positions, held)
    if plan is None:
        message = f"can't tell which distro {text} is for: only its image says so"
        raise UsageError(
            message, hints=[Advice.sandbox("try", "--spec", text), Advice.sandbox("promote", before="then ")]
        )
    day = time.strftime("%Y-%m-%d", time.gmtime())
    parent = family(plan.target.distro, host.rows())
    return promotion_of_plan(plan, found.name or "spec", parent, date=day, tool=host.version), plan.lock


def _names(values: Texts) -> list[str]:
    return [name for value in values or () for name in value.split(",") if name]


def _prove(
    promotion: Promotion, record: Record | None, host: Context, reporter: TerminalReporter, *, force: bool
) -> Promotion:
    from sandbox.commands.promote import verify_and_record
    from sandbox.core.signals import trap_termination
    from sandbox.errors import NoEngine

    try:
        with trap_termination(), connect(host, tidy=True) as engine:
            return verify_and_record(promotion, record, host=host, engine=engine, reporter=reporter, force=force)
    except NoEngine as error:
        hints = (*error.hints, Advice.sandbox("promote", "--no-verify", after=" writes it without a proof"))
        raise NoEngine(error.brief, details=error.details, hints=hints) from error


def _write(
    promotion: Promotion, forms: tuple[Format, ...], where: tuple[Path | None, ...], reporter: TerminalReporter
) -> None:
    from sandbox.promote.output_file import write_script

    for form, path in zip(forms, where, strict=True):
        text = form.render(promotion)
        if path is None:
            typer.echo(text, nl=False)
            continue
        runs = text.startswith("#!")
        write_script(text, path, mode=0o755 if runs else 0o644)
        more = f"; sh {shlex.quote(str(path))} --dry-run shows what it would do" if runs else ""
        reporter.rows([("wrote", f"{path} ({count(text.count(chr(10)), 'line')}){more}")])
