"""A promotion as an Ansible playbook, with the module of the host's package manager where it serves.

Sources: Ansible's documentation of playbooks, of `!unsafe` and of the modules that managers/on_host.py names. What a
module can't do, as versions for some, is done by the proven command, if its check says that there is need.
"""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Final

from sandbox.core.programs import fill, template
from sandbox.managers.registry import find_data, manager_of
from sandbox.promote.formats.commands import commands
from sandbox.promote.formats.header import comment, package_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sandbox.managers.config_files import ConfigChange
    from sandbox.managers.data import HostManager
    from sandbox.managers.protocol import PackageFile
    from sandbox.promote.formats.base import Promotion
    from sandbox.promote.formats.commands import Command

name: Final = "ansible"
file: Final = "playbook.yml"
COMMAND: Final = "ansible.builtin.command"
MARKS: Final = "ansible.builtin.apt"
"""The module that marks an installed package as asked for (`mark_installed_manually` in ansible-core)."""


def render(promotion: Promotion) -> str:
    """Return the playbook, for all hosts of an inventory."""
    rows, manager = commands(promotion), manager_of(promotion.target.manager)
    title = f"install {package_list([row.ref.full_name for row in promotion.packages])}"
    lines = [
        f"# ansible-playbook -i HOSTS {file}",
        comment(promotion).rstrip("\n"),
        f"- name: {text(title)}",
        "  hosts: all",
        f"  become: {_word(manager.needs_root)}",
        "  tasks:",
        *(f"    {line}" for row in rows for line in _task(row, recommends=promotion.recommends)),
    ]
    return "\n".join([*lines, ""])


def text(value: str) -> str:
    """Return a string that neither YAML nor Ansible's templates interpret."""
    return f"!unsafe {json.dumps(value)}" if "{" in value else json.dumps(value)


def _word(value: str | bool) -> str:
    return json.dumps(value)


def _task(row: Command, *, recommends: bool) -> Iterator[str]:
    if row.setting is not None:
        yield from _setting(row, row.setting)
        return
    if row.file is not None:
        yield from _file(row, row.file)
        return
    if own := OWN_TASKS.get(row.kind):
        yield from own(row)
        return
    data = find_data(row.manager.name)
    known = data.host() if data is not None else None
    pinned = [ref for ref in row.packages if ref.version]
    if known is None or known.ansible == COMMAND or (pinned and not known.pin) or any(ref.file for ref in row.packages):
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
        options = {
            **known.ansible_options,
            **({known.ansible_recommends: recommends} if known.ansible_recommends else {}),
        }
        yield from (f"    {key}: {_word(value)}" for key, value in options.items())
        if known.mark and known.ansible != MARKS:
            yield from _mark_task(row, known)


def _mark_task(row: Command, known: HostManager) -> Iterator[str]:
    """Yield the task that marks installed dependencies as asked for, which the module does not do."""
    names = shlex.join(ref.name for ref in row.packages)
    mark = shlex.join(known.mark)
    yield f"- name: {text('mark installed dependencies as asked for')}"
    yield "  ansible.builtin.shell:"
    values = {"NAMES": names, "AUTOMATIC": known.automatic, "MARK": mark}
    yield f"    cmd: {text(fill(template(__package__, 'mark_wanted.sh'), values).rstrip())}"
    yield "  register: marked"
    yield "  changed_when: marked.stdout != ''"


def _setting(row: Command, setting: ConfigChange) -> Iterator[str]:
    """Yield the task that writes a setting: a file that is there stays as it is, as lines that are there do.

    What is no text goes by the proven command, since Ansible's values are text.
    """
    yield f"- name: {text(row.title)}"
    if setting.added:
        yield "  ansible.builtin.lineinfile:"
        yield f"    path: {text(setting.path)}"
        yield '    line: "{{ item }}"'
        yield "    create: true"
        yield "  loop:"
        yield from (f"    - {text(line)}" for line in (setting.text or "").splitlines())
    elif setting.text is not None:
        yield "  ansible.builtin.copy:"
        yield f"    dest: {text(setting.path)}"
        yield f"    content: {text(setting.text)}"
        yield '    mode: "0644"'
        yield "    force: false"
    else:
        yield f"  {COMMAND}:"
        yield "    argv:"
        yield from (f"      - {text(word)}" for word in row.whole)
        yield f"    creates: {text(setting.path)}"


