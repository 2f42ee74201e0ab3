"""What one inspection could not see, and what a manager's list leaves in doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.inspect.blind_spots import OWNED, RUNNING, Doubt
from sandbox.inspect.claims import PACKAGES, RESIDUE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox.container.survey import Survey
    from sandbox.inspect.measured import Measured
    from sandbox.managers.languages.base import LanguageManager
    from sandbox.managers.protocol import Package


class Doubts:
    """The doubts of one inspection, in the order in which they are shown."""

    def __init__(self) -> None:
        self._rows = list[Doubt]()

    def admit(self, doubt: Doubt) -> None:
        """Record once what could not be seen."""
        if doubt not in self._rows:
            self._rows.append(doubt)

    def begin_with(self, doubts: Iterable[Doubt]) -> None:
        """Put these before all others."""
        self._rows[:0] = doubts

    @property
    def texts(self) -> tuple[str, ...]:
        """Their sentences, each once."""
        return tuple(dict.fromkeys(doubt.text for doubt in self._rows))

    @property
    def about(self) -> set[str]:
        """The keys that they leave open."""
        return {key for doubt in self._rows for key in doubt.about}


def list_doubts(measured: Measured, survey: Survey | None) -> Iterator[Doubt]:
    """Yield a doubt if the manager's list can't be right: then new packages and residue are unknown."""
    if survey is None or not survey.probe.packages:
        text = "Could not see which packages are installed: the list could not be read."
        yield Doubt(text=text, about=(PACKAGES, RESIDUE, *OWNED))
    elif measured.is_list_broken:
        text = "Could not see which packages are installed: the package manager's list is damaged."
        yield Doubt(text=text, about=(PACKAGES, RESIDUE, *OWNED))
    elif not survey.is_whole:
        text = "Could see only the files in the sandbox: its sh, cat or wc do not work."
        yield Doubt(text=text, about=(*RUNNING, *OWNED))


def language_doubts(there: Iterable[Package], languages: Iterable[LanguageManager]) -> Iterator[Doubt]:
    """Yield a doubt for each language whose manager lists nothing although it installed something."""
    listed = {row.full_name.partition(":")[0] for row in there}
    for language in languages:
        if language.name not in listed:
            text = f"Could not see which packages of {language.name} were installed: it lists none."
            yield Doubt(text=text, about=(PACKAGES, RESIDUE, *OWNED))
