"""The package as others import it: nothing is loaded before it is used, and types know what is there."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

import sandbox
from sandbox import errors

HERE: Final = Path(sandbox.__file__).parent


def modules_after(code: str) -> set[str]:
    """Return the modules that a program has loaded in the end and an empty one has not."""
    show = "import sys; before = {*sys.modules}\n%s\nprint(*{*sys.modules} - before)"
    done = subprocess.run([sys.executable, "-c", show % code], capture_output=True, text=True, check=True)
    return {*done.stdout.split()}


def test_importing_it_loads_one_module() -> None:
    assert modules_after("import sandbox") == {"sandbox"}


def test_an_error_is_had_without_the_rest() -> None:
    assert "docker" not in modules_after("from sandbox import UsageError")
    assert "sandbox.api.box" not in modules_after("from sandbox import UsageError")


def test_the_plugin_of_pytest_loads_nothing_else_of_ours() -> None:
    found = modules_after("import pytest\nimport sandbox.api.pytest_plugin")
    ours = {name for name in found if name.partition(".")[0] in ("sandbox", "docker", "msgspec", "requests")}
    assert ours == {"sandbox", "sandbox.api", "sandbox.api.pytest_plugin"}


def test_every_error_of_the_tree_is_there_but_for_those_of_the_command_line() -> None:
    tree = {name for name, found in vars(errors).items() if isinstance(found, type) and issubclass(found, Exception)}
    assert tree <= {*sandbox.__all__}
    assert all(getattr(sandbox, name) is getattr(errors, name) for name in tree)


def test_types_and_runtime_know_the_same_names() -> None:
    stub = ast.parse((HERE / "__init__.pyi").read_text())
    names = {alias.name for node in stub.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    names |= {ast.unparse(node.target) for node in stub.body if isinstance(node, ast.AnnAssign)}
    (listed,) = (ast.literal_eval(node.value) for node in stub.body if isinstance(node, ast.Assign))
    assert names == {*listed} == {*sandbox.__all__}
    assert {*sandbox.__all__} <= {*dir(sandbox)}


def test_what_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Sandbx'"):
        sandbox.Sandbx  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(ImportError):
        exec("from sandbox import Sandbx")
