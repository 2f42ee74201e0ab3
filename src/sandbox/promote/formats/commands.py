"""A promotion's commands in order, as they were proven in the sandbox, for formats that run commands."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from sandbox.managers.architectures import add_architecture, architectures
from sandbox.managers.local_files import with_files
from sandbox.managers.protocol import NOTHING
from sandbox.managers.registry import languages_among, manager_of
from sandbox.promote.formats.config_commands import (
    enable_services_argv,
    valid_settings,
    valid_steps,
    write_setting_argv,
)
from sandbox.promote.formats.header import language_prerequisites, reparse_packages
from sandbox.provision.preparation import certificates_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.managers.config_files import ConfigChange
    from sandbox.managers.languages.base import LanguageManager
    from sandbox.managers.protocol import Argv, Manager, PackageFile, PackageRef
    from sandbox.promote.formats.base import Promotion


class Command(Struct, frozen=True, kw_only=True):
    """One command: its purpose, its argv with `environment`, and what it installs or writes, if any.

    `check` ends with 0 where a step stands already.
    """

    kind: Literal["setting", "architecture", "answer", "refresh", "upgrade", "file", "install", "step", "service"]
    title: str
    argv: Argv
    manager: Manager | LanguageManager
    environment: Mapping[str, str]
    packages: tuple[PackageRef, ...] = ()
    setting: ConfigChange | None = None
    file: PackageFile | None = None
    services: tuple[str, ...] = ()
    check: Argv = ()

    @property
    def whole(self) -> Argv:
        """The argv, preceded by env(1) and the environment if there is one."""
        settings = [f"{key}={value}" for key, value in self.environment.items()]
        return ("env", *settings, *self.argv) if settings else self.argv


def commands(promotion: Promotion) -> tuple[Command, ...]:
    """Return the commands. Raises UsageError if nothing is promoted or a package's name is invalid."""
    packages, manager = reparse_packages(promotion), manager_of(promotion.target.manager)
    own = (*(ref for ref in packages if not ref.source), *language_prerequisites(packages, manager))
    upgrade = promotion.target.distro.upgrade
    env = manager.environment
    rows = [
        *_certificates(promotion, manager),
        *(_setting_command(setting, manager) for setting in valid_settings(promotion)),
        *(
            Command(
                kind="architecture",
                title=f"know packages of {name}",
                argv=add_architecture(manager.name, name),
                manager=manager,
                environment=NOTHING,
            )
            for name in architectures(own, manager.name)
        ),
        *_step_commands(promotion, manager, early=True),
        Command(
            kind="refresh", title="fetch the package index", argv=manager.refresh(), manager=manager, environment=env
        ),
    ]
    if upgrade:
        rows.append(
            Command(kind="upgrade", title="upgrade all packages", argv=upgrade, manager=manager, environment=env)
        )
    rows += [_file_command(ref.file, manager) for ref in packages if ref.file]
    if own:
        argv = with_files(manager, manager.install(own, recommends=promotion.recommends), own)
        rows.append(_install(manager, argv, own))
    rows += _step_commands(promotion, manager, early=False)
    languages = languages_among(package.source for package in packages)
    for language in languages:
        refs = tuple(ref for ref in packages if ref.source == language.name)
        rows.append(_install(language, with_files(language, language.install(refs), refs), refs))
    if promotion.services:
        title = f"start at boot {', '.join(promotion.services)}"
        argv = enable_services_argv(promotion.services)
        rows.append(
            Command(
                kind="service",
                title=title,
                argv=argv,
                manager=manager,
                environment=NOTHING,
                services=promotion.services,
            )
        )
    return tuple(rows)


def _certificates(promotion: Promotion, manager: Manager) -> Iterator[Command]:
    """Yield the command that lets a small image trust servers of https; a host has certificates."""
    if text := certificates_text(promotion.target.manager, promotion.settings):
        yield Command(
            kind="answer",
            title="have certificates, for https",
            argv=("sh", "-c", text),
            manager=manager,
            environment=manager.environment,
            check=("test", "-e", "/etc/ssl/certs/ca-certificates.crt"),
        )


def _step_commands(promotion: Promotion, manager: Manager, *, early: bool) -> list[Command]:
    """Return the commands that take the steps which do not stand yet, before the packages are installed or behind."""
    found = []
    for step, row in valid_steps(promotion):
        if row.early == early:
            ready = f"! {{ {shlex.join(row.ready)}; }} || " if row.ready else ""
            text = f"{shlex.join(row.check)} >/dev/null 2>&1 || {ready}{shlex.join(row.do)}"
            kind: Literal["answer", "step"] = "answer" if early else "step"
            title = f"set the {step.name}"
            argv = ("sh", "-c", text)
            found.append(
                Command(kind=kind, title=title, argv=argv, manager=manager, environment=NOTHING, check=row.check)
            )
    return found


COPY_FILE: Final = 'mkdir -p "${3%/*}" && cp "$2" "$3" && echo "$1  $3" | sha256sum -c -'
"""Copies the file $2 to $3, and fails if its SHA-256 is not $1."""


def _file_command(file: PackageFile, manager: Manager) -> Command:
    return Command(
        kind="file",
        title=f"copy {file.source}",
        argv=("sh", "-c", COPY_FILE, "sh", file.sha256, file.source, file.path),
        manager=manager,
        environment=NOTHING,
        file=file,
    )


def _setting_command(setting: ConfigChange, manager: Manager) -> Command:
    return Command(
        kind="setting",
        title=f"write {setting.name}",
        argv=write_setting_argv(setting),
        manager=manager,
        environment=NOTHING,
        setting=setting,
    )


def _install(manager: Manager | LanguageManager, argv: Argv, refs: tuple[PackageRef, ...]) -> Command:
    title = f"install {', '.join(ref.full_name for ref in refs)}"
    return Command(
        kind="install",
        title=title,
        argv=argv,
        manager=manager,
        environment=manager.environment,
        packages=refs,
    )
