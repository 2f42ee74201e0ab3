"""Compare what `sandbox inspect` says with dpkg, the archives and the file system: make truth [PACKAGES=...].

Each package is installed a second time in a container of this script's own. What is there is read by truth_look.py,
which shares no line with the program. Findings are kept in a folder, so that 40 packages can be done in pieces.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatch
from pathlib import Path
from posixpath import basename, dirname, normpath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.pages import bullet
from bench.reasons import reason
from bench.truth_boot import MORE, part_of, with_part
from bench.truth_images import LABEL, docker, make_image, with_lists
from bench.truth_said import PACKAGES, kept
from bench.truth_said import said as inspect_says

ALL = (*PACKAGES, *MORE)
ROOT = Path(__file__).parents[1]
DOC = ROOT / "docs/evidence/truth.md"
BASE = "sandbox-base/debian:bookworm"
TOOLS = "sandbox-truth:tools"
TOOLS_TEXT = (
    "apt-get update -qq &&"
    " apt-get install -y -qq --no-install-recommends systemd libcap2-bin python3 python3-debian iproute2"
)
INSTALL = (
    "DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -o Dir::Cache::archives=/run/truth"
    ' -o APT::Keep-Downloaded-Packages=true -o Dpkg::Options::=--force-confdef "$1" >/dev/null 2>&1'
)
ARCHIVES = r"""
cd /run/truth || exit
for f in *.deb; do dpkg-deb -W --showformat '${Package} ${Installed-Size} ' "$f"; stat -c %s "$f"; done
"""
RECOMMENDED = 'apt-get install -s --install-recommends "$1" | sed -n "s/^Inst \\([^ ]*\\) .*/\\1/p"'
START = 'for f in "$@"; do timeout 20 "$f" start </dev/null >/dev/null 2>&1; done; sleep 3; exit 0'
STOP = 'for f in "$@"; do timeout 20 "$f" stop </dev/null >/dev/null 2>&1; done; sleep 1; exit 0'
CHOSEN = range(32768, 61000)
"""Ports of the kernel's choice, where nothing else is set (/proc/sys/net/ipv4/ip_local_port_range)."""
BOOKS = (
    "/var/lib/dpkg /var/lib/apt /var/cache/apt /var/cache/debconf /var/log/apt /var/log/dpkg.log"
    " /var/log/alternatives.log /var/log/lastlog /var/log/faillog /etc/ld.so.cache /var/cache/ldconfig /run /dev /proc"
    " /sys /etc/hostname /etc/hosts /etc/resolv.conf /etc/mtab /.dockerenv /etc/.pwd.lock /etc/passwd- /etc/group-"
    " /etc/shadow- /etc/gshadow- /etc/subuid- /etc/subgid-"
).split()
"""What dpkg, apt, useradd, ldconfig and the engine write whatever is installed."""
ACCOUNTS = ("/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow")
GLOBS = {
    "cron": "/etc/cron.d/* /etc/cron.hourly/* /etc/cron.daily/* /etc/cron.weekly/* /etc/cron.monthly/* /etc/crontab"
    " /etc/anacrontab /var/spool/cron/*",
    "pam": "/etc/pam.d/* /usr/lib/pam.d/* /etc/pam.conf /etc/security/* /usr/share/pam-configs/*"
    " /usr/lib/*/security/pam_*.so",
    "sudoers": "/etc/sudoers /etc/sudoers.d/* /etc/sudo.conf /etc/sudo_logsrvd.conf",
    "modules": "/usr/lib/modules/*.ko /etc/modules /etc/modules-load.d/* /usr/lib/modules-load.d/* /etc/modprobe.d/*"
    " /usr/lib/modprobe.d/* /usr/src/*/dkms.conf /usr/lib/firmware/* /etc/dkms/*",
    "udev": "/usr/lib/udev/rules.d/* /usr/lib/udev/hwdb.d/* /etc/udev/rules.d/* /etc/udev/hwdb.d/* /etc/udev/udev.conf",
    "profile": "/etc/profile /etc/inputrc /etc/bash.bashrc /etc/profile.d/* /etc/environment /etc/environment.d/*"
    " /etc/zsh/* /etc/skel/* /etc/X11/Xsession.d/* /etc/X11/Xsession /etc/X11/Xresources/* /etc/bash_completion"
    " /usr/lib/environment.d/* /usr/share/fish/vendor_conf.d/*"
    " /etc/fish/conf.d/*",
    "polkit": "/etc/polkit-1/rules.d/* /usr/share/polkit-1/rules.d/* /usr/share/polkit-1/actions/*"
    " /var/lib/polkit-1/localauthority/* /etc/polkit-1/localauthority/*",
    "dbus": "/etc/dbus-1/system.d/* /usr/share/dbus-1/system.d/* /usr/share/dbus-1/system-services/*"
    " /usr/share/dbus-1/session.d/* /usr/share/dbus-1/services/* /usr/share/dbus-1/*.conf",
    "logrotate": "/etc/logrotate.d/* /etc/logrotate.conf",
    "autostart": "/etc/xdg/autostart/* /etc/systemd/user/*.wants/* /usr/lib/systemd/user/*.wants/*"
    " /usr/lib/systemd/user/*.service /usr/lib/systemd/user/*.socket /usr/lib/systemd/user/*.timer"
    " /usr/lib/systemd/user/*.path",
    "events": "/etc/apt/apt.conf.d/* /etc/dpkg/dpkg.cfg.d/* /etc/kernel/*.d/* /usr/lib/kernel/*"
    " /usr/lib/systemd/user-generators/* /usr/lib/systemd/user-environment-generators/* /etc/containerd/*"
    " /usr/lib/networkd-dispatcher/*/* /etc/networkd-dispatcher/*/* /usr/lib/resolvconf/*/*"
    " /etc/initramfs/post-update.d/* /usr/share/initramfs-tools/hooks/* /usr/share/initramfs-tools/scripts/*"
    " /usr/share/initramfs-tools/conf-hooks.d/* /etc/initramfs-tools/hooks/* /etc/initramfs-tools/scripts/*"
    " /etc/initramfs-tools/conf-hooks.d/* /usr/lib/dracut/modules.d/* /etc/network/if-*.d/*"
    " /etc/NetworkManager/dispatcher.d/* /usr/lib/NetworkManager/dispatcher.d/* /etc/ppp/ip-*.d/* /etc/ppp/ipv6-*.d/*"
    " /etc/dhcp/dhclient-*-hooks.d/* /etc/resolvconf/*.d/* /usr/lib/systemd/system-sleep/* /etc/pm/sleep.d/*"
    " /usr/lib/pm-utils/sleep.d/* /usr/lib/systemd/system-generators/* /usr/lib/systemd/system-shutdown/* /etc/rc.local"
    " /usr/lib/cups/backend/* /usr/lib/cups/filter/* /usr/lib/cups/notifier/* /usr/lib/cups/monitor/*"
    " /usr/lib/cups/cgi-bin/* /usr/lib/cups/driver/* /usr/lib/os-probes/* /usr/lib/linux-boot-probes/*"
    " /etc/needrestart/* /etc/letsencrypt/renewal-hooks/* /etc/letsencrypt/*.ini"
    " /etc/update-motd.d/* /etc/motd /etc/motd.d/* /usr/lib/motd.d/* /etc/issue /etc/issue.net /etc/issue.d/*"
    " /etc/ld.so.preload /etc/ld.so.conf /etc/ld.so.conf.d/*",
    "sysctl": "/etc/sysctl.d/*.conf /usr/lib/sysctl.d/*.conf /etc/sysctl.conf",
    "tmpfiles": "/etc/tmpfiles.d/* /usr/lib/tmpfiles.d/* /usr/share/user-tmpfiles.d/* /etc/user-tmpfiles.d/*",
    "sysusers": "/etc/sysusers.d/* /usr/lib/sysusers.d/*",
    "dropins": "/etc/systemd/system/*.d/*.conf /usr/lib/systemd/system/*.d/*.conf /etc/systemd/user/*.d/*.conf"
    " /usr/lib/systemd/user/*.d/*.conf",
    "presets": "/etc/systemd/*-preset/* /usr/lib/systemd/*-preset/*",
    "paths": "/etc/systemd/system/*.path /usr/lib/systemd/system/*.path",
    "mounts": "/etc/systemd/system/*.mount /usr/lib/systemd/system/*.mount /etc/systemd/system/*.automount"
    " /usr/lib/systemd/system/*.automount /etc/systemd/system/*.swap /usr/lib/systemd/system/*.swap /etc/fstab"
    " /etc/crypttab /etc/exports",
    "binfmt": "/etc/binfmt.d/* /usr/lib/binfmt.d/* /usr/share/binfmts/* /var/lib/binfmts/*",
    "boot": "/etc/default/grub /etc/default/grub.d/* /etc/grub.d/* /boot/* /etc/kernel/cmdline /etc/dracut.conf"
    " /etc/dracut.conf.d/* /etc/initramfs-tools/*.conf /etc/initramfs-tools/modules /etc/initramfs-tools/conf.d/*"
    " /usr/share/initramfs-tools/conf.d/* /usr/share/initramfs-tools/modules.d/*",
    "nss": "/usr/lib/*/libnss_*.so* /usr/lib/libnss_*.so* /etc/nsswitch.conf /etc/nscd.conf",
    "confinement": "/etc/apparmor.d/* /etc/apparmor/* /etc/selinux/* /usr/share/selinux/* /etc/firejail/*",
    "audit": "/etc/audit/* /etc/audisp/* /usr/share/audit*/*.rules",
    "ssh": "/etc/ssh/* /root/.ssh/*",
    "certificates": "/etc/ssl/certs/* /usr/local/share/ca-certificates/* /etc/ca-certificates.conf"
    " /etc/ca-certificates/*",
    "launchers": "/usr/share/applications/*.desktop",
}
WANTS = ".wants/", ".requires/"
"""Folders of links that enable units, which are facts of those."""
MOST = 12
"""Items of one reason that the document lists."""
TOLD = (
    "/usr/lib/systemd/system/* /etc/systemd/system/* /etc/systemd/user/*"
    " /var/lib/systemd/deb-systemd-* /etc/alternatives/* /etc/rc?.d/*"
    " /etc/runit/runsvdir/*/*"
).split()
PEOPLE = range(1000, 60000)
"""The numbers of people's accounts (Debian Policy 9.2.2)."""
FOLDERS = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin")

