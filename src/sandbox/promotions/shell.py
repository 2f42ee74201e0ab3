"""A promotion as a POSIX shell script, short enough to be read before it is run."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final

from sandbox.errors import UsageError
from sandbox.managers import languages_among, manager_named, parse_reference, runtime_packages
from sandbox.plaintext import plain_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.distros.model import Distro, Target
    from sandbox.managers.base import Argv, Manager, PackageRef
    from sandbox.managers.language import LanguageManager
    from sandbox.promotions.base import Promotion

name: Final = "sh"

TEMPLATE: Final = r"""#!/bin/sh
# Installs @NAMES@ on @RELEASE@.
# Tried on @DATE@ in @ORIGIN@
# by sandbox @TOOL@ in @SANDBOX@, as:
@PACKAGES@@NEEDED@@LEFTOUT@
# sh install.sh [--dry-run] [-y]
set -eu

say() { printf '%s\n' "$*"; }
fail() { say "error: $*" >&2; exit 1; }

usage() {
    say "usage: sh install.sh [--dry-run] [-y]"
    say "  --dry-run  show the commands, change nothing, need no root"
    say "  -y         do not ask"
}

dry_run=no
ask=yes
for option in "$@"; do
    case $option in
        --dry-run) dry_run=yes ;;
        -y | --yes) ask=no ;;
        -h | --help) usage; exit 0 ;;
        *) say "error: no such option: $option" >&2; usage >&2; exit 2 ;;
    esac
done

# This host must be @FAMILY@ or one of its relatives.
os_release=/etc/os-release
[ -r "$os_release" ] || os_release=/usr/lib/os-release
host=$(sed -n 's/^ID=//p; s/^ID_LIKE=//p' "$os_release" 2>/dev/null | tr -d "\"'" | tr '\n' ' ')
host=${host% }
case " $host " in
    @IDS@) ;;
    *) fail "this script is for @FAMILY@ and its relatives, and this host is ${host:-of an unknown kind}" ;;
esac
command -v @PROGRAM@ >/dev/null || fail "@PROGRAM@ is not on this host"

find_missing() {
    missing=
@CHECKS@
}

# Run a command@ASROOT@, or only show it.
run() {@ELEVATE@
    say "+ $*"
    if [ "$dry_run" = no ]; then "$@"; fi
}

find_missing
if [ -z "$missing" ]; then
    say "all is installed already: @NAMES@"
    exit 0
fi
@NEEDROOT@if [ "$dry_run" = no ] && [ "$ask" = yes ]; then
    [ -t 0 ] || fail "there is no terminal to ask at: run this with -y, or with --dry-run to see what it does"
    printf 'Install%s? [y/N] ' "$missing"
    read -r answer || answer=
    case $answer in [yY] | [yY][eE][sS]) ;; *) fail "nothing was changed" ;; esac
fi

run @REFRESH@ ||
    say "warning: the package index could not be refreshed; going on with the one that is here" >&2
run @INSTALL@@LANGUAGES@
if [ "$dry_run" = yes ]; then exit 0; fi

