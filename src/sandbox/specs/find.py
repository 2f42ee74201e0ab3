"""Finds a spec: by path, on standard input, or by name in the project, the user's folder or the package."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from sandbox.core.paths import config_folder, home
from sandbox.core.yamltext import MAX_BYTES
from sandbox.errors import Advice, SpecError, UsageError
from sandbox.specs.kinds import quote
from sandbox.specs.load import SpecText, load_document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.errors import Problem
    from sandbox.specs.load import Known, LoadedSpec
    from sandbox.specs.model import Limits

Origin = Literal["here", "yours", "shipped"]
Stdin = Callable[[], bytes]

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
SUFFIXES: Final = (".yaml", ".yml")


class SpecSummary(Struct, frozen=True, kw_only=True):
    """A spec with a name; an invalid one is listed too, with its problems."""

    name: str
    origin: Origin
    path: Path
    description: str = ""
    distro: str | None = None
    packages: tuple[str, ...] = ()
    checks: int = 0
    problems: tuple[Problem, ...] = ()


def places(environ: Mapping[str, str], cwd: Path) -> tuple[tuple[Origin, Path], ...]:
    """Return the folders that hold specs by name; the first one with the name wins."""
    return (
        ("here", cwd / "sandboxes"),
        ("yours", config_folder(environ) / "specs"),
        ("shipped", shipped_folder()),
    )


def shipped_folder() -> Path:
    """Return the folder of the specs that ship: in the installed package, or in the checkout."""
    package = Path(__file__).parents[1]
    installed = package / "sandboxes"
    return installed if installed.is_dir() else package.parents[1] / "sandboxes"


def is_lock(path: Path) -> bool:
    """Return whether a file is a lock, not a spec."""
    return path.name.endswith(".lock.yaml")


def is_path(value: str) -> bool:
    """Return whether a value is a path: it has a slash or the suffix of a YAML file."""
    return "/" in value or value.endswith(SUFFIXES)


def find_spec(value: str, *, environ: Mapping[str, str], cwd: Path, stdin: Stdin | None = None) -> SpecText:
    """Return the text of a spec by name or path; `-` is what `stdin` returns (it should bound what it reads).

    Raises UsageError for one that is not there (with the nearest names) or can't be read.
    """
    if value == "-" and stdin is not None:
        return SpecText(source="standard input", data=stdin(), folder=cwd)
    if is_path(value):
        return _read(value, cwd / _expand(value, environ))
    if NAME.fullmatch(value):
        for origin, folder in places(environ, cwd):
            path = folder / f"{value}.yaml"
            if _is_file(path):
                return _read(_typed_path(path, origin, cwd), path)
    raise _unknown(value, environ, cwd)


def load_by_name(
    value: str,
    *,
    environ: Mapping[str, str],
    cwd: Path,
    stdin: Stdin | None = None,
    known: Known | None = None,
    defaults: Limits | None = None,
) -> LoadedSpec:
    """Return the spec of a name, a path or `-` with all it extends; raise UsageError or SpecError.

    With `known` a distro that is none is one of its problems.
    """
    from sandbox.specs.model import Limits

    text = find_spec(value, environ=environ, cwd=cwd, stdin=stdin)

    def find(reference: str, folder: Path) -> SpecText:
        if is_path(reference):
            path = folder / _expand(reference, environ)
            return _read(_typed_path(path, "here", cwd), path, regular=True)
        return find_spec(reference, environ=environ, cwd=cwd)

    return load_document(text, home=home(environ), find=find, known=known, defaults=defaults or Limits())


def list_specs(*, environ: Mapping[str, str], cwd: Path) -> tuple[SpecSummary, ...]:
    """Return all specs that have a name, by name; unreadable ones are listed with their problems."""
    found: dict[str, SpecSummary] = {}
    for origin, folder in places(environ, cwd):
        for path in _files(folder):
            if path.stem not in found:
                found[path.stem] = _summary(path, origin, environ, cwd)
    return tuple(found[name] for name in sorted(found))


def names(environ: Mapping[str, str], cwd: Path) -> tuple[str, ...]:
    """Return the names of all specs without reading them, for completion and for `did you mean`."""
    return tuple(sorted({path.stem for _, folder in places(environ, cwd) for path in _files(folder)}))


def _summary(path: Path, origin: Origin, environ: Mapping[str, str], cwd: Path) -> SpecSummary:
    try:
        spec = load_by_name(path.stem, environ=environ, cwd=cwd).spec
    except SpecError as error:
        return SpecSummary(name=path.stem, origin=origin, path=path, problems=error.problems)
    except UsageError as error:
        return SpecSummary(name=path.stem, origin=origin, path=path, description=error.brief)
    return SpecSummary(
        name=path.stem,
        origin=origin,
        path=path,
        description=spec.description,
        distro=spec.distro,
        packages=spec.packages,
        checks=len(spec.checks),
    )


def _files(folder: Path) -> Sequence[Path]:
    try:
        return sorted(path for path in folder.glob("*.yaml") if NAME.fullmatch(path.stem) and not is_lock(path))
    except OSError:  # an unreadable folder counts as empty
        return []


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def _read(source: str, path: Path, *, regular: bool = False) -> SpecText:
    """Return the file's text; `regular` refuses pipes and devices, which could block us."""
    try:
        if regular and not stat.S_ISREG(path.stat().st_mode):
            raise UsageError(f"{source} is not a regular file")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        from sandbox.core.unreadable import unreadable_file

        raise unreadable_file(path, error, shown=source) from None
    return SpecText(source=source, data=data, folder=path.parent.absolute(), name=path.stem)


def _expand(value: str, environ: Mapping[str, str]) -> str:
    return f"{home(environ)}{value[1:]}" if value.startswith("~/") else value


def _typed_path(path: Path, origin: Origin, cwd: Path) -> str:
    """Return the path as the user would type it: relative if it is below the current folder."""
    shown = path.resolve()
    return str(shown.relative_to(cwd)) if origin == "here" and shown.is_relative_to(cwd) else str(shown)


def _unknown(value: str, environ: Mapping[str, str], cwd: Path) -> UsageError:
    from sandbox.core.fuzzy import nearest_rows, nearest_words

    near = nearest_words(value, names(environ, cwd), 3)
    # in a checkout both are the same folder
    looked = ", ".join(dict.fromkeys(str(folder) for _, folder in places(environ, cwd)))
    beside = next(
        (f"./{value}{end}" for end in SUFFIXES if NAME.fullmatch(value) and _is_file(cwd / f"{value}{end}")), ""
    )
    meant = beside or "".join(near[:1])
    hints = [*([Advice.mend((value, meant))] if meant else []), Advice.sandbox("specs")]
    if NAME.fullmatch(value) and not beside:  # the user may have meant a package
        made = value if (cwd / "sandboxes").is_dir() else f"./{value}.yaml"
        hints.append(Advice.sandbox("new", value, value, after=f", then the same command with {made}"))
    here = [("here", f"{beside} is a file, and a file is given by its path")] if beside else []
    return UsageError(
        f"no spec has the name {quote(value)}",
        details=[*here, *nearest_rows(near), ("looked in", looked)],
        hints=hints,
    )
