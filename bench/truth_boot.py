"""Hold the sentences of `sandbox inspect` to a machine that boots: make truth does both, with or without PACKAGES.

A container of this script's own has systemd as its first process and what every host has. The package is installed
there as a user would, with nothing that keeps services from starting; then it is stopped and started again. What runs
then is asked of systemctl, ss, ps, dpkg-divert, dpkg-statoverride and getent. Nothing here is the program's: no table,
no line. Such a container has more power than a sandbox may have unasked, so it is for this script alone.
"""

from __future__ import annotations

import argparse
import math
import re
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.pages import bullet
from bench.truth_images import LABEL, docker, with_lists
from bench.truth_images import make_image as make_image_by
from bench.truth_said import PACKAGES, kept
from bench.truth_said import said as inspect_says

ROOT = Path(__file__).parents[1]
DOC = ROOT / "docs/evidence/truth.md"
BASE = "sandbox-base/debian:bookworm"
IMAGE = "sandbox-truth:boot"
MORE = (
    "certbot needrestart libnss-mdns gawk unattended-upgrades popularity-contest rsync zsh fail2ban chrony ufw"
    " mumble-server dnsmasq cockpit-ws slapd jq lighttpd bind9 dovecot-imapd nfs-kernel-server"
).split()
"""Chosen for what runs and when: at boot, by timers, sockets, paths, at fixed ports and at those of the kernel; and
for what has no service and changes a host all the same."""
POWER = (
    "--tmpfs /run --tmpfs /run/lock --volume /sys/fs/cgroup/systemd:/sys/fs/cgroup/systemd:rw --env container=docker"
    " --stop-signal SIGRTMIN+3 --security-opt seccomp=unconfined --security-opt apparmor=unconfined"
    " --security-opt systempaths=unconfined --cap-add SYS_ADMIN --cap-add NET_ADMIN --cap-add SYS_TIME"
    " --cap-add AUDIT_CONTROL"
).split()
"""What systemd needs to boot, and units to have namespaces of their own: /proc without the engine's masks."""
HOST = r"""
apt-get update -qq
names=$(apt-cache dumpavail | awk '/^Package: /{p=$2} /^Priority: (required|important)$/{print p}' | sort -u)
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $names systemd-sysv dbus iproute2 procps
rm -f /usr/sbin/policy-rc.d
"""
"""What every host has, by the distro's own word; and what is asked."""
KERNEL = r"""
mkdir -p /etc/systemd/system/service.d
printf '[Service]\nPrivateUsers=no\n' >/etc/systemd/system/service.d/kernel.conf
systemctl daemon-reload
"""
"""Not every kernel on which this runs has namespaces of users: without this redis-server ends with 217/USER there."""
INSTALL = 'DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >/dev/null 2>&1'
REMOVE = 'dpkg-query -W "$1" 2>/dev/null && apt-get purge -y -qq --auto-remove "$1" >/dev/null 2>&1; :'
UP = r"""
for n in $(seq 150); do
  case $(systemctl is-system-running 2>&1) in running | degraded) exit 0 ;; esac
  sleep 0.4
done
exit 1
"""
SHOW = (
    "Id,LoadState,ActiveState,SubState,UnitFileState,FragmentPath,TriggeredBy,Triggers,WantedBy,RequiredBy,User,MainPID,"
    "ConditionTimestampMonotonic,InactiveExitTimestampMonotonic"
)
LOOK = rf"""
echo '=units'; systemctl show --all --property={SHOW} '*.service' '*.timer' '*.socket' '*.path'
echo '=sockets'; ss -Hltnup
echo '=processes'; ps -eo pid=,ppid=,user:32=,args=
echo '=diversions'; dpkg-divert --list
echo '=overrides'; dpkg-statoverride --list
echo '=passwd'; getent passwd
echo '=group'; getent group
"""
CHOSEN = range(32768, 61000)
"""Ports of the kernel's choice, where nothing else is set (/proc/sys/net/ipv4/ip_local_port_range)."""
STRONG = "root sudo wheel docker lxd incus-admin libvirt kvm adm disk shadow input video".split()

