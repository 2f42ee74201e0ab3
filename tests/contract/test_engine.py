"""The engine in memory, which unit tests stand on, against the claims of a real one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.contract.engine_claims import EngineClaims
from tests.unit.fakes import FakeEngine
from tests.unit.fakes.inside import RUNNING

from sandbox.engine.protocol import Image

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.fakes.inside import Answer, Inside

    from sandbox.engine.protocol import ExecSpec

BASE = Image(id=f"sha256:{'ab' * 32}", tags=("debian:bookworm",), size=30_000_000, platform="linux/amd64")


def coreutils(box: Inside, spec: ExecSpec, stdin: bytes) -> Answer:
    """Answer what the claims run, as Debian's programs do."""
    match spec.argv:
        case ("cat", *paths):
            return cat(box, stdin, paths)
        case ("tee", path):
            box.tree.write(path, stdin)
            return 0, stdin, b""
        case ("echo", text):
            return 0, f"{text}\n".encode(), b""
        case ("printenv", name):
            return 0, f"{spec.env[name]}\n".encode(), b""
        case ("pwd",):
            return 0, f"{spec.workdir}\n".encode(), b""
        case ("id", "-u"):
            return 0, f"{spec.user}\n".encode(), b""
        case ("sleep", seconds):
            return RUNNING if float(seconds) else 0, b"", b""
        case ("true",) | ("false",):
            return int(spec.argv == ("false",)), b"", b""
        case _:
            return 127, b"", f"exec: {spec.argv[0]}: no such file or directory".encode()


def cat(box: Inside, stdin: bytes, paths: list[str]) -> Answer:
    stdout = stderr = b""
    for path in paths:
        node = box.tree.get(path)
        stdout += stdin if path == "-" else node.content if node else b""
        stderr += b"" if node or path == "-" else f"cat: {path}: No such file or directory\n".encode()
    return int(bool(stderr)), stdout, stderr


class TestFake(EngineClaims):
    @pytest.fixture
    def engine(self) -> FakeEngine:
        return FakeEngine(images_known=[BASE], files={"/etc/debian_version": b"12.11\n"}, program=coreutils)

    @pytest.fixture
    def base(self) -> str:
        return "debian:bookworm"

    @pytest.fixture
    def has_volume(self, engine: FakeEngine) -> Callable[[str, str], Callable[[], bool]]:
        def ask(ident: str, path: str) -> Callable[[], bool]:
            name = engine.insides[ident].volumes[path]
            return lambda: name in engine.volumes

        return ask