Look = dict[str, Any]


class Box:
    """A container of the same base, in which a package is installed without the program."""

    def __init__(self) -> None:
        image = with_lists(BASE)
        self.id = docker("run", "--detach", "--init", "--label", LABEL, image, "sleep", "infinity").strip()
        self.merged = docker("inspect", "-f", "{{.GraphDriver.Data.MergedDir}}", self.id).strip()

    def sh(self, text: str, *words: str) -> str:
        """Run constant text inside."""
        return docker("exec", self.id, "sh", "-c", text, "sh", *words)

    def tool(self, *argv: str) -> str:
        """Run a tool beside it, which sees its file system and its network and changes neither."""
        mounts = ("-v", f"{self.merged}:/target:ro", "-v", f"{ROOT / 'bench'}:/bench:ro")
        return docker("run", "--rm", "--label", LABEL, "--network", f"container:{self.id}", *mounts, TOOLS, *argv)

    def look(self, known: Sequence[str] = ()) -> Look:
        """Return all that is there, but the licences of the packages that are known."""
        found: Look = json.loads(self.tool("python3", "/bench/truth_look.py", *known))
        return found

    def remove(self) -> None:
        """Remove it, with its volumes."""
        docker("rm", "--force", "--volumes", self.id)

    def processes(self) -> list[str]:
        """Return the command lines of what runs, as the host's ps shows them."""
        return [line.split(None, 1)[1].strip() for line in docker("top", self.id, "-eo", "pid,args").splitlines()[1:]]

    def ports(self) -> set[str]:
        """Return what listens, as ss says."""
        rows = [line.split() for line in self.tool("ss", "-Hltun").splitlines()]
        return {f"{row[4].rpartition(':')[2]}/{row[0]}" for row in rows if row[4].rpartition(":")[2].isdigit()}


