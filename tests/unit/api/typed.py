"""A program as somebody else writes it, for mypy: what it infers, and the mistakes that it finds.

With `warn_unused_ignores` an ignore is itself an error where there is no mistake any more.
"""

from __future__ import annotations

from pathlib import Path

from typing_extensions import assert_type

from sandbox import CommandFailed, Completed, Sandbox, SandboxError
from sandbox.inspect.findings import Footprint


def use(folder: Path) -> str:
    """Use all that a Sandbox has."""
    with Sandbox("debian:bookworm", packages=["jq"], network="offline", memory="512M") as box:
        assert_type(box, Sandbox)
        assert_type(box.run("jq", "--version"), Completed[str])
        assert_type(box.run("jq", input=b"{}", text=False), Completed[bytes])
        assert_type(box.run("jq", timeout=1.5, user=1000, cwd=folder, env={"A": "b"}, check=True).stdout, str)
        assert_type(box.copy_out("/etc", folder), Path)
        assert_type(box.footprint(), Footprint)
        assert_type(box.footprint().packages[0].name, str)
        return box.promote("ansible", verify=False)


def mistake() -> None:
    """Make one mistake a line."""
    Sandbox(packages=[1])  # type: ignore[list-item]
    Sandbox(network="host")  # type: ignore[arg-type]
    Sandbox(package=["jq"])  # type: ignore[call-arg]
    box = Sandbox()
    box.run("jq", timeout="1")  # type: ignore[call-overload]
    box.run(["jq"])  # type: ignore[call-overload]
    box.run("jq").stdout + b""  # type: ignore[operator]
    box.runs("jq")  # type: ignore[attr-defined]


def handle(error: SandboxError) -> int:
    """Use an error."""
    return error.returncode if isinstance(error, CommandFailed) else error.status
