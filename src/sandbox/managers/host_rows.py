"""What a promotion needs to know of each manager on a host beyond its commands: rows of data.

Sources: dpkg-query(1), apt-mark(8), rpm(8), dnf(8), zypper(8), apk(8), pacman(8), xbps-query(1), emerge(1), nix-env(1),
and the documentation of Ansible's modules (ansible.builtin, community.general).
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sandbox.managers.protocol import Argv, PackageRef
    from sandbox.managers.registry import ManagerName


class DryRun(Struct, frozen=True, kw_only=True):
    """How `install` becomes a command that only shows: `options` behind the word `behind`, without `less`.

    `refuses`: its status is that of the answer no, so it tells nothing.
    """

    behind: str
    options: Argv
    less: Argv = ()
    refuses: bool = False


class HostManager(Struct, frozen=True, kw_only=True):
    """A manager on a host.

    `names` is constant shell text that prints the name of each package that is installed, be it in part, a line each,
    those of a foreign architecture with that, as the manager names them.
    `uninstall` is constant shell text that takes the packages "$@" off, with what only they needed, and neither what
    something else there needs nor what was unneeded before; empty where `remove` does just that. Its environment has
    the names of what came with them in `came`, blanks between.
    `automatic` is constant shell text that prints which of the installed packages "$@" are there only as a dependency,
    so that a clean-up takes them off with what needed them; `mark` makes the packages behind it count as wanted, and
    `unmark` as dependencies again. All are empty where the manager keeps no such marks, or none that can be set.
    `files` is constant shell text that prints the paths of the installed packages "$@", as far as they are that, and
    `owner` one whose status tells whether an installed package has the path "$1". What a removal leaves of settings is
    either noted by the manager: `leftovers` prints the packages, `purge` purges those behind it, and `purge_scripts`
    prints the text that "$@" then run; or lies in files: `saved` is sed's text that prints where they may be.
    `delete_user` are the commands that delete a user and a group there.
    `before_install` is a command that runs on a host before the first install, empty where none is needed.
    `settle` is constant shell text that makes a fresh image as quick as a host that is used, for a proof there.
    `family` tells whose names its packages have.
    `accepted` is constant shell text that prints what the manager accepted by itself so that a package could be
    installed, a line of ACCEPTED each, and `accept` one that makes a host accept the lines "$@" too; both are empty
    where the manager accepts nothing by itself.
    `ansible` is the module that installs packages, `ansible_options` what it is told besides, `ansible_recommends` its
    option for what packages recommend, empty where it has none; `pin` joins a name and a
    version for it, empty where it can't.
    """

    names: str
    rehearsal: DryRun
    uninstall: str = ""
    automatic: str = ""
    mark: Argv = ()
    unmark: Argv = ()
    files: str = ""
    owner: str = ""
    leftovers: str = ""
    purge: Argv = ()
    purge_scripts: str = ""
    saved: str = ""
    delete_user: tuple[str, str] = ("userdel", "groupdel")
    before_install: Argv = ()
    settle: str = ""
    accepted: str = ""
    accept: str = ""
    family: str
    ansible: str
    ansible_options: Mapping[str, str | bool] = MappingProxyType({})
    ansible_recommends: str = ""
    pin: str = ""


APT_UNINSTALL: Final = r"""
unneeded() {
    apt-get -s -qq -o APT::AutoRemove::RecommendsImportant=false -o APT::AutoRemove::SuggestsImportant=false \
        autoremove | sed -n 's/^Remv \([^ ]*\) .*/\1/p'
}
essential=
taken() { # what would go with "$@", and a + for what would come instead
    plan=$(apt-get -s -qq $essential remove "$@" 2>/dev/null) || return
    printf '%s\n' "$plan" | sed -n 's/^Remv \([^ ]*\) .*/\1/p; s/^Inst .*/+/p'
}
is_spare() { # whether with "$@" nothing would go but what came
    gone=$(taken "$@") || return
    for one in $gone; do case " $came $asked " in *" $one "*) ;; *) return 1 ;; esac; done
}
before=" $(unneeded | tr '\n' ' ') " asked=$* rest=
apt-mark auto "$@" >/dev/null || exit
set --
for name in $(unneeded); do case $before in *" $name "*) ;; *) set -- "$@" "$name" ;; esac; done
for name in $came; do case " $* $before" in *" $name "*) ;; *) rest="$rest $name" ;; esac; done
for name in ${rest:+$(apt-mark showauto $rest 2>/dev/null)}; do # it keeps all of a dependency's alternatives
    if is_spare "$@" "$name"; then set -- "$@" "$name"; fi