def bare() -> Look:
    """Return what is there before anything is installed: the same for every package."""
    box = Box()
    try:
        return box.look()
    finally:
        box.remove()


def measured(package: str, before: Look) -> tuple[Look, Look]:
    """Return what was there after, and what the archives and the network said."""
    box = Box()
    try:
        box.sh("mkdir -p /run/truth/partial")
        recommended = box.sh(RECOMMENDED, package).split()
        quiet = box.processes()
        box.sh(INSTALL, package)
        running = [words for words in box.processes() if words not in quiet]
        after = box.look([f"{name}={version}" for name, version in before["packages"].items()])
        words = box.sh(ARCHIVES).split()
        sizes = {name: (int(claimed) * 1024, int(size)) for name, claimed, size in zip(*[iter(words)] * 3, strict=True)}
        scripts = [path for path in after["files"] if path not in before["files"] and dirname(path) == "/etc/init.d"]
        ports = [set[str](), set[str]()]
        for place in range(2 if scripts else 0):
            box.sh(START, *sorted(scripts))
            ports[place] = box.ports()
            box.sh(STOP, *sorted(scripts))
        extra = {"recommended": recommended, "sizes": sizes, "ports": sorted(_named(*ports)), "processes": running}
        return after, extra
    finally:
        box.remove()


