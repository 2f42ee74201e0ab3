"""The distro that a promotion is for (this host by default), what it contains, and what it would change here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sandbox.distros.detect import host_target
from sandbox.distros.lookup import family, find_target, known_release
from sandbox.errors import Advice, UsageError
from sandbox.report.advice import advice_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.distros.model import Target
    from sandbox.engine.protocol import Engine
    from sandbox.promote.formats.base import Promotion
    from sandbox.provision.context import Context
    from sandbox.report.terminal import TerminalReporter


def requested_target(promotion: Promotion, text: str | None, host: Context) -> Target:
    """Return the distro that is asked for, else this host's, else the one that was tried.

    Raise UsageError where this host is asked for and none that is known.
    """
    if text not in (None, "host", "tried"):
        return named_target(text or "", promotion.target, host)
    here = None if text == "tried" else host_target(host.rows())
    if here is None and text == "host":
        message = "the distro of this host is unknown"
        raise UsageError(message, hints=[Advice.sandbox("promote", "--for", "debian"), Advice.sandbox("distros")])
    return here or promotion.target


def named_target(text: str, near: Target | None, host: Context) -> Target:
    """Return the target of DISTRO or DISTRO:RELEASE, or of a release of the distro of `near`."""
    release = known_release(near.distro, text.lower()) if near else None
    if near and release:
        return replace(near, release=release)
    return find_target(text, host.rows(), typed=("promote", "--for"))


def purpose(tried: Target, target: Target, host: Context) -> str:
    """Return the distro of a script as `this host`, with its name if that differs from what was tried."""
    if target != host_target(host.rows()):
        return target.label
    return "this host" if target == tried else f"this host, {target.label}"


def with_target(
    promotion: Promotion, target: Target, host: Context, connect: Callable[[], Engine], reporter: TerminalReporter
) -> Promotion:
    """Return the promotion for a distro; an engine is needed if package names differ there."""
    from sandbox.promote.promotion import check_files_fit, is_of_other_names, retarget

    if target == promotion.target:
        return promotion
    check_files_fit(promotion, target)
    what = purpose(promotion.target, target, host)
    hint = Advice.sandbox(
        "promote", "--for", "tried", before=f"{what}; ", after=f" writes one for {promotion.target.label}"
    )
    reporter.rows([("for", advice_text(hint))])
    parent = family(target.distro, host.rows())
    if not is_of_other_names(promotion, target):
        return retarget(promotion, target, parent)
    from sandbox.promote.translate import translate

    engine = connect()
    reporter.heading(f"names on {target.label}")
    return translate(promotion, target, parent, host=host, engine=engine, reporter=reporter)


def show(promotion: Promotion, reporter: TerminalReporter, *, is_lost: bool = False) -> None:
    """Show a promotion's content, and what of the session it lacks."""
    from sandbox.promote.promotion import items

    reporter.rows([(f"  {item.text}", item.why) for item in items(promotion)])
    reporter.rows([("  accepts", text) for text in promotion.accepted])
    reporter.rows([*(("  not captured", text) for text in promotion.left_out), *_file_row(promotion)])
    if is_lost:
        reporter.rows([("  lost", "what you added by hand: the sandbox ended before sandbox could read it")])


def _file_row(promotion: Promotion) -> list[tuple[str, str]]:
    """Return the row that says how files get out of a sandbox, where some were made or changed by hand."""
    file = next((text.partition(" (")[0] for text in promotion.left_out if text.startswith("/")), None)
    if file is None:
        return []
    hint = Advice.sandbox("cp", f"NAME:{file}", ".", before="try with --keep next time, then ")
    return [("  to copy files", advice_text(hint))]


def show_host(promotion: Promotion, host: Context, reporter: TerminalReporter) -> None:
    """Show the preflight, if this host's package manager is the one of the script."""
    here = host_target(host.rows())
    if here is None or here.manager != promotion.target.manager:
        return
    from sandbox.cli.preflight_view import preflight_rows
    from sandbox.promote.preflight import preflight

    reporter.heading(f"preflight on this host ({here.label})")
    seen = {row.ref.name: row.version for row in promotion.packages if not row.ref.source}
    reporter.rows(preflight_rows(preflight([row.ref for row in promotion.packages], here, seen=seen)))
