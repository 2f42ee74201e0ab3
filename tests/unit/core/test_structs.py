"""What the way to a prompt loads: nothing that takes long and is not needed there."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sandbox.core import digest

HEAVY = ("inspect", "typing_extensions", "tarfile", "lzma", "bz2", "gzip", "shutil", "hashlib", "locale", "tempfile")
WAY = """
import sys
from sandbox.core.structs import load_structs
load_structs()
import sandbox.cli.program, sandbox.cli.try_run, sandbox.commands.try_, sandbox.engine.direct, sandbox.provision.run
import sandbox.provision.cache, sandbox.promote.baseline_note, sandbox.report.try_text, sandbox.cli.host
from sandbox.managers.registry import data_of
data_of("apt")
print(*(name for name in sys.argv[1:] if name in sys.modules))
import typing_extensions, msgspec
assert issubclass(type(typing_extensions.TypedDict), object) and msgspec.json.decode(b'{"a":1}') == {"a": 1}
"""
"""What a start of a cached sandbox imports before its prompt; then what others import is as usual."""


def test_the_way_to_a_prompt_loads_nothing_that_takes_long() -> None:
    argv = (sys.executable, "-I", "-c", WAY, *HEAVY)
    assert subprocess.run(argv, capture_output=True, text=True, check=True).stdout == "\n"


@pytest.mark.parametrize(("module", "is_left"), [("msgspec", True), ("typing_extensions", True), ("", False)])
def test_typing_extensions_is_left_out_only_where_neither_it_nor_msgspec_is_loaded(
    module: str, *, is_left: bool
) -> None:
    text = (
        f"import sys{f', {module}' if module else ''}\nfrom sandbox.core.structs import load_structs\nload_structs()\n"
    )
    text += "print('inspect' in sys.modules)\nfrom sandbox.specs.model import Spec\n"
    done = subprocess.run((sys.executable, "-I", "-c", text), capture_output=True, text=True, check=True)
    assert done.stdout == f"{is_left}\n"


def test_a_digest_is_sha_256() -> None:
    assert digest.sha256(b"abc").hexdigest().startswith("ba7816bf")