def _named(first: set[str], second: set[str]) -> set[str]:
    """Return the ports of a first start, those that the kernel chose as `any/udp`: a second start has others."""
    chosen = {port for port in first - second if int(port.partition("/")[0]) in CHOSEN}
    return (first - chosen) | {f"any/{port.partition('/')[2]}" for port in chosen}


def below(path: str) -> bool:
    """Return whether a path is of the books."""
    return any(path == book or path.startswith(f"{book}/") for book in BOOKS)


def real(path: str) -> str:
    """Return a path behind the links of the merged /usr."""
    top = path.split("/")[1]
    return f"/usr{path}" if top in ("bin", "sbin", "lib", "lib64", "lib32") and path.count("/") > 1 else path


class Truth:
    """The facts of an installation, computed from two looks."""

    def __init__(self, before: Look, after: Look, extra: Look) -> None:
        self.before, self.after, self.extra = before, after, extra
        old, new = before["files"], after["files"]
        self.added = sorted(path for path in new if path not in old and not below(path))
        self.changed = sorted(path for path in new if path in old and self._differs(path) and not below(path))
        self.gone = sorted(path for path in old if path not in new and not below(path))
        self.came = {n: v for n, v in after["packages"].items() if before["packages"].get(n) != v}
        self.mine = {real(path) for name in self.came for path in after["owned"].get(name, ())}
        self.all = {real(path) for paths in after["owned"].values() for path in paths}
        rows = [row for row in after["diversions"] if row not in before["diversions"]]
        self.moved = {real(place) for place, _, _ in rows} & {*old}
        self.files = [p for p in (*self.added, *self.changed) if new[p][0] != "d"]

    def _differs(self, path: str) -> bool:
        one, other = self.before["files"][path], self.after["files"][path]
        return [*one[:5], one[6]] != [*other[:5], other[6]]

    def units(self, suffix: str, state: str = "") -> set[str]:
        """Return the new units, those in a state of systemctl's."""
        places = {basename(p) for p in self.files if fnmatch(dirname(p), "/*/systemd/system")}
        return {n for n in places if n.endswith(suffix) and (not state or self.after["units"].get(n) == state)}

    def placed(self, kind: str) -> set[str]:
        """Return the new and changed files in the places of a kind."""
        found = {p for p in self.files for glob in GLOBS[kind].split() if fnmatch(p, glob)}
        match kind:
            case "cron":
                return {p for p in found if basename(p) not in (".placeholder", ".SEQ")}  # at's last number
            case "events":
                found |= {p for p in self.after["rotates"] if p in self.files}
                return {p for p in found if not basename(p).startswith("README")}
            case "paths" | "mounts":
                return {p for p in found if not any(word in p for word in WANTS)}
            case "certificates":  # openssl rehash links each certificate by its digest, for programs to find
                return {p for p in found if not re.fullmatch(r"[0-9a-f]{8}\.\d+", basename(p))}
            case _:
                return found

    def moved_files(self) -> set[str]:
        """Return the files of other packages that dpkg unpacks elsewhere from now on."""
        return {real(row[0]) for row in self.after["diversions"] if row not in self.before["diversions"]}

    def overrides(self) -> set[str]:
        """Return the paths whose owner and mode dpkg keeps from now on."""
        return {row.split()[-1] for row in self.after["overrides"] if row not in self.before["overrides"]}

    def path_files(self) -> set[str]:
        """Return the files that Python runs at each start, of site-packages."""
        return {p for p in self.files if re.fullmatch(r"/usr/lib/python[^/]*/[^/]+-packages/[^/]+\.pth", p)}

    def users(self) -> set[str]:
        """Return the new users, whether they are the system's and may log in, and their homes."""
        known = {row[0] for row in self.before["passwd"]}
        rows = [row for row in self.after["passwd"] if row[0] not in known]
        return {f"{name}: {_rank(uid)}, {_login(shell)}, home {home}" for name, _, uid, _, _, home, shell in rows}

    def needs(self) -> set[str]:
        """Return which packages that came depend on which, by name or by what they provide."""
        rows = {name: self.after["relations"][name] for name in self.came}
        provides = {name: {name, *row["provides"]} for name, row in rows.items()}
        pairs = [(one, other) for one, row in rows.items() for other in rows if provides[other] & {*row["depends"]}]
        return {f"{one} needs {other}" for one, other in pairs if one != other}

    def manuals(self) -> set[str]:
        """Return the manual pages of the packages, in any language, and those of scripts."""
        pages = {p for p in {*self.mine, *self.files} if fnmatch(p, "/usr/share/man/*man[0-9a-z]*/*.*")}
        names = [basename(p).removesuffix(".gz").rpartition(".") for p in pages]
        return {f"{name}({section})" for name, _, section in names}

    def groups(self) -> set[str]:
        """Return new groups, and the old ones that somebody joined."""
        known = {row[0]: row for row in self.before["group"]}
        rows = [row for row in self.after["group"] if row[0] not in known or known[row[0]][3] != row[3]]
        return {row[0] for row in rows}

    def unowned(self) -> set[str]:
        """Return new files of no package, less links that enable units and alternatives, which have their own facts."""
        found = {p for p in self.added if p not in self.all and self.after["files"][p][0] != "d"}
        return {p for p in found if not _is_told(p)} | self._empty()

    def _empty(self) -> set[str]:
        held = {dirname(path) for path in self.after["files"]}
        rows = [p for p in self.added if self.after["files"][p][0] == "d" and p not in held]
        return {f"{p}/" for p in rows if p not in self.mine and not _is_told(p)}

    def foreign(self) -> set[str]:
        """Return what was there before, was of no package that came, and is another or gone."""
        told = {p for p in self.changed if fnmatch(p, "/etc/alternatives/*")}
        found = {p for p in (*self.changed, *self.gone) if p not in ACCOUNTS and p not in told}
        return {p for p in found if p not in self.mine or p in self.moved}

    def commands(self) -> set[str]:
        """Return the new programs in the folders of the PATH."""
        found = set()
        for path in self.added:
            if dirname(path) in FOLDERS and self._runs(path):
                found.add(basename(path))
        return found

    def _runs(self, path: str) -> bool:
        for _ in range(9):
            row = self.after["files"].get(path)
            if row is None or row[0] != "l":
                return row is not None and row[0] == "-" and bool(row[1] & 0o111)
            path = real(normpath(f"{dirname(path)}/{row[6]}" if row[6][:1] != "/" else row[6]))
        return False

    def set_bits(self) -> set[str]:
        """Return the files that run with others' rights, with their modes."""
        rows = {p: self.after["files"][p] for p in self.files}
        return {f"{p} {row[1]:04o}" for p, row in rows.items() if row[0] == "-" and row[1] & 0o6000}

    def capabilities(self) -> set[str]:
        """Return the files with capabilities, and which."""
        names = {p: text.partition("=")[0] for p, text in self.after["capabilities"].items() if p in self.files}
        return {f"{p} {', '.join(w.removeprefix('cap_') for w in text.split(','))}" for p, text in names.items()}

    def alternatives(self) -> set[str]:
        """Return the names of alternatives that are new or lead elsewhere."""
        old, new = self.before["alternatives"], self.after["alternatives"]
        rows = {name: target for name, target in new.items() if old.get(name) != target}
        links = {name: t for name, t in rows.items() if f"/etc/alternatives/{name}" in self.after["files"]}
        was = {name: f", was {old[name]}" for name in links if name in old}
        return {f"/etc/alternatives/{name} to {target}{was.get(name, '')}" for name, target in links.items()}

    def runit(self) -> set[str]:
        """Return runit's new services, with whether they are enabled."""
        links = {basename(p) for p in self.added if fnmatch(p, "/etc/runit/runsvdir/*/*")}
        rows = [p for p in self.files if re.fullmatch(r"/etc/sv/[^/]+/run", p)]
        return {f"{p} enabled" if p.split("/")[3] in links else p for p in rows}

    def initscripts(self, runlevels: str = "[2-5]") -> set[str]:
        """Return the new init scripts that a runlevel starts."""
        links = [p for p in self.added if fnmatch(p, f"/etc/rc{runlevels}.d/S*")]
        return {basename(self.after["files"][p][6]) for p in links}

    def early(self) -> set[str]:
        """Return the new init scripts of System V's way to single user alone: systemd starts none of them."""
        return self.initscripts("S") - self.initscripts()

    def booted(self) -> set[str]:
        """Return the new units that a boot starts, as systemd says."""
        return {n for suffix in (".service", ".timer", ".socket") for n in self.units(suffix)} & {*self.after["boot"]}