find_missing
[ -z "$missing" ] || fail "still not installed:$missing"
say "installed: @NAMES@"
"""

ELEVATE: Final = r"""
    if [ "$(id -u)" -ne 0 ]; then set -- sudo "$@"; fi"""

NEED_ROOT: Final = r"""
if [ "$dry_run" = no ] && [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "installing needs root, and there is no sudo: run this as root"
fi
""".lstrip()

PLACE: Final = re.compile(r"@([A-Z]+)@")


def render(promotion: Promotion) -> str:
    """Return the script; it exits 1 where it can't or may not install, 2 for a wrong option.

    Raise UsageError where nothing is promoted or a package is outside its manager's grammar.
    """
    target = promotion.target
    manager = manager_named(target.manager)
    packages = _checked([package.ref for package in promotion.packages], manager)
    origin = promotion.family
    languages = languages_among(package.source for package in packages)
    own = [package for package in packages if not package.source]
    needed = runtime_packages(languages, manager, own)
    install = manager.install([*own, *needed])
    values = {
        "NAMES": _listed([package.full_name for package in packages]),
        "RELEASE": _release(target),
        "DATE": plain_line(promotion.date, 10),
        "ORIGIN": _origin(promotion),
        "TOOL": plain_line(promotion.tool, 40),
        "SANDBOX": plain_line(promotion.name, 80),
        "PACKAGES": _seen(promotion),
        "NEEDED": _needed(needed, languages),
        "LEFTOUT": "".join(f"\n# Not in this script: {plain_line(text, 200)}" for text in promotion.left_out),
        "FAMILY": origin.title,
        "IDS": _identities(origin),
        "PROGRAM": shlex.quote(install[0]),
        "ASROOT": " as root" if manager.needs_root else "",
        "ELEVATE": ELEVATE if manager.needs_root else "",
        "NEEDROOT": NEED_ROOT if manager.needs_root else "",
        "CHECKS": "\n".join(_check(package, manager) for package in packages),
        "REFRESH": _command(manager.refresh(), manager),
        "INSTALL": _command(install, manager),
        "LANGUAGES": "".join(f"\n{_language(language, packages)}" for language in languages),
    }
    return PLACE.sub(lambda place: values[place[1]], TEMPLATE)


def _checked(packages: Sequence[PackageRef], manager: Manager) -> tuple[PackageRef, ...]:
    """Return the packages, each read again by the manager's own grammar, since they may come from a file."""
    if not packages:
        message = "there is no package to promote"
        raise UsageError(message, hints=["sandbox history"])
    return tuple(dict.fromkeys(parse_reference(package.text, manager) for package in packages))


def _listed(names: Sequence[str]) -> str:
    """Return `htop`, `htop and jq` or `htop, jq and curl`."""
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _release(target: Target) -> str:
    """Return `Debian 12 (bookworm)`, or `Debian sid` where the release has no number."""
    number = next((alias for alias in target.release.aliases if alias[0].isdigit()), None)
    release = f"{number} ({target.release.name})" if number else target.release.name
    return plain_line(f"{target.distro.title} {release}")


def _origin(promotion: Promotion) -> str:
    """Return the image and the digest of its registry, or which image it was on the machine that built it."""
    image = plain_line(promotion.image, 120)
    if promotion.digest is None:
        return f"{image}, built here ({plain_line(promotion.image_id, 80)}),"
    return f"{image}@{plain_line(promotion.digest.rpartition('@')[2], 80)}"


def _seen(promotion: Promotion) -> str:
    """Return a comment line for each package: its name, the version seen, and why it is here."""
    why = {"asked": "asked for", "by-hand": "added by hand"}
    width = max(len(package.ref.full_name) for package in promotion.packages)
    return "\n".join(
        f"#   {package.ref.full_name:<{width}}  {plain_line(package.version, 80)}  ({why[package.origin]})"
        for package in promotion.packages
    )


def _needed(packages: Sequence[PackageRef], languages: Sequence[LanguageManager]) -> str:
    """Return a comment line for what the languages' managers need of the distro, nothing where there are none."""
    if not packages:
        return ""
    return f"\n#   {_listed([ref.name for ref in packages])}: for {_listed([row.name for row in languages])}"


def _identities(distro: Distro) -> str:
    """Return the patterns of the os-release ids, for a case over the host's own, with blanks around each."""
    return " | ".join(f'*" {identity} "*' for identity in distro.os_ids)


def _check(package: PackageRef, manager: Manager) -> str:
    asked = next(iter(languages_among([package.source])), manager)
    pipeline = " | ".join(shlex.join(argv) for argv in asked.is_installed(package))
    return f'    {{ {pipeline}; }} >/dev/null 2>&1 || missing="$missing {package.text}"'


def _language(language: LanguageManager, packages: Sequence[PackageRef]) -> str:
    """Return the command of a language's manager, shell text of ours where it can be read."""
    argv = language.install([package for package in packages if package.source == language.name])
    if argv[:2] != ("sh", "-c"):
        return f"run {_command(argv, language)}"
    settings = _command(("sh", "-c"), language)
    text = f"install_{language.name}=$(cat <<'END'\n{argv[2]}\nEND\n)"
    return f'{text}\nrun {settings} "$install_{language.name}" {shlex.join(argv[3:])}'


def _command(argv: Argv, manager: Manager | LanguageManager) -> str:
    """Return the very command that was run in the sandbox, with the environment it had there."""
    settings = [f"{key}={value}" for key, value in manager.environment.items()]
    return shlex.join(["env", *settings, *argv] if settings else argv)