done
[ $# -eq 0 ] || apt-get remove -y "$@" || { status=$?; apt-mark manual $asked >/dev/null; exit "$status"; }
""".strip()
"""apt's own removal would also take what needs the packages, and all that was unneeded before."""
APT_UNINSTALL_FOREIGN: Final = r"""
set --
for name in $came; do # apt keeps the C library of a foreign architecture for ever, as what protects itself needs it
    case $name in *:*) ! dpkg-query -W "$name" >/dev/null 2>&1 || set -- "$@" "$name" ;; esac
done
essential=--allow-remove-essential
if [ $# -gt 0 ] && is_spare "$@"; then apt-get remove -y $essential "$@"; fi
""".strip()
"""What follows where packages of a foreign architecture came: libgcc-s1:i386 is Protected, so that apt's autoremoval
keeps it and the C library that it needs (apt 2.6). Nothing goes but what came."""

DNF_AUTOMATIC: Final = r"""
dnf -q --disablerepo='*' repoquery --installed --qf '%{name} %{reason}\n' "$@" |
            sed -n 's/ \([Ww]eak.\)\{0,1\}[Dd]ependency$//p'
""".strip()
"""dnf 4 says `dependency` and `weak-dependency`, dnf 5 `Dependency` and `Weak Dependency`."""

ZYPPER_AUTOMATIC: Final = r"""
for name; do
            if grep -qxF -e "$name" /var/lib/zypp/AutoInstalled; then say "$name"; fi
        done
""".strip()
ZYPPER_MARK: Final = r"""
for name; do
    rest=$(grep -vxF -e "$name" /var/lib/zypp/AutoInstalled)
    printf '%s\n' "$rest" >/var/lib/zypp/AutoInstalled || exit
done
""".strip()
"""zypper has no command for it: libzypp reads this file whenever it starts."""
ZYPPER_BEFORE: Final = r"""
[ -e /var/log/zypp/history ] || [ -e /var/lib/zypp/AutoInstalled ] || : >/var/lib/zypp/AutoInstalled
""".strip()
"""Where there is a history and no such file, libzypp makes it of the history: all that zypper did not install by itself
then counts as a dependency (libzypp, TargetImpl::load). An install writes a history, and the file only if something
came as a dependency; the removal of it would change the marks of all that rpm alone had installed."""
ZYPPER_UNMARK: Final = r"""
printf '%s\n' "$@" >>/var/lib/zypp/AutoInstalled
""".strip()

APK_AUTOMATIC: Final = r"""
for name; do
            sed 's/[<>=~@].*//' /etc/apk/world | grep -qxF -e "$name" || say "$name"
        done
""".strip()
APK_UNMARK: Final = r"""
for name; do
    if apk del -s "$name" | grep -q '^([0-9/ ]*) Purging'; then
        echo "stays: $name, since apk would take it off without its mark"
    else
        apk del "$name" || exit
    fi
done
""".strip()
"""apk takes a package off at once when nothing needs it and /etc/apk/world has it no more."""

APT_OWNER: Final = r"""
for name in $(dpkg-query -S "$1" | sed 's/: .*//; s/,//g'); do
        dpkg-query -W -f '${db:Status-Status}\n' "$name"
    done | grep -qxF installed
""".strip()
"""dpkg still counts what is not empty as a removed package's, as long as it has settings."""

_APT_EXACT: Final = r"""
dpkg-query -W -f '${Architecture} ${Package} ${binary:Package}\n' "$@" | while read -r arch name exact; do
    case " all $(dpkg --print-architecture) $* " in (*" $arch "* | *" $name:$arch "*) echo "$exact" ;; esac
done
""".strip()
"""dpkg calls NAME ambiguous where it is there of two architectures, and refuses all names that it was given; apt takes
it for that of the machine's own. This prints what dpkg calls the packages "$@"."""
APT_FILES: Final = f"{_APT_EXACT} | xargs -r dpkg-query -L"
APT_PURGE: Final = f"{_APT_EXACT} | xargs -r dpkg --purge"

APT_SCRIPTS: Final = r"""
(set +f
        cd /var/lib/dpkg/info && for name; do cat "$name".postrm "$name":*.postrm; done) 2>/dev/null || true
""".strip()
PORTAGE_FILES: Final = r"""
(set +f
            for name; do
                name=${name%%:*}
                for path in "/var/db/pkg/$name"-[0-9]*/CONTENTS; do cat "$path"; done
            done) | sed -n 's/^dir //p; s/^obj \(.*\) [0-9a-f]* [0-9]*$/\1/p'
""".strip()

XBPS_AUTOMATIC: Final = r"""
for name; do
            xbps-query -m | sed 's/-[^-]*$//' | grep -qxF -e "$name" || say "$name"
        done
""".strip()
PORTAGE_AUTOMATIC: Final = r"""
for name; do
            sed 's/:.*//' /var/lib/portage/world | grep -qxF -e "${name%%:*}" || say "$name"
        done
""".strip()

APT_SETTLE: Final = r"""
cat >/etc/apt/apt.conf.d/zz-sandbox-proof <<'END'
Acquire::GzipIndexes "false";
Dir::Cache::pkgcache "pkgcache.bin";
Dir::Cache::srcpkgcache "srcpkgcache.bin";
Acquire::Languages "none";
Acquire::CompressionTypes::Order:: "gz";
END
""".strip()
"""Images keep their lists packed and have no index cache (docker-gzip-indexes, docker-clean), so that each command
takes a second; a host has the first three lines by apt's own defaults. The others choose what is fetched faster."""

RPM_UNINSTALL: Final = r"""
names=$(rpm -q --whatprovides --qf '%{NAME}\n' "$@") || names=
[ -z "$names" ] || rpm -e --test $names || exit
exec REMOVE "$@"
""".strip()
"""REMOVE is a program and its options, which would take what needs the packages too; rpm's own test tells of such."""


ACCEPTED: Final = re.compile(r"package\.(?:accept_keywords|license|use|unmask) [<>=~]*[A-Za-z0-9_]\S*/\S+(?: \S+)*")
"""A file below /etc/portage and a line of it, as portage(5) has them."""

PORTAGE_ACCEPTED: Final = r"""
cd /etc/portage || exit 0
for file in package.accept_keywords package.license package.use package.unmask; do
    for part in $file $file/*; do
        [ -f "$part" ] && awk -v file="$file" '
            /^# required by / { by = 1; next }
            by && /^[^#]/ { print file " " $0 }
            { by = 0 }' "$part"
    done
done
exit 0
""".strip()
"""What emerge wrote by itself is known by the comment above it."""

PORTAGE_ACCEPT: Final = r"""
cd /etc/portage || exit
for line; do
    file=${line%% *} wanted=${line#* }
    if [ ! -e "$file" ]; then mkdir "$file" || exit; fi
    if [ -d "$file" ]; then file=$file/sandbox-promote; fi
    grep -qsxF -e "$wanted" "$file" || printf '%s\n' "$wanted" >>"$file" || exit
done
""".strip()


def accepted_lines(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the lines that are of ACCEPTED's form, each once: they come from a container or a file."""
    return tuple(dict.fromkeys(text for text in texts if ACCEPTED.fullmatch(text) and text.isprintable()))


WEAK: Final = ("ansible.builtin.dnf", "ansible.builtin.dnf5")
"""Ansible's modules that can be told of weak dependencies."""


def _rpm(
    *,
    remove: str,
    family: str = "fedora",
    ansible: str,
    rehearsal: DryRun,
    automatic: str = "",
    mark: Argv = (),
    unmark: Argv = (),
    before_install: Argv = (),
) -> HostManager:
    return HostManager(
        names=r"rpm -qa --qf '%{NAME}\n'",
        files='rpm -ql "$@"',
        owner='rpm -qf "$1"',
        saved="p; s/$/.rpmsave/p",
        rehearsal=rehearsal,
        automatic=automatic,
        mark=mark,
        unmark=unmark,
        before_install=before_install,
        uninstall=RPM_UNINSTALL.replace("REMOVE", remove),
        family=family,
        ansible=ansible,
        ansible_recommends="install_weak_deps" if ansible in WEAK else "",
        pin="-",
    )


def _dnf(program: str, ansible: str = "ansible.builtin.dnf", *, mark: Argv = (), unmark: Argv = ()) -> HostManager:
    rehearsal = DryRun(behind=program, options=("--assumeno",), less=("-y",), refuses=True)
    return _rpm(
        remove=f"{program} remove -y",
        ansible=ansible,
        rehearsal=rehearsal,
        automatic=DNF_AUTOMATIC if mark else "",
        mark=mark,
        unmark=unmark,
    )


ROWS: Final[Mapping[ManagerName, HostManager]] = MappingProxyType(
    {
        "apt": HostManager(
            names=r"dpkg-query -W -f '${db:Status-Status} ${Package}:${Architecture}\n' |"
            r" sed '/^not-installed /d; /^config-files /d; s/^[^ ]* //; s/:all$//' |"
            r' sed "s/:$(dpkg --print-architecture)\$//"',
            rehearsal=DryRun(behind="apt-get", options=("-s", "-q")),
            uninstall=APT_UNINSTALL,
            files=APT_FILES,
            owner=APT_OWNER,
            leftovers=r"dpkg-query -W -f '${db:Status-Status} ${Package}:${Architecture}\n' |"
            r" sed -n 's/^config-files //p' | sed 's/:all$//' |"
            r' sed "s/:$(dpkg --print-architecture)\$//"',
            purge=("sh", "-c", APT_PURGE, "sh"),
            purge_scripts=APT_SCRIPTS,
            automatic='apt-mark showauto "$@"',
            mark=("apt-mark", "manual"),
            unmark=("apt-mark", "auto"),
            settle=APT_SETTLE,
            family="debian",
            ansible="ansible.builtin.apt",
            ansible_options={"update_cache": True},
            ansible_recommends="install_recommends",
            pin="=",
        ),
        "dnf4": _dnf("dnf", mark=("dnf", "mark", "install"), unmark=("dnf", "mark", "remove")),
        "dnf5": _dnf(
            "dnf",
            "ansible.builtin.dnf5",
            mark=("dnf", "-y", "mark", "user"),
            unmark=("dnf", "-y", "mark", "dependency"),
        ),
        "microdnf": _dnf("microdnf"),
        "tdnf": _dnf("tdnf", "ansible.builtin.package"),
        "yum": _dnf("yum", "ansible.builtin.yum"),
        "zypper": _rpm(
            remove="zypper --non-interactive remove --clean-deps",
            family="suse",
            ansible="community.general.zypper",
            rehearsal=DryRun(behind="install", options=("--dry-run",)),
            automatic=ZYPPER_AUTOMATIC,
            mark=("sh", "-c", ZYPPER_MARK, "sh"),
            unmark=("sh", "-c", ZYPPER_UNMARK, "sh"),
            before_install=("sh", "-c", ZYPPER_BEFORE),
        ),
        "apk": HostManager(
            names="apk info 2>/dev/null",
            rehearsal=DryRun(behind="add", options=("--simulate",)),
            files="apk info -qL \"$@\" | sed 's,^/*,/,'",
            owner='apk info -W "$1"',
            saved="p; s/$/.apk-new/p",
            delete_user=("deluser", "delgroup"),
            automatic=APK_AUTOMATIC,
            mark=("apk", "add"),
            unmark=("sh", "-c", APK_UNMARK, "sh"),
            family="alpine",
            ansible="community.general.apk",
            ansible_options={"update_cache": True},
            pin="=",
        ),
        "pacman": HostManager(
            names="pacman -Qq",
            rehearsal=DryRun(behind="pacman", options=("--print",)),
            files='pacman -Qlq "$@"',
            owner='pacman -Qo "$1"',
            saved="p; s/$/.pacsave/p",
            automatic='pacman -Qdq "$@"',
            mark=("pacman", "-D", "--asexplicit"),
            unmark=("pacman", "-D", "--asdeps"),
            family="arch",
            ansible="community.general.pacman",
            ansible_options={"update_cache": True, "upgrade": True},
        ),
        "xbps": HostManager(
            names=r"xbps-query -l | sed -n 's/^ii \([^ ]*\)-[^ -]* .*/\1/p'",
            rehearsal=DryRun(behind="xbps-install", options=("-n",)),
            files="for name; do xbps-query -f \"$name\"; done | sed 's/ -> .*//'",
            owner='xbps-query -o "$1" | grep -q .',
            saved="p",
            automatic=XBPS_AUTOMATIC,
            mark=("xbps-pkgdb", "-m", "manual"),
            unmark=("xbps-pkgdb", "-m", "auto"),
            family="void",
            ansible="community.general.xbps",
            ansible_options={"update_cache": True},
        ),
        "portage": HostManager(
            names=r"(cd /var/db/pkg && ls -d -- */*) | sed 's/-[0-9][^-]*\(-r[0-9]*\)\{0,1\}$//'",
            rehearsal=DryRun(behind="emerge", options=("--pretend",), less=("--quiet",)),
            files=PORTAGE_FILES,
            owner='grep -rqsF -e "dir $1" -e "obj $1 " /var/db/pkg',
            saved="p",
            automatic=PORTAGE_AUTOMATIC,
            mark=("emerge", "--ask=n", "--quiet", "--noreplace"),
            unmark=("emerge", "--ask=n", "--quiet", "--deselect"),
            accepted=PORTAGE_ACCEPTED,
            accept=PORTAGE_ACCEPT,
            family="gentoo",
            ansible="community.general.portage",
            ansible_options={"noreplace": True},
        ),
        "nix": HostManager(
            names=r"nix-env -q | sed 's/-[0-9].*$//'",
            rehearsal=DryRun(behind="nix-env", options=("--dry-run",)),
            family="nix",
            ansible="ansible.builtin.command",
        ),
    }
)
"""Every manager; a contract test holds this to the registry."""


def dry_run_argv(argv: Argv, row: HostManager) -> Argv:
    """Return an install's argv as one that only shows what would be done."""
    plan = row.rehearsal
    place = argv.index(plan.behind) + 1
    return (*argv[:place], *plan.options, *(word for word in argv[place:] if word not in plan.less))


def split_argv(argv: Argv, packages: Sequence[PackageRef]) -> tuple[Argv, Argv]:
    """Return a removal's argv without its packages, and the word it has for each of them."""
    return argv[: -len(packages)], argv[-len(packages) :]