def _rank(uid: str) -> str:
    return "a person's user id" if int(uid) in PEOPLE else "system"


def _login(shell: str) -> str:
    return "no login" if basename(shell) in ("nologin", "false", "sync") else f"login {shell}"


def _is_told(path: str) -> bool:
    return any(fnmatch(path, glob) for glob in TOLD)


def facts(truth: Truth) -> Iterator[tuple[str, set[str]]]:
    """Yield each fact as the system says it."""
    new = truth.after["files"]
    yield "packages", {f"{name} {version}" for name, version in truth.came.items()}
    yield "recommended", set(truth.extra["recommended"]) - set(truth.came)
    sizes = truth.extra["sizes"]
    yield "download", {str(sum(size for _, size in sizes.values()))}
    yield "claimed", {str(sum(size for size, _ in sizes.values()))}
    yield "sizes", {f"{name}: {claimed}, {size} to download" for name, (claimed, size) in sizes.items()}
    yield "needs", truth.needs()
    walk = sorted(truth.files, key=lambda path: path.split("/"), reverse=True)
    first = {new[p][5]: p for p in walk if new[p][0] == "-"}  # of hard links the one that an archive has first
    yield "installed", {str(sum(new[p][4] for p in first.values()))}
    yield "files", {f"{p}: {new[p][4]}" for p in truth.files if new[p][0] == "-"}
    yield "manuals", truth.manuals()
    yield "commands", truth.commands()
    yield "setuid", truth.set_bits()
    yield "capabilities", truth.capabilities()
    yield "users", truth.users()
    yield "processes", set(truth.extra["processes"])
    yield "groups", truth.groups()
    for kind, suffix in (("services", ".service"), ("timers", ".timer"), ("sockets", ".socket")):
        yield kind, truth.units(suffix)
        yield f"{kind} enabled", truth.units(suffix, "enabled")
    yield "init scripts enabled", truth.initscripts()
    yield "init scripts of rcS.d alone", truth.early()
    yield "units that a boot starts", truth.booted()
    yield "runit", truth.runit()
    for kind in GLOBS:
        yield kind, truth.placed(kind)
    yield "diversions", truth.moved_files()
    yield "stat-overrides", truth.overrides()
    yield "files that Python runs", truth.path_files()
    yield "alternatives", truth.alternatives()
    yield "unowned", truth.unowned()
    yield "foreign", truth.foreign()
    rows = {name: truth.after["licences"].get(name, []) for name in truth.came}
    yield "licences", {f"{name}: {word}" for name, words in rows.items() for text in words for word in _licences(text)}
    yield "ports", set(truth.extra["ports"])


