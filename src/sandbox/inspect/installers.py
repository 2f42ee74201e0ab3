"""How an installer and its undo ended, as values, and in sentences. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from sandbox.container.snapshot import readable
from sandbox.core.human import count, names, size
from sandbox.core.plaintext import plain_line
from sandbox.inspect.claims import RESIDUE, may_claim
from sandbox.inspect.findings import RanInstaller, Sentence
from sandbox.provision.installer import LONGEST, failure_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sandbox.inspect.findings import Footprint
    from sandbox.provision.installer import InstallerEnd, InstallerRoom

FOLDERS: Final = 3
"""Most folders to name."""


def ran_installer(room: InstallerRoom, ended: InstallerEnd) -> RanInstaller:
    """Return how an installer ended."""
    one = room.installer
    return RanInstaller(
        name=one.name,
        command=readable(one.line),
        user=room.user or "root",
        status=ended.status,
        said=plain_line(ended.last, LONGEST),
        question=plain_line(ended.question, LONGEST),
        is_late=ended.is_late,
        limit=one.limit,
        missing=ended.missing,
        unused=ended.unused,
        undo=one.undo,
    )


def undo_failure(ran: RanInstaller, ended: InstallerEnd) -> str:
    """Return why an undo failed, or ""."""
    if ended.is_good:
        return ""
    if ended.missing:
        return f"{plain_line(ran.undo, LONGEST)} needs {names(ended.missing)}, which the base lacks"
    return failure_text(plain_line(ran.undo, LONGEST), ended.status, ended.last, ended.question, ran.limit)


def failure_of(ran: RanInstaller) -> str:
    """Return why an installer failed, or ""."""
    if ran.is_good:
        return ""
    return failure_text(ran.name, ran.status, ran.said, ran.question, ran.limit)


def begin_sentences(ran: RanInstaller) -> Iterator[Sentence]:
    """Yield what comes first: that it failed, and what it lacked."""
    if failure := failure_of(ran):
        yield Sentence(text=f"The installer failed: {failure}.", evidence=("installer",))
    if ran.missing:
        it = "it is" if len(ran.missing) == 1 else "they are"
        packages = "package that has it" if len(ran.missing) == 1 else "packages that have them"
        how = "so this is not all that it does" if ran.is_good else f"name the {packages}"
        text = f"It called {names(ran.missing, 6)}, and {it} not in this base: {how}."
        yield Sentence(text=text, evidence=("installer",))
    if ran.unused:
        text = f"It did not ask for these answers: {names(ran.unused, 4)}."
        yield Sentence(text=text, evidence=("installer",))


def bring_sentences(found: Footprint) -> Iterator[Sentence]:
    """Yield what an installer brings that no package owns, and where."""
    rows = found.of("unowned")
    if not rows:
        return
    sizes = {file.path: file.size for file in found.files}
    taken = sum(sizes.get(row.what, 0) for row in rows)
    places = [
        place for place, _ in Counter("/".join(row.what.split("/")[:-1][:4]) or "/" for row in rows).most_common()
    ]
    more = len(places) - FOLDERS
    where = names((*places[:FOLDERS], *[count(more, "other folder")] * (more > 0)))
    text = f"Brings {count(len(rows), 'path')} that no package owns, {size(taken)}, in {where}."
    yield Sentence(text=text, evidence=("unowned", "files"))


def path_sentence(ran: RanInstaller) -> Iterator[Sentence]:
    """Yield the folders that it puts on the PATH of shells."""
    if ran.on_path:
        whose = "of shells" if ran.user == "root" else "of its user's shells"
        yield Sentence(text=f"Puts {names(ran.on_path, 4)} on the PATH {whose}.", evidence=("installer",))


def nothing_sentence(found: Footprint, unknown: Collection[str]) -> Iterator[Sentence]:
    """Yield that nothing changed, if that was seen."""
    if not (found.findings or found.packages or found.files or set(unknown) - {RESIDUE}):
        yield Sentence(text="Changed nothing outside its own folder.", evidence=("unowned", "foreign"))


def undo_sentence(ran: RanInstaller, left: str, failure: str, unknown: Collection[str]) -> Sentence:
    """Return what is known of its undo; `left` is what that leaves, in words, empty for nothing."""
    if not ran.undo:
        text = "Whether it can be taken back was not tried: no --undo was given."
    elif failure:
        text = f"The undo failed: {failure}{f'; it leaves {left}' if left else ''}."
    elif left:
        text = f"Its undo leaves {left}."
    else:
        text = "Its undo leaves no trace." if may_claim(RESIDUE, unknown) else "Could not see what its undo leaves."
    return Sentence(text=text, evidence=(RESIDUE,))
