"""A promotion as an Ansible playbook, with the module of the host's package manager where it serves.

Sources: Ansible's documentation of playbooks, of `!unsafe` and of the modules that managers/on_host.py names. What a
module can't do, as versions for some, is done by the proven command, if its check says that there is need.
"""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Final

from sandbox.managers import manager_named
from sandbox.managers.on_host import ROWS
from sandbox.promotions.commands import commands
from sandbox.promotions.header import comment, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.promotions.base import Promotion
    from sandbox.promotions.commands import Command

name: Final = "ansible"
file: Final = "playbook.yml"
COMMAND: Final = "ansible.builtin.command"


def render(promotion: Promotion) -> str:
    """Return the playbook, for all hosts of an inventory."""
    rows, manager = commands(promotion), manager_named(promotion.target.manager)
    title = f"install {listed([row.ref.full_name for row in promotion.packages])}"
    lines = [
        f"# ansible-playbook -i HOSTS {file}",
        comment(promotion).rstrip("\n"),
        f"- name: {text(title)}",
        "  hosts: all",
        f"  become: {_word(manager.needs_root)}",
        "  tasks:",
        *(f"    {line}" for row in rows for line in _task(row)),
    ]
    return "\n".join([*lines, ""])


def text(value: str) -> str:
    """Return a string that neither YAML nor Ansible's templates read anything into."""
    return f"!unsafe {json.dumps(value)}" if "{" in value else json.dumps(value)


def _word(value: str | bool) -> str:
    return json.dumps(value)


def _task(row: Command) -> Iterator[str]:
    known = next((found for key, found in ROWS.items() if key == row.manager.name), None)
    pinned = [ref for ref in row.packages if ref.version]
    if known is None or known.ansible == COMMAND or (pinned and not known.pin):
        yield from _by_command(row)
    elif row.kind == "refresh":
        if "update_cache" not in known.ansible_options:
            yield from _plain(row)
    elif row.kind == "upgrade":
        yield from _plain(row)
    else:
        yield f"- name: {text(row.title)}"
        yield f"  {known.ansible}:"
        yield "    name:"
        for ref in row.packages:
            yield f"      - {text(f'{ref.name}{known.pin}{ref.version}' if ref.version else ref.name)}"
        yield "    state: present"
        yield from (f"    {key}: {_word(value)}" for key, value in known.ansible_options.items())


def _plain(row: Command) -> Iterator[str]:
    yield f"- name: {text(row.title)}"
    yield f"  {COMMAND}:"
    yield "    argv:"
    yield from (f"      - {text(word)}" for word in row.whole)
    yield "  changed_when: false" if row.kind == "refresh" else "  changed_when: true"


def _by_command(row: Command) -> Iterator[str]:
    """Yield a task that asks whether all is there, and one that does it if not."""
    if row.kind != "install":
        yield from _plain(row)
        return
    checks = (" | ".join(shlex.join(argv) for argv in row.manager.is_installed(ref)) for ref in row.packages)
    yield f"- name: {text(f'is there need to {row.title}')}"
    yield "  ansible.builtin.shell:"
    yield f"    cmd: {text(' && '.join(f'{{ {check}; }}' for check in checks))}"
    yield "  register: there"
    yield "  changed_when: false"
    yield "  failed_when: false"
    yield from list(_plain(row))[:-1]
    yield "  when: there.rc != 0"