def said(answer: Look) -> Iterator[tuple[str, set[str]]]:
    """Yield each fact as inspect says it, in the same words."""
    print_ = answer["footprint"]
    rows: dict[str, list[tuple[str, str]]] = {}
    for row in print_["findings"]:
        rows.setdefault(row["kind"], []).append((row["what"], row["note"]))
    yield "packages", {f"{row['name']} {row['version']}" for row in print_["packages"]}
    yield "recommended", set(print_["recommended"] or ())
    yield "download", {str(print_["download"])}
    yield "claimed", {str(print_["claimed"])}
    rows_ = print_["packages"]
    yield "sizes", {f"{row['name']}: {row['size']}, {row['download']} to download" for row in rows_}
    yield "needs", {f"{one} needs {row['name']}" for row in rows_ for one in row["needed_by"]}
    yield "installed", {str(print_["measured"])}
    yield "files", {f"{row['path']}: {row['size']}" for row in print_["files"]}
    yield "manuals", set(print_["manuals"])
    yield "commands", set(print_["commands"])
    yield "setuid", {f"{w} {n.partition('mode ')[2][:4]}" for w, n in rows.get("setuid", ())}
    yield "capabilities", {f"{w} {n}" for w, n in rows.get("capabilities", ())}
    yield "users", {f"{w}: {n}" for w, n in rows.get("users", ())}
    yield "processes", {w for w, _ in rows.get("processes", ())}
    yield "groups", {w for w, _ in rows.get("groups", ())}
    for kind in ("services", "timers", "sockets"):
        found = [(basename(w), n) for w, n in rows.get(kind, ()) if "/systemd/" in w]
        yield kind, {w for w, _ in found}
        yield f"{kind} enabled", {w for w, n in found if "enabled" in n}
    yield (
        "init scripts enabled",
        {basename(w) for w, n in rows.get("services", ()) if "/init.d/" in w and "enabled" in n},
    )
    yield "init scripts of rcS.d alone", {basename(w) for w, n in rows.get("services", ()) if "System V init only" in n}
    units = [row for kind in ("services", "timers", "sockets") for row in rows.get(kind, ())]
    yield (
        "units that a boot starts",
        {basename(w) for w, n in units if "/systemd/" in w and n in ("enabled", "at boot")},
    )
    yield "runit", {f"{w} {n}".strip() for w, n in rows.get("services", ()) if "/sv/" in w}
    for kind in GLOBS:
        yield kind, {w for w, _ in rows.get(kind, ())}
    yield "diversions", {w for w, _ in rows.get("diversions", ())}
    yield "stat-overrides", {w for w, _ in rows.get("overrides", ())}
    yield "files that Python runs", {w for w, _ in rows.get("interpreters", ()) if w.endswith(".pth")}
    yield "alternatives", {f"{w} {n}" for w, n in rows.get("alternatives", ())}
    yield "unowned", {w for w, _ in rows.get("unowned", ())}
    yield "foreign", {w for w, _ in rows.get("foreign", ())}
    words = {row["name"]: row["licence"] for row in print_["packages"]}
    yield "licences", {f"{name}: {word}" for name, text in words.items() for word in _licences(text)}
    yield "ports", {w for w, _ in rows.get("ports", ())}