def _file(row: Command, file: PackageFile) -> Iterator[str]:
    """Yield the tasks that bring a package's file and hold it to its checksum; copy's own is a SHA-1."""
    yield f"- name: {text('make the folder of package files')}"
    yield "  ansible.builtin.file:"
    yield f"    path: {text(file.path.rpartition('/')[0])}"
    yield "    state: directory"
    yield '    mode: "0755"'
    yield f"- name: {text(row.title)}"
    if file.source.startswith("https://"):
        yield "  ansible.builtin.get_url:"
        yield f"    url: {text(file.source)}"
        yield f"    dest: {text(file.path)}"
        yield f"    checksum: {text(f'sha256:{file.sha256}')}"
        yield '    mode: "0644"'
        return
    yield "  ansible.builtin.copy:"
    yield f"    src: {text(file.source)}"
    yield f"    dest: {text(file.path)}"
    yield '    mode: "0644"'
    yield f"- name: {text('check the file of ' + file.source)}"
    yield "  ansible.builtin.shell:"
    yield f"    cmd: {text('echo ' + shlex.quote(f'{file.sha256}  {file.path}') + ' | sha256sum -c -')}"
    yield "  changed_when: false"


def _services(row: Command) -> Iterator[str]:
    yield f"- name: {text(row.title)}"
    yield "  ansible.builtin.service:"
    yield '    name: "{{ item }}"'
    yield "    enabled: true"
    yield "  loop:"
    yield from (f"    - {text(name)}" for name in row.services)


def _architecture(row: Command) -> Iterator[str]:
    """Yield the task that adds an architecture to dpkg; no module does that."""
    name = row.argv[-1]
    yield f"- name: {text(f'check whether dpkg knows {name}')}"
    yield f"  {COMMAND}:"
    yield "    argv:"
    yield from (f"      - {text(word)}" for word in ("dpkg", "--print-foreign-architectures"))
    yield "  register: architectures"
    yield "  changed_when: false"
    yield from list(_plain(row))[:-1]
    yield f"  when: {text(f'{name!r} not in architectures.stdout_lines')}"


def _step(row: Command) -> Iterator[str]:
    """Yield the task that looks whether a step stands, and the one that takes it if not; no module does that."""
    yield f"- name: {text(f'check whether to {row.title}')}"
    yield f"  {COMMAND}:"
    yield "    argv:"
    yield from (f"      - {text(word)}" for word in row.check)
    yield "  register: step"
    yield "  changed_when: false"
    yield "  failed_when: false"
    yield "  check_mode: false"
    yield from list(_plain(row))[:-1]
    yield "  when: step.rc != 0"


def _plain(row: Command) -> Iterator[str]:
    yield f"- name: {text(row.title)}"
    yield f"  {COMMAND}:"
    yield "    argv:"
    yield from (f"      - {text(word)}" for word in row.whole)
    yield "  changed_when: false" if row.kind == "refresh" else "  changed_when: true"


OWN_TASKS: Final[Mapping[str, Callable[[Command], Iterator[str]]]] = {
    "service": _services,
    "architecture": _architecture,
    "answer": _step,
    "step": _step,
}
"""The tasks that no module of a package manager has, by kind of command."""


def _by_command(row: Command) -> Iterator[str]:
    """Yield a task that checks whether everything exists, and one that creates it if not."""
    if row.kind != "install":
        yield from _plain(row)
        return
    checks = (" | ".join(shlex.join(argv) for argv in row.manager.is_installed(ref)) for ref in row.packages)
    yield f"- name: {text(f'check whether to {row.title}')}"
    yield "  ansible.builtin.shell:"
    yield f"    cmd: {text(' && '.join(f'{{ {check}; }}' for check in checks))}"
    yield "  register: there"
    yield "  changed_when: false"
    yield "  failed_when: false"
    yield from list(_plain(row))[:-1]
    yield "  when: there.rc != 0"
