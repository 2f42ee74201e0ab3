"""`make fuzz`: specs grown from shipped ones by a coverage-guided fuzzer; a spec or a SpecError comes of each."""

from __future__ import annotations

import argparse
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
LONGEST: Final = 4096
SLOWEST: Final = 10
"""Seconds after which one input counts as hanging."""

atheris: Any = import_module("atheris")  # it has no types, and is no dependency: only this needs it
with atheris.instrument_imports(include=["sandbox"]):
    from sandbox.core.yamltext import parse
    from sandbox.errors import SpecError
    from sandbox.specs.load import load_spec


def one(data: bytes) -> None:
    """Read one input as text and as a spec; what is no spec is refused as one, and nothing else happens."""
    try:
        document = parse(data, source="fuzz.yaml")
    except SpecError as error:
        _is_said(error)
        return
    assert document is not None
    try:
        load_spec(data, source="fuzz.yaml", folder=Path("/nonexistent"))
    except SpecError as error:
        _is_said(error)


def _is_said(error: SpecError) -> None:
    """Check that an error has words, of one line, that may be shown on a terminal."""
    assert error.brief
    assert error.brief.isprintable()


def main() -> None:
    """Run until the time is over or an input fails; the figures are libFuzzer's own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        for number, path in enumerate(sorted(ROOT.glob("sandboxes/*.y*ml")) + sorted(ROOT.glob("examples/*.y*ml"))):
            Path(folder, str(number)).write_bytes(path.read_bytes())
        words = Path(folder, "words")
        words.write_text(dump_words())
        found = ROOT / "build" / "fuzz"  # where an input that fails is written
        found.mkdir(parents=True, exist_ok=True)
        limits = [
            f"-artifact_prefix={found}/",
            f"-max_total_time={asked.seconds}",
            f"-max_len={LONGEST}",
            f"-timeout={SLOWEST}",
            f"-dict={words}",
        ]
        atheris.Setup([sys.argv[0], folder, *limits, "-print_final_stats=1", "-verbosity=0"], one)
        atheris.Fuzz()


def dump_words() -> str:
    """Return the words that inputs are made of, for libFuzzer: the keys of a spec and YAML's own signs."""
    from sandbox.specs.model import Spec

    keys = [f"{name}:" for name in Spec.__struct_fields__]
    signs = ["- ", "? ", ": ", "&a ", "*a", "!!str ", "<<: ", "---", "...", "| ", "> ", "{", "}", "[", "]", "'", "#"]
    return "".join(f'"{word}"\n' for word in [*keys, *signs])


if __name__ == "__main__":
    main()