def _licences(text: str) -> list[str]:
    return [word for word in text.split(" and ") if word]


def bare_look(folder: Path) -> Look:
    """Return what is in the base, looked at once for each base."""
    base = docker("image", "inspect", "--format", "{{.Id}}", BASE).strip().removeprefix("sha256:")[:12]
    found: Look = kept(folder / f"{base}.bare.gz", bare)
    return found


def check(package: str, folder: Path) -> Look:
    """Return how many facts were compared, and the differences; what was measured before is not measured again."""
    answer = inspect_says(package, folder)
    if "failure" in answer:
        return {"package": package, "facts": 0, "items": 0, "differences": {"failure": [[answer["failure"]], []]}}
    before = bare_look(folder)
    after, extra = kept(folder / f"{package}.after.gz", lambda: measured(package, before))
    truth, ours = dict(facts(Truth(before, after, extra))), dict(said(answer))
    if truth.keys() != ours.keys():
        sys.exit(f"the facts differ: {truth.keys() ^ ours.keys()}")
    odd = {
        name: [sorted(truth[name] - ours[name]), sorted(ours[name] - truth[name])]
        for name in truth
        if truth[name] != ours[name]
    }
    return {
        "package": package,
        "facts": len(truth),
        "items": sum(map(len, truth.values())),
        "packages": len(answer["footprint"]["packages"]),
        "differences": odd,
    }


