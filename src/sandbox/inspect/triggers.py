"""What packages have the manager run whenever other packages come: triggers of dpkg, apk and rpm, hooks of pacman.

Sources: deb-triggers(5) and /usr/share/doc/dpkg/spec/triggers.txt (triggers/File and triggers/NAME), apk-trigger of
apk-package(5) and apk_db_triggers_write of apk's sources (db/triggers), alpm-hooks(5),
rpm's file_triggers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.container.snapshot import readable
from sandbox.core.human import names
from sandbox.inspect.findings import LaterRun

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sandbox.container.snapshot import Snapshot
    from sandbox.inspect.file_changes import FileDiff
    from sandbox.managers.metadata import Fact

DPKG: Final = re.compile(r"/var/lib/dpkg/triggers/(?!Lock$|Unincorp$)([^/]+)")
APK: Final = re.compile(r"/(?:usr/)?lib/apk/db/triggers")
HOOK: Final = re.compile(r"/(?:usr/share/libalpm|etc/pacman\.d)/hooks/[^/]+\.hook")
INDEXES: Final = frozenset(
    (
        "appstream bamfdaemon cracklib-runtime desktop-file-utils doc-base fontconfig gnome-menus hicolor-icon-theme"
        " install-info libc-bin libgdk-pixbuf-2.0-0 libglib2.0-0 libglib2.0-0t64 libgtk-3-0 libgtk-3-0t64 libgtk2.0-0"
        " libgtk2.0-0t64 libvlc-bin mailcap man-db menu mime-support sgml-base shared-mime-info tex-common"
        " gdk-pixbuf2 glib2 glibc glibc-common gtk-update-icon-cache gtk3 gtk4 info vlc-core"
    ).split()
)
"""Packages of Debian, then of Fedora, whose triggers renew an index of other packages' files, and do nothing else."""
MOST: Final = 4
"""Places of one trigger that are named."""


def trigger_runs(difference: FileDiff, before: Mapping[str, bytes], after: Snapshot) -> Iterator[LaterRun]:
    """Yield the triggers and hooks that are new; `before` are the contents of files before."""
    yield from _of_dpkg(before, after)
    yield from _of_apk(before, after)
    for path in (*difference.added, *difference.changed):
        if HOOK.fullmatch(path) and path in after.contents:
            text = after.contents[path].decode(errors="replace")
            targets, said = re.findall(r"^\s*Target\s*=\s*(.+?)\s*$", text, re.MULTILINE), _last(text, "When")
            when = f"when packages come that match {names(tuple(targets), MOST)}{f' ({said})' if said else ''}"
            yield _run(path, when, _last(text, "Exec"), "")


def awaiting_runs(facts: Iterable[Fact]) -> Iterator[LaterRun]:
    """Yield the file triggers of rpm's packages, which only its database knows."""
    for fact in facts:
        if fact.awaits:
            when = f"when another package has files below {names(fact.awaits, MOST)}"
            yield _run(fact.name, when, f"the file trigger of {fact.name}", fact.name)


def _of_dpkg(before: Mapping[str, bytes], after: Snapshot) -> Iterator[LaterRun]:
    """Yield a run for each package that has asked for files of others, or for a name that others call."""
    known, found = set(_interests(before)), dict[str, list[str]]()
    for package, wait in _interests(after.contents):
        if (package, wait) not in known:
            found.setdefault(package, []).append(wait)
    for package, waits in found.items():
        folders = tuple(wait for wait in waits if wait.startswith("/"))
        calls = tuple(wait for wait in waits if not wait.startswith("/"))
        texts = [f"when another package has files below {names(folders, MOST)}"] if folders else []
        texts += [f"when another package calls {names(calls, MOST)}"] if calls else []
        records = f"/var/lib/dpkg/info/{package}"
        yield _run(f"{records}.triggers", ", and ".join(texts), f"{records}.postinst triggered", package)


def _interests(contents: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """Yield packages and what each waits for: a path, or a name that others activate."""
    for path in sorted(contents):
        if not (match := DPKG.fullmatch(path)):
            continue
        for line in contents[path].decode(errors="replace").splitlines():
            wait, _, package = line.rpartition(" ") if match[1] == "File" else (match[1], "", line)
            if wait and package:
                yield package.partition("/")[0], wait


def _of_apk(before: Mapping[str, bytes], after: Snapshot) -> Iterator[LaterRun]:
    for path in sorted(after.contents):
        if APK.fullmatch(path):
            known = set(before.get(path, b"").splitlines())
            installed = after.contents.get(f"{path.rpartition('/')[0]}/installed", b"").decode(errors="replace")
            owners = dict(re.findall(r"^C:(\S+)\nP:(\S+)$", installed, re.MULTILINE))
            for line in after.contents[path].splitlines():
                mark, _, places = line.decode(errors="replace").partition(" ")
                if line not in known and places:
                    package = owners.get(mark, "")
                    when = f"when another package has files in {names(tuple(places.split(':')), MOST)}"
                    yield _run(path, when, f"the trigger of {package or 'a package'}", package)


def _run(path: str, when: str, runs: str, package: str) -> LaterRun:
    texts = (readable(text) for text in (path, when, runs, package))
    name, moment, command, service = texts
    return LaterRun(kind="trigger", name=name, when=moment, runs=command, user="root", service=service)


def _last(text: str, key: str) -> str:
    found = re.findall(rf"^\s*{key}\s*=\s*(.+?)\s*$", text, re.MULTILINE)
    return found[-1] if found else ""


def is_index(run: LaterRun) -> bool:
    """Return whether a run only renews an index of files, or has a finding of its own, as a hook of pacman."""
    return run.kind == "trigger" and (not run.service or run.service.partition(":")[0] in INDEXES)
