"""What was done by hand beside packages, as commands that do it elsewhere, and as the parts of the install script.

A file that is there and differs is never overwritten: that is an error, before anything else is done.
"""

from __future__ import annotations

import base64
import shlex
from typing import TYPE_CHECKING

from sandbox.core.plaintext import plain_line
from sandbox.core.programs import sh_argv
from sandbox.errors import Advice, UsageError
from sandbox.managers.config_files import SERVICE, is_valid
from sandbox.managers.hand_steps import can_take, step_commands
from sandbox.managers.registry import data_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.managers.config_files import ConfigChange
    from sandbox.managers.hand_steps import HandStep, StepCommands
    from sandbox.managers.protocol import Argv
    from sandbox.promote.formats.base import Promotion


def valid_settings(promotion: Promotion) -> tuple[ConfigChange, ...]:
    """Return the settings, each held to the manager's own places, since they may come from a file.

    Raise UsageError for one that is none of them, or a service that has no name of one.
    """
    for setting in promotion.settings:
        if not is_valid(setting, data_of(promotion.target.manager).settings):
            message = f"{plain_line(setting.path, 80)} is not a settings file of {promotion.target.manager}"
            raise UsageError(message, hints=[Advice.sandbox("promote", "--without", "NAME")])
    for service in promotion.services:
        if not SERVICE.fullmatch(service):
            message = f"{plain_line(service, 80)} is not a valid service name"
            raise UsageError(message, hints=[Advice.sandbox("promote", "--without", "NAME")])
    return promotion.settings


def valid_steps(promotion: Promotion) -> tuple[tuple[HandStep, StepCommands], ...]:
    """Return the steps with their commands, each held to its grammar, since they may come from a file.

    Raise UsageError for one that the manager can't take.
    """
    data = data_of(promotion.target.manager)
    for step in promotion.steps:
        if not can_take(step, data):
            message = f"{promotion.target.manager} can't set {plain_line(step.name, 80)}"
            raise UsageError(message, hints=[Advice.sandbox("promote", "--without", "NAME")])
    return tuple((step, step_commands(step, data)) for step in promotion.steps)


def write_setting_argv(setting: ConfigChange) -> Argv:
    """Return the argv that writes a setting; it changes nothing if the setting exists."""
    text = setting.text
    if setting.added:
        return sh_argv(__package__, "add_lines.sh", setting.path, *(text or "").splitlines())
    if text is not None:
        return sh_argv(__package__, "put_text.sh", setting.path, text)
    coded = base64.b64encode(setting.content).decode()
    return sh_argv(__package__, "put_coded.sh", setting.path, coded)


def enable_services_argv(services: Sequence[str]) -> Argv:
    """Return the argv that enables services at boot."""
    return sh_argv(__package__, "enable_services.sh", *services)


def setting_values(settings: Sequence[ConfigChange], services: Sequence[str]) -> dict[str, str]:
    """Return the values of install.sh for its part that applies settings and services, and undoes that."""
    rows = "".join(
        f'    "$1" {number} {"lines" if setting.added else "file"} "$(place {shlex.quote(setting.path)})"\n'
        for number, setting in enumerate(settings, 1)
    )
    return {
        "SERVICES": shlex.quote(" ".join(services)),
        "CONTENTS": "".join(_content(number, setting) for number, setting in enumerate(settings, 1)),
        "ROWS": rows or "    :\n",
    }


def printing_function(name: str, text: str, *, command: str = "cat", end: str = "END", remark: str = "") -> str:
    """Return an sh function that prints lines from a here-document, and a blank line."""
    return "\n".join([f"{name}() {{{remark}", f"    {command} <<'{end}'", f"{text}{end}", "}", "", ""])


def _content(number: int, setting: ConfigChange) -> str:
    """Return the function that prints a setting: a here-document, in base64 unless it is plain text."""
    text, name, remark = setting.text, f"setting_{number}", f" # {setting.path}"
    if text is None:
        lines = base64.encodebytes(setting.content).decode()
        return printing_function(name, lines, command="base64 -d", remark=remark)
    end = "END"
    while end in text.splitlines():
        end += "_"
    return printing_function(name, text, end=end, remark=remark)