def odd(row: Look) -> list[str]:
    """Return the differences that nobody has explained, each with who says it."""
    rows = [(fact, who, item) for fact, pair in row["differences"].items() for who, item in _sides(pair)]
    return [f"{fact}: only {who} {item}" for fact, who, item in rows if not reason(row["package"], fact, item)]


def _sides(pair: list[list[str]]) -> list[tuple[str, str]]:
    return [*(("true", item) for item in pair[0]), *(("said", item) for item in pair[1])]


def shown(row: Look) -> str:
    """Return a package's result for a terminal."""
    count = sum(len(pair[0]) + len(pair[1]) for pair in row["differences"].values())
    rows = odd(row)
    head = (
        f"{row['package']:<28} {row['facts']:>3} facts {row['items']:>6} items, {count} differ, {len(rows)} unexplained"
    )
    return "\n    ".join([head, *(text[:300] for text in rows[:40])])


def document(rows: list[Look]) -> str:
    """Return docs/evidence/truth.md."""
    text, today = (ROOT / "bench/truth.head.md").read_text().rstrip(), time.strftime("%Y-%m-%d")
    head = text.format(count=len(rows), wanted=len(ALL), date=today)
    lines = [head, ""]
    lines += ["| package | packages that came | facts | items in them | differ |", "| --- | --- | --- | --- | --- |"]
    for row in rows:
        count = sum(len(pair[0]) + len(pair[1]) for pair in row["differences"].values())
        cells = (row["package"], row.get("packages", 0), row["facts"], row["items"], count)
        lines.append(f"| {' | '.join(map(str, cells))} |")
    lines += ["", "## The differences, one by one", ""]
    for row in rows:
        items = {
            f"{fact}: {item}": reason(row["package"], fact, item)
            for fact, pair in row["differences"].items()
            for _, item in _sides(pair)
        }
        lines += [f"**{row['package']}**", "", *grouped("", items), ""] if items else []
    return "\n".join(lines).rstrip() + "\n"


def grouped(who: str, items: Mapping[str, str]) -> list[str]:
    """Return a bullet for each reason, with the items that it explains; of very many the first."""
    rows: dict[str, list[str]] = {}
    for item, why in items.items():
        rows.setdefault(why or "NOT EXPLAINED", []).append(f"`{item}`")
    head = f"{who}: " if who else ""
    more = {why: f" and {len(found) - MOST} more" if len(found) > MOST else "" for why, found in rows.items()}
    return [bullet(f"{head}{why}: {', '.join(found[:MOST])}{more[why]}") for why, found in rows.items()]


def options() -> argparse.Namespace:
    """Return what was asked for on the command line; a TERM ends everything from here on."""
    parser = argparse.ArgumentParser()
    parser.add_argument("packages", nargs="*", default=ALL)
    parser.add_argument(
        "--results", type=Path, default=ROOT / ".truth", help="where findings are kept: none is made twice"
    )
    parser.add_argument("--seconds", type=float, default=math.inf, help="begin with no package after these")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="packages at a time (default: 1)")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    given.results.mkdir(exist_ok=True)
    return given


def compared(packages: list[str], folder: Path, seconds: float, jobs: int) -> list[Look]:
    """Return what was compared of each package, `jobs` at a time, while there is time; a failure is printed."""
    end = time.monotonic() + seconds
    make_image(TOOLS, BASE, TOOLS_TEXT)
    bare_look(folder)

    def row_of(package: str) -> Look | None:
        if time.monotonic() > end and not (folder / f"{package}.after.gz").exists():
            return None
        try:
            row = check(package, folder)
        except SystemExit as failure:
            print(f"{package:<28} {failure}", flush=True)
            return None
        print(shown(row), flush=True)
        return row

    with ThreadPoolExecutor(jobs) as pool:
        return [row for row in pool.map(row_of, packages) if row]


def main() -> int:
    """Print a block a package; the status is 1 where one differs without a reason, 75 where there was no time."""
    given = options()
    rows = compared(list(given.packages), given.results, given.seconds, given.jobs)
    if rows and tuple(given.packages) == ALL:
        DOC.write_text(with_part(document(rows), part_of(DOC.read_text())))
    if len(rows) < len(given.packages):
        return 75
    return int(any(odd(row) for row in rows))


if __name__ == "__main__":
    sys.exit(main())
