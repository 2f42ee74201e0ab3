"""What a spec sets before the packages: repositories, pins, architectures, answers and commands, as steps of a plan."""

from __future__ import annotations

import base64
import shlex
from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.core.programs import sh_argv
from sandbox.errors import UsageError
from sandbox.managers.added_repositories import AddedPin, AddedRepository
from sandbox.managers.architectures import add_architecture
from sandbox.managers.hand_steps import HandStep, can_take, step_commands
from sandbox.managers.registry import NAMES, data_of
from sandbox.provision.steps import Step, with_preparation
from sandbox.specs.prepared_lines import key_name
from sandbox.specs.public_keys import fingerprints

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox.managers.added_repositories import RepositoryWriter
    from sandbox.managers.config_files import ConfigChange
    from sandbox.managers.protocol import Manager
    from sandbox.managers.registry import ManagerName
    from sandbox.specs.model import Repository, Spec


class Preparation(Struct, frozen=True, kw_only=True):
    """What is written and set, in the values that a promotion has: its script does the same."""

    settings: tuple[ConfigChange, ...] = ()
    steps: tuple[HandStep, ...] = ()


def problems(spec: Spec, manager: ManagerName) -> Iterator[tuple[str, str]]:
    """Yield the path in the spec and the reason of each thing that a distro's manager can't be given."""
    data = data_of(manager)
    for number, row in enumerate(spec.repositories):
        place = f"repositories[{number}]"
        if isinstance(data.added, str):
            yield place, f"{manager} takes no repositories from a spec: {data.added}"
        elif data.added.format != row.format:
            yield place, f"it is written for {_managers_of(row.format)}, and the distro has {manager}"
        else:
            yield from (
                (f"{place}.{name}", f"{manager} does not know {name}")
                for name, _ in row.fields
                if name in data.added.unknown
            )
    if spec.pins and (isinstance(data.added, str) or isinstance(data.added.pins, str)):
        instead = data.added if isinstance(data.added, str) else data.added.pins
        yield "pins", f"{manager} has no pins: {instead}"
    if spec.architectures and not data.add_architecture:
        instead = "ask for NAME.ARCH" if data.names_architectures else "it has packages of one architecture"
        yield "architectures", f"{manager} needs no foreign architectures: {instead}"
    for number, answer in enumerate(spec.answers):
        words = (answer.package, answer.question, answer.type, answer.value)
        if not can_take(HandStep(kind="answer", words=words), data):
            yield f"answers[{number}]", f"{manager} asks no questions of debconf"
            return


def _managers_of(form: str) -> str:
    found = (name for name in NAMES if _writer(name) is not None and getattr(_writer(name), "format", "") == form)
    return ", ".join(found)


def _writer(manager: ManagerName) -> RepositoryWriter | None:
    added = data_of(manager).added
    return None if isinstance(added, str) else added


def preparation(spec: Spec, manager: ManagerName) -> Preparation:
    """Return what a spec sets before the packages, less its commands. Raises UsageError for what the manager can't."""
    if found := next(problems(spec, manager), None):
        raise UsageError(f"{found[0]}: {found[1]}")
    writer = _writer(manager)
    settings: list[ConfigChange] = []
    steps = [HandStep(kind="architecture", words=(name,)) for name in spec.architectures]
    for row in spec.repositories if writer else ():
        files = writer.write(_repository_for(row)) if writer else None
        settings += files.settings if files else ()
        steps += [HandStep(kind="key", words=words) for words in (files.keys if files else ())]
    if spec.pins and writer and not isinstance(writer.pins, str):
        rows = [AddedPin(package=row.package, pin=row.pin, priority=row.priority) for row in spec.pins]
        settings.append(writer.pins(rows))
    steps += [HandStep(kind="answer", words=(row.package, row.question, row.type, row.value)) for row in spec.answers]
    return Preparation(settings=tuple(settings), steps=tuple(steps))


def _repository_for(row: Repository) -> AddedRepository:
    key = row.key
    if key is None:
        return AddedRepository(name=row.name, fields=row.fields)
    fields = tuple((name, value) for name, value in row.fields if name != "key-name")
    return AddedRepository(
        name=row.name,
        fields=fields,
        key=key.content,
        key_path=key.path,
        key_name=key_name(row),
        fingerprints=fingerprints(key) if key.content else (),
    )


def preparing_steps(spec: Spec, found: Preparation, manager: Manager, name: ManagerName) -> Iterator[Step]:
    """Yield the steps, in their order: what is written, what a command sets, the spec's own commands."""
    titles = {row.name: f"{row.name} {row.url}" for row in spec.repositories}
    env = {**manager.environment, **spec.env}
    if text := certificates_text(name, found.settings):
        yield Step(kind="before", title="certificates, for https", argv=("sh", "-c", text), env=env)
    for row in spec.repositories:
        if row.key and row.key.url and not row.key.content:
            text = f"echo the key of {row.name} was not fetched; exit 1"
            yield Step(kind="repository", title=titles[row.name], argv=("sh", "-c", text))
        else:
            yield _write_step(titles[row.name], _settings_of(row, name))
    pins = [setting for setting in found.settings if setting.kind == "pin"]
    if pins:
        yield _write_step(f"pins of {', '.join(row.package for row in spec.pins)}", pins)
    ready = manager.prepare
    for step in found.steps:
        if step.kind == "architecture":
            yield Step(kind="foreign", title=step.words[0], argv=add_architecture(name, step.words[0]))
        elif step.kind == "key":
            commands = step_commands(step, data_of(name))
            text = f"{shlex.join(commands.check)} >/dev/null 2>&1 || {shlex.join(commands.do)}"
            yield Step(kind="repository", title=step.name, argv=with_preparation(ready, ("sh", "-c", text)))
            ready = ""
    if spec.answers:
        yield answers_step(spec, "set")
    for command in spec.before:
        argv = with_preparation(ready, ("sh", "-c", command))
        yield Step(kind="before", title=" ".join(command.split()), argv=argv, env=env)
        ready = ""


def certificates_text(name: ManagerName, settings: Iterable[ConfigChange]) -> str:
    """Return the shell text that an image needs before repositories of https are added to it, or ""."""
    writer = _writer(name)
    is_https = any(row.kind == "repository" and b"https://" in row.content for row in settings)
    return writer.certificates if writer and is_https else ""


def answers_step(spec: Spec, verb: str) -> Step:
    """Return the step that answers the questions (`set`), or looks whether they are asked so (`check`)."""
    lines = "".join(f"{row.package} {row.question} {row.type} {row.value}\n" for row in spec.answers)
    title = ", ".join(row.question for row in spec.answers)
    return Step(
        kind="answer" if verb == "set" else "question",
        title=title,
        argv=sh_argv(__package__, "set_answers.sh", verb),
        stdin=lines.encode(),
    )


def _settings_of(row: Repository, name: ManagerName) -> tuple[ConfigChange, ...]:
    writer = _writer(name)
    return writer.write(_repository_for(row)).settings if writer else ()


def _write_step(title: str, settings: tuple[ConfigChange, ...] | list[ConfigChange]) -> Step:
    words = [
        word
        for row in settings
        for word in ("lines" if row.added else "file", row.path, base64.b64encode(row.content).decode())
    ]
    return Step(kind="repository", title=title, argv=sh_argv(__package__, "write_settings.sh", *words))
