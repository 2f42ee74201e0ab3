"""What a manager's database says of installed packages beyond names and sizes: what needs what, under which licence.

Sources: deb-control(5), dpkg-query(1) and the machine-readable copyright format 1.0; rpm-queryformat(7); the formats of
apk's and pacman's text databases; the files of /var/db/pkg (PMS, chapter 13); xbps-query(1). Run by the lab for apt,
rpm, apk, pacman and portage; xbps written from its documentation, not run. nix keeps neither: nothing is asked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.managers.protocol import Query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.managers.registry import ManagerName


class Fact(Struct, frozen=True, kw_only=True):
    """An installed package: the names that it needs, of packages or of what they provide, and its licence as written.

    `recommends` is empty where the manager knows no such thing. `built`: when it was built, as an epoch, None where
    nobody says; of dpkg's packages it is the date of the changelog, to which builds set what they make.
    """

    name: str
    needs: tuple[str, ...] = ()
    recommends: tuple[str, ...] = ()
    provides: tuple[str, ...] = ()
    licence: str = ""
    built: int | None = None


_DPKG: Final = r"""
HEAD='/[^ ]/,$!d; /^ *$/q; s/^Format: *//Ip; s/^Format-Specification:/&/Ip'
dpkg-query -W -f 'N ${Package}\nD ${Pre-Depends}\nD ${Depends}\nR ${Recommends}\nP ${Provides}\n' "$@" 2>/dev/null
for name in "$@"; do
  file=/usr/share/doc/$name/copyright
  printf 'N %s\n' "$name"
  if [ -f "$file" ] && [ -n "$(sed -n "$HEAD" "$file")" ]; then
    sed -n 's/^License: */L /Ip' "$file"
  fi
  for file in "/var/lib/dpkg/info/$name".md5sums "/var/lib/dpkg/info/$name":*.md5sums; do
    if [ -f "$file" ]; then printf 'T %s\n' "$(date -r "$file" +%s)"; break; fi
  done
done
"""
_RPM: Final = r"""
format='N %{NAME}\nT %{BUILDTIME}\nL %{LICENSE}\n[D %{REQUIRENAME}\n][R %{RECOMMENDNAME}\n][P %{PROVIDENAME}\n]'
rpm -q --qf "$format" "$@" 2>/dev/null
"""
_APK: Final = r"""
for file in /usr/lib/apk/db/installed /lib/apk/db/installed; do
  if [ -f "$file" ]; then sed -n 's/^P:/N /p; s/^D:/D /p; s/^p:/P /p; s/^L:/L /p; s/^t:/T /p' "$file"; break; fi
done
"""
_PACMAN: Final = r"""
cat /var/lib/pacman/local/*/desc | while read -r line; do
  case $line in
    %NAME%) key=N ;; %DEPENDS%) key=D ;; %OPTDEPENDS%) key=R ;; %PROVIDES%) key=P ;; %LICENSE%) key=L ;;
    %BUILDDATE%) key=T ;; %*%) key= ;;
    ?*) if [ -n "$key" ]; then printf '%s %s\n' "$key" "$line"; fi ;;
  esac
done
"""
_PORTAGE: Final = r"""
for folder in /var/db/pkg/*/*/; do
  printf 'N %s/%s\n' "$(cat "$folder/CATEGORY")" "$(cat "$folder/PF")"
  printf 'D %s\n' "$(tr -s '[:space:]' ' ' <"$folder/RDEPEND" 2>/dev/null)"
  printf 'L %s\n' "$(cat "$folder/LICENSE" 2>/dev/null)"
done 2>/dev/null
"""
_XBPS: Final = r"""
for name in "$@"; do
  printf 'N %s\n' "$name"
  xbps-query -p run_depends "$name" | sed 's/^/D /'
  printf 'L %s\n' "$(xbps-query -p license "$name")"
done 2>/dev/null
"""

_TEXTS: Final[Mapping[ManagerName, str]] = {
    "apk": _APK,
    "apt": _DPKG,
    "dnf4": _RPM,
    "dnf5": _RPM,
    "microdnf": _RPM,
    "nix": "",
    "pacman": _PACMAN,
    "portage": _PORTAGE,
    "tdnf": _RPM,
    "xbps": _XBPS,
    "yum": _RPM,
    "zypper": _RPM,
}
"""Constant shell text for the names "$@": `N name`, then `D` needs, `R` recommends, `P` provides, `L` licence,
`T` the time of its build."""

_COMMA: Final = frozenset(("apt",))
"""Whose lists have commas, and `a | b` in them; others have one a line, or blanks between."""
_VERSION: Final = re.compile(r"-\d[\w.]*(?:-r\d+)?$")


def facts(manager: ManagerName, names: Sequence[str]) -> Query[Fact] | None:
    """Ask what installed packages need and their licences; None where the manager keeps neither."""
    text = _TEXTS[manager]
    if not text or not names:
        return None
    return Query(
        argv=("sh", "-c", text, "sh", *names), parse=lambda output: parse(output, manager), statuses=tuple(range(256))
    )


def parse(output: str, manager: ManagerName) -> tuple[Fact, ...]:
    """Return the facts of lines as `N name`, `D libc6 (>= 2.34), libncursesw6`, `L GPL-2+`."""
    found: dict[str, dict[str, list[str]]] = {}
    rows: dict[str, list[str]] = {}
    for line in output.splitlines():
        key, _, value = line.partition(" ")
        if key == "N" and value:
            name = _VERSION.sub("", value) if manager == "portage" else value
            rows = found.setdefault(name, {"D": [], "R": [], "P": [], "L": [], "T": []})
        elif key == "L" and key in rows:
            rows[key].append(" ".join(value.split()))
        elif key == "T" and key in rows:
            rows[key] += [value] if value.isascii() and value.isdigit() else []
        elif key in rows:
            rows[key] += _names(value, manager)
    return tuple(
        Fact(
            name=name,
            needs=tuple(dict.fromkeys(row["D"])),
            recommends=tuple(dict.fromkeys(row["R"])),
            provides=tuple(dict.fromkeys(row["P"])),
            licence=" and ".join(dict.fromkeys(filter(None, row["L"]))),
            built=int(row["T"][0][:12]) if row["T"] else None,
        )
        for name, row in found.items()
    )


def _names(text: str, manager: ManagerName) -> list[str]:
    """Return the names in a list of needs, without versions; every alternative is one."""
    if manager in _COMMA:
        words = [word.strip().split(" ")[0] for word in re.split(r"[,|]", text)]
        return [word.partition(":")[0] for word in words if word]
    if manager == "portage":
        found = re.findall(r"[<>=~!]*([\w+.-]+/[\w+.-]+)", text)
        return [_VERSION.sub("", word) for word in found]
    if manager == "apk":
        return [re.split(r"[<>=~]", word)[0] for word in text.split() if not word.startswith("!")]
    if manager in ("pacman", "xbps"):
        return [re.split(r"[<>=:\s]", text)[0]]
    return [text.split(" ", maxsplit=1)[0]]
