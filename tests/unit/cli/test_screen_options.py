"""A display is refused, by name and with the next step, where it could not be seen or would outlive what serves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.cli.screen_options import with_display
from sandbox.cli.try_options import Ending, Reach
from sandbox.distros.lookup import find_target
from sandbox.errors import UsageError
from sandbox.managers.registry import manager_of
from sandbox.provision.plan import Terms, plan_for
from sandbox.provision.request import ScreenRequest, TryRequest
from sandbox.specs.model import Network, Spec

if TYPE_CHECKING:
    from sandbox.lifecycle.lifetimes import Life


def request(network: Network = "default", life: Life = "session", *, boot: bool = False) -> TryRequest:
    target = find_target("debian:bookworm")
    spec = Spec(packages=("xterm",), network=network, boot=boot)
    plan = plan_for(Spec(packages=("xterm",)), target, manager_of(target.manager), Terms())
    return TryRequest(spec=spec, planned=lambda _: plan, plan=plan, life=life)


def test_a_display_is_what_was_asked_for_and_brings_its_packages() -> None:
    found = with_display(request(), Reach(screen=True, screen_clipboard=True), Ending())
    assert found.screen == ScreenRequest(opens=False, clipboard=True)
    assert found.plan is not None
    assert "screen" in {step.kind for step in found.plan.steps}
    assert found.planned(find_target("debian:bookworm")) == found.plan


@pytest.mark.parametrize(
    ("asked", "reach", "ending", "words"),
    [
        (request(), Reach(open=True), Ending(), "--open needs --screen"),
        (request(), Reach(screen_clipboard=True), Ending(), "--screen-clipboard needs --screen"),
        (request(life="kept"), Reach(screen=True), Ending(), "--screen and --keep"),
        (request(life="detached"), Reach(screen=True), Ending(), "--screen and --detach"),
        (request("host"), Reach(screen=True), Ending(), "--screen and --network host"),
        (request("none"), Reach(screen=True), Ending(), "--screen and --network none"),
        (request(boot=True), Reach(screen=True), Ending(), "--screen and --boot"),
        (request(), Reach(screen=True), Ending(quiet=True), "--quiet hides the address"),
    ],
)
def test_what_can_not_be_shown_is_refused(asked: TryRequest, reach: Reach, ending: Ending, words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        with_display(asked, reach, ending)
    assert caught.value.hints
