"""`sandbox new`: writes a commented, valid spec to start from."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.core import yamltext
from sandbox.core.files import write_new
from sandbox.errors import Advice, UsageError
from sandbox.specs import find
from sandbox.specs.kinds import quote
from sandbox.specs.load import load_spec
from sandbox.specs.options import Options, spec_from_options
from sandbox.specs.schema import key_docs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sandbox.specs.model import Spec


class NewSpec(Struct, frozen=True, kw_only=True):
    """A new spec: its path, the value of --spec that finds it, and its content."""

    path: Path
    reference: str
    spec: Spec


def new(
    name: str, *, cwd: Path, packages: Sequence[str] = (), distro: str | None = None, description: str | None = None
) -> NewSpec:
    """Write `sandboxes/NAME.yaml`, or `NAME.yaml` where there is no such folder, and return it.

    A name with a slash and .yaml is the path to write to. Raises UsageError for a name that can't be, for values that
    can't be, and for a file that is already there.
    """
    given = PurePath(name) if "/" in name and name.endswith(find.SUFFIXES) else None
    name = given.stem if given else name
    if not find.NAME.fullmatch(name):
        raise UsageError(f"expected a name such as web-tools, got {quote(name)}")
    if name.endswith(find.SUFFIXES):
        raise UsageError(
            f"expected a name without .yaml, got {quote(name)}", hints=[Advice.sandbox("new", name.rpartition(".")[0])]
        )
    spec_from_options(Options(packages=packages, distro=distro), folder=cwd)
    named = not given and (cwd / "sandboxes").is_dir()
    path = cwd / (given or f"{'sandboxes/' if named else ''}{name}.yaml")
    reference = str(given) if given and given.parent != PurePath() else name if named else path.name
    text = template(name, reference, packages=packages, distro=distro, description=description)
    spec = load_spec(text.encode(), source=path.name, folder=path.parent)
    write_new(path, text, mode=0o666, if_there=Advice.sandbox("validate", str(path)))
    return NewSpec(path=path, reference=reference, spec=spec)


def template(name: str, reference: str, *, packages: Sequence[str], distro: str | None, description: str | None) -> str:
    """Return the text: what is known as values, every other key as a comment with its meaning and an example.

    `reference` is what --spec takes to find it.
    """
    known: dict[str, yamltext.Plain] = {"description": description or f"One sentence that says what {name} is for"}
    if distro:
        known["distro"] = distro
    known["packages"] = list(packages)
    return "".join(_lines(reference, known))


def _lines(reference: str, known: dict[str, yamltext.Plain]) -> Iterator[str]:
    tries, tells = Advice.sandbox("try", "--spec", reference).line, Advice.sandbox("schema", "--doc", "KEY").line
    yield f"# {tries}\n# {tells} explains a key.\n"
    for doc in key_docs():
        yield f"\n# {doc.doc}\n"
        if doc.key in known:
            yield yamltext.dump({doc.key: known[doc.key]})
        else:
            yield f"# {doc.key}: {doc.example}\n"