HEAD = "## The sentences, held to a machine that boots"
REASONS: dict[str, dict[str, str]] = {
    "at": {
        "said to run as root: atd": (
            "ps shows its effective user, daemon; its real user is root, and it becomes root again for each job"
        )
    },
    "nfs-kernel-server": {
        "11 services at boot; systemd began auth-rpcgss-module.service, rpc-statd-notify.service, rpc-statd.service,"
        " rpc-svcgssd.service, rpcbind.service": (
            "the kernel of this machine has neither nfsd nor rpc_pipefs, without whose mounts systemd begins no"
            " nfs-server.service, and nothing that comes with it"
        )
    },
    "vim": {
        "not said to be among the diversions: /usr/share/vim/vim90/doc/help.txt, /usr/share/vim/vim90/doc/tags": (
            "both are texts of help that no program runs, so no sentence names them; the list of findings does"
        ),
        "said: Quiet: 5 packages, 40.4 MB, 11 commands, nothing runs.": (
            "the same two texts: nothing runs on the machine either"
        ),
    },
    "postgresql": {
        "1 services at boot; systemd began postgresql.service, postgresql@15-main.service": (
            "a generator enables the second one at boot, which the sentence on hooks into boot names"
        )
    },
    "postfix": {
        "1 services at boot; systemd began postfix.service, postfix@-.service": (
            "a generator of postfix enables the second one at boot, which the sentence on hooks into boot names"
        )
    },
}
"""Why a difference is none of the sentence's, by package and difference."""

Look = dict[str, Any]


def make_image() -> None:
    """Make the image that boots, once."""
    make_image_by(IMAGE, BASE, HOST)


class Machine:
    """A container that boots."""

    def __init__(self, image: str) -> None:
        self.id = docker("run", "--detach", "--label", LABEL, *POWER, image, "/sbin/init").strip()
        self.sh(UP)

    def sh(self, text: str, *words: str) -> str:
        """Run constant text inside."""
        return docker("exec", self.id, "sh", "-c", text, "sh", *words)

    def boot_again(self) -> None:
        """Stop and start it, as a reboot does."""
        docker("stop", "--time", "60", self.id)
        docker("start", self.id)
        self.sh(UP)

    def look(self) -> Look:
        """Return what the machine's own tools say."""
        parts: dict[str, list[str]] = {}
        lines: list[str] = []
        for line in self.sh(LOOK).splitlines():
            if line.startswith("=") and line[1:].isalpha():
                lines = parts.setdefault(line[1:], [])
            else:
                lines.append(line)
        return {
            "units": _units(parts["units"]),
            "ports": sorted({_port(row.split()) for row in parts["sockets"]}),
            "processes": [row.split(None, 3) for row in parts["processes"]],
            "diversions": sorted(parts["diversions"]),
            "overrides": sorted(parts["overrides"]),
            "passwd": {row.split(":")[0]: row for row in parts["passwd"]},
            "group": {row.split(":")[0]: row.split(":")[3].split(",") for row in parts["group"]},
        }


