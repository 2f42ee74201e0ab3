"""What a test that uses `sandbox_box` says where its sandbox can't be had."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.api.pytest_plugin import open_box
from sandbox.distros.lookup import find_target

if TYPE_CHECKING:
    from sandbox.api.arguments import Wanted
    from sandbox.api.opened import Opened


def refuse(wanted: Wanted) -> Opened:
    find_target(wanted.distro or "")
    raise AssertionError


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        (pytest.mark.sandbox("debain"), ['unknown distro "debain"', "  nearest   debian"]),
        (pytest.mark.sandbox(packges=["jq"]), ["no argument packges; did you mean packages?", "  known   distro"]),
        (pytest.mark.sandbox("debian", "jq"), ["takes one word without a name, the distro; got 2"]),
        (pytest.mark.sandbox(packages="jq"), ["packages"]),
    ],
)
def test_a_sandbox_that_can_not_be_had_fails_with_its_lines_and_no_traceback(
    mark: pytest.MarkDecorator, said: list[str]
) -> None:
    with pytest.raises(pytest.fail.Exception) as caught, open_box(mark.mark, refuse):
        pass
    assert not caught.value.pytrace
    assert caught.value.__context__ is None, "it would be shown as well"
    assert [line for line in said if line not in str(caught.value.msg)] == []