def _units(lines: list[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    row: dict[str, str] = {}
    for line in [*lines, ""]:
        key, _, value = line.partition("=")
        if line:
            row[key] = value
        elif row:
            found[row["Id"]] = row
            row = {}
    return found


def _port(row: list[str]) -> str:
    """Return `tcp * 80`, or `udp 127.0.0.1 53`, of a row of ss."""
    address, _, port = row[4].rpartition(":")
    address = re.sub(r"%\w+$", "", address).strip("[]")
    return f"{row[0]} {'*' if address in ('0.0.0.0', '*', '::') else address} {port}"


def measured(package: str) -> Look:
    """Return what was there before, after the install, and after a boot."""
    machine = Machine(with_lists(IMAGE))
    try:
        machine.sh(KERNEL)
        if machine.sh(REMOVE, package):
            machine.boot_again()
        before = machine.look()
        machine.sh(INSTALL, package)
        time.sleep(2)
        first = machine.look()
        machine.boot_again()
        time.sleep(2)
        return {"before": before, "first": first, "after": machine.look()}
    finally:
        docker("rm", "--force", "--volumes", machine.id)


class Boot:
    """What a boot shows of a package."""

    def __init__(self, found: Look) -> None:
        self.before, self.first, self.after = found["before"], found["first"], found["after"]
        old = self.before["units"]
        self.units = {
            name: row
            for name, row in self.after["units"].items()
            if row["LoadState"] == "loaded" and old.get(name, {}).get("LoadState") != "loaded"
        }

    def began(self, suffix: str) -> dict[str, dict[str, str]]:
        """Return the new units that this boot has begun, or whose conditions it has looked at."""
        keys = ("ConditionTimestampMonotonic", "InactiveExitTimestampMonotonic")
        return {
            name: row
            for name, row in self.units.items()
            if name.endswith(suffix) and any(row.get(key, "0") not in ("", "0") for key in keys)
        }

    def at_boot(self) -> set[str]:
        """Return the new services that something wants which a boot reaches."""
        rows = self.began(".service")
        return {name for name, row in rows.items() if row.get("WantedBy") or row.get("RequiredBy")}

    def calls(self) -> dict[str, set[str]]:
        """Return the new timers, sockets, paths that wait, with the services that they start."""
        rows = {name: row for kind in (".timer", ".socket", ".path") for name, row in self.began(kind).items()}
        return {name: set(row.get("Triggers", "").split()) for name, row in rows.items()}

    def ports(self) -> set[str]:
        """Return the new ports, as `tcp * 80`; those that two boots do not share as `any`."""
        known, once = set(self.before["ports"]), set(self.first["ports"])
        found = set()
        for row in set(self.after["ports"]) - known:
            protocol, address, port = row.split()
            chosen = int(port) in CHOSEN and row not in once
            where = "*" if address == "*" else "local" if _is_local(address) else "own"
            found.add(f"{protocol} {where} {'any' if chosen else port}")
        return found

    def root_services(self) -> tuple[set[str], set[str]]:
        """Return the new services that run, those with a process of root's, and those without any."""
        users = {pid: user for pid, _, user, _ in self.after["processes"]}
        parents = {pid: parent for pid, parent, _, _ in self.after["processes"]}
        root, others = set[str](), set[str]()
        for name, row in self.units.items():
            pid = row.get("MainPID", "0")
            if name.endswith(".service") and pid in users:
                own = {users[pid], *(user for child, user in users.items() if parents.get(child) == pid)}
                (root if "root" in own else others).add(name.removesuffix(".service"))
        return root, others

    def failed(self) -> set[str]:
        """Return the new services that this machine could not run, so that it says nothing of their ports."""
        return {
            name for name, row in self.units.items() if row.get("ActiveState") == "failed" and name.endswith(".service")
        }

    def people(self) -> set[str]:
        """Return the new users."""
        return set(self.after["passwd"]) - set(self.before["passwd"])

    def strong(self) -> set[str]:
        """Return who is new in a group that gives power, as `GROUP NAME`."""
        pairs = {(group, name) for group in STRONG for name in self.after["group"].get(group, []) if name}
        return {f"{g} {n}" for g, n in pairs if n not in self.before["group"].get(g, [])}

    def is_calm(self) -> bool:
        """Return whether nothing runs, waits, listens or was moved because of the package."""
        calls = self.at_boot() or self.calls() or self.ports() or self.people() or self.strong()
        same = all(self.before[key] == self.after[key] for key in ("diversions", "overrides"))
        return not calls and same


def _is_local(address: str) -> bool:
    return address == "::1" or address.startswith("127.")


def contradictions(said: Look, boot: Boot) -> list[str]:
    """Return what sentences say and the machine does not, and the other way round."""
    texts = [row["text"] for row in said["verdict"]]
    together = "\n".join(texts)
    return [
        *_about_boot(together, boot),
        *_about_calls(together, boot),
        *_about_ports(together, said, boot),
        *_about_root(together, boot),
        *_about_people(together, boot),
        *_about_moved(together, boot),
        *([f"said: {text}" for text in texts if "nothing runs" in text] if not boot.is_calm() else []),
    ]


def _about_boot(text: str, boot: Boot) -> list[str]:
    told = re.search(r"^Starts (?:(a service)|(\d+) services) at boot", text, re.MULTILINE)
    number = 0 if told is None else 1 if told[1] else int(told[2])
    true = boot.at_boot()
    return (
        [] if number == len(true) else [f"{number} services at boot; systemd began {', '.join(sorted(true)) or 'none'}"]
    )


def _about_calls(text: str, boot: Boot) -> list[str]:
    """Compare which unit is said to start what; units that start what a boot starts anyway need no sentence."""
    rows = re.findall(
        r"^(.+?) starts? (.+?) (?:by the clock|when somebody connects|when files change)\.$", text, re.MULTILINE
    )
    said = {word for left, _ in rows for word in re.split(r", | and ", left) if "." in word}
    at_boot = boot.at_boot()
    true = {name for name, units in boot.calls().items() if units - at_boot and units & set(boot.units)}
    more = any(re.search(r"and \d+ more", left) for left, _ in rows)
    wrong = [f"said to start something: {name}" for name in sorted(said - set(boot.calls()))]
    return wrong + ([f"not said to start something: {name}" for name in sorted(true - said)] if not more else [])


def _about_ports(text: str, said: Look, boot: Boot) -> list[str]:
    """Compare the ports of the sentences that a boot opens, and by how far they can be reached."""
    found: set[str] = set()
    for line in text.splitlines():
        if "istens on" in line:
            for place in re.split(r", and on | listens on |Listens on ", line.rstrip("."))[1:]:
                ports = [f"{kind} {{}} {port}" for port, kind in re.findall(r"(\d+)/(tcp|udp)", place)]
                chosen = re.search(r"((?:TCP|UDP)(?: and (?:TCP|UDP))?) ports? that the kernel chooses", place)
                ports += [f"{kind.lower()} {{}} any" for kind in (chosen[1].split(" and ") if chosen else ())]
                found |= {port.format(where) for port in ports for where in _reaches(place)}
    true = boot.ports()
    wide = {" ".join((row.split()[0], row.split()[2])) for row in (*found, *true) if row.split()[1] == "*"}
    found, true = (
        {row for row in rows if row.split()[1] == "*" or " ".join((row.split()[0], row.split()[2])) not in wide}
        for rows in (found, true)
    )
    unseen = " ".join(said["unseen"])
    missing = [] if "ports" in unseen else [f"not said to be open: {row}" for row in sorted(true - found)]
    wrong = [] if boot.failed() else [f"said to be open: {row}" for row in sorted(found - true)]
    return [*wrong, *missing]


def _reaches(place: str) -> tuple[str, ...]:
    """Return from where the addresses of a sentence can be reached: it may name several of them."""
    if place.startswith("every address"):
        return ("*",)
    rows = (("own", "own addresses" in place), ("local", re.search(r"127\.|::1", place) is not None))
    return tuple(where for where, is_said in rows if is_said)


def _about_root(text: str, boot: Boot) -> list[str]:
    """Compare what runs as root; of what is only said to be started so nothing is known but its begin."""
    rows = re.findall(r"^(.+?) (runs?|(?:is|are) started) as root", text, re.MULTILINE)
    said = {word: verb for left, verb in rows for word in re.split(r", | and ", left)}
    more = any(re.search(r"and \d+ more", left) for left, _ in rows)
    root, others = boot.root_services()
    runs = {word for word, verb in said.items() if verb.startswith("run")}
    wrong = [f"said to run as root: {name}" for name in sorted(runs & others)]
    return wrong + ([f"not said to run as root: {name}" for name in sorted(root - said.keys())] if not more else [])


def _about_people(text: str, boot: Boot) -> list[str]:
    told = re.search(r"^Adds (?:a user|another user|\d+ (?:other )?users): (.+)\.$", text, re.MULTILINE)
    said = set(re.split(r", | and ", told[1])) if told else set()
    true = boot.people()
    wrong = [f"said to be a new user: {name}" for name in sorted(said - true) if not re.fullmatch(r"\d+ more", name)]
    named = said or "user of its own" in text or "its own user" in text or "users of" in text
    wrong += [] if named else [f"not said to be a new user: {name}" for name in sorted(true)]
    joins = {f"{g} {n}" for n, g in re.findall(r"^Puts (.+) in the group (\S+),", text, re.MULTILINE)}
    return wrong + [f"not said to have joined: {row}" for row in sorted(boot.strong() - joins)]


def _about_moved(text: str, boot: Boot) -> list[str]:
    """Compare the diversions and the rights that were set by hand: each new one is in a sentence, by its path."""
    rows = []
    for key, place in (("diversions", 2), ("overrides", -1)):
        new = [row for row in boot.after[key] if row not in boot.before[key]]
        paths = {row.split()[place] for row in new}
        if paths and not any(path in text for path in paths):
            rows.append(f"not said to be among the {key}: {', '.join(sorted(paths))}")
    return rows


def check(package: str, folder: Path) -> Look:
    """Return what was compared of a package, from a file where that is known."""
    said = inspect_says(package, folder)
    if "failure" in said:
        sys.exit(f"sandbox inspect {package} failed: {said['failure']}")
    boot = Boot(kept(folder / f"{package}.boot.gz", lambda: measured(package)))
    return {
        "package": package,
        "sentences": [row["text"] for row in said["verdict"]],
        "facts": {
            "services at boot": len(boot.at_boot()),
            "timers, sockets, paths": len(boot.calls()),
            "ports": len(boot.ports()),
            "users": len(boot.people()),
        },
        "wrong": contradictions(said, boot),
        "failed": sorted(boot.failed()),
    }


def part(rows: list[Look]) -> str:
    """Return the part of docs/evidence/truth.md on sentences."""
    heads = ("package", "sentences", *rows[0]["facts"], "contradicted")
    intro = (
        (ROOT / "bench/truth_boot.head.md").read_text().rstrip().format(count=len(rows), wanted=len((*PACKAGES, *MORE)))
    )
    lines = [HEAD, "", intro, "", f"| {' | '.join(heads)} |"]
    lines.append(f"|{' --- |' * len(heads)}")
    for row in rows:
        cells = (row["package"], len(row["sentences"]), *row["facts"].values(), len(row["wrong"]))
        lines.append(f"| {' | '.join(map(str, cells))} |")
    for row in rows:
        reasons = REASONS.get(row["package"], {})
        if row["failed"]:
            lines += ["", f"{', '.join(row['failed'])} did not start on this machine, so its ports were not compared."]
        told = [f"{text}: {reasons.get(text, 'NOT EXPLAINED')}" for text in row["wrong"]]
        lines += ["", f"**{row['package']}**", "", *map(bullet, told)] if told else []
    return "\n".join(lines).rstrip() + "\n"


def with_part(text: str, more: str) -> str:
    """Return the page with that part, which is its last, in the place of an older one."""
    return f"{text.partition(HEAD)[0].rstrip()}\n\n{more}" if more else text


def part_of(text: str) -> str:
    """Return that part of a page, empty where it has none."""
    _, head, rest = text.partition(HEAD)
    return head + rest


def compare(packages: list[str], folder: Path, seconds: float = math.inf, jobs: int = 1) -> list[Look]:
    """Return what was compared of each package, `jobs` at a time, while there is time; a failure is printed."""
    end = time.monotonic() + seconds
    make_image()
    with_lists(IMAGE)

    def row_of(package: str) -> Look | None:
        if time.monotonic() > end and not (folder / f"{package}.boot.gz").exists():
            return None
        try:
            row = check(package, folder)
        except SystemExit as failure:
            print(f"{package:<28} {failure}", flush=True)
            return None
        wrong = [text for text in row["wrong"] if text not in REASONS.get(package, {})]
        head = f"{package:<28} {len(row['sentences'])} sentences, {len(wrong)} contradicted"
        print("\n    ".join([head, *row["wrong"]]), flush=True)
        return row

    with ThreadPoolExecutor(jobs) as pool:
        return [row for row in pool.map(row_of, packages) if row]


def main() -> int:
    """Print a block a package; the status is 1 where a sentence is contradicted, 75 where there was no time for all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("packages", nargs="*", default=[*PACKAGES, *MORE])
    parser.add_argument("--results", type=Path, default=ROOT / ".truth")
    parser.add_argument("--seconds", type=float, default=math.inf, help="begin with no package after these")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="packages at a time (default: 1)")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    given.results.mkdir(exist_ok=True)
    rows = compare(given.packages, given.results, given.seconds, given.jobs)
    if rows and given.packages == [*PACKAGES, *MORE]:
        DOC.write_text(with_part(DOC.read_text(), part(rows)))
    if len(rows) < len(given.packages):
        return 75
    return int(any(text not in REASONS.get(row["package"], {}) for row in rows for text in row["wrong"]))


if __name__ == "__main__":
    sys.exit(main())
