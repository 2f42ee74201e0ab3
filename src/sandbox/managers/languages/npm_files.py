"""JavaScript's packages as the registry's tarballs, each held to its SHA-512, at the places where npm puts them.

npm resolves each package asked for in a folder of its own and says there what it put where (`.package-lock.json`).
From then on npm decides nothing more: the tarballs are unpacked at those places, and it links their commands and runs
their scripts. Sources: package-lock.json(5), npm-cache(1), npm-rebuild(1), cacache's description of its folders.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Final

from sandbox.managers.languages import npm
from sandbox.managers.languages.locked_files import STORE, LanguageFile
from sandbox.managers.protocol import Query

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sandbox.managers.protocol import Argv, PackageRef

name: Final = npm.name
FOLDER: Final = f"{STORE}/{name}"

NODE: Final = r"""
const fs = require('fs'), { execFileSync } = require('child_process')
const [folder, task, ...wanted] = process.argv.slice(1)
const npm = (words, cwd) => execFileSync('npm', [...words, '--cache', folder + '/cache'], { cwd, stdio: 'inherit' })
const fail = text => { console.error('npm ERR! ' + text); process.exit(1) }
const hex = integrity => {
  const found = /(?:^|\s)sha512-([A-Za-z0-9+/]{86}==)/.exec(integrity || '')
  return found && Buffer.from(found[1], 'base64').toString('hex')
}
const called = place => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)
let lines = []
if (task === 'resolve') {
  wanted.forEach((spec, number) => {
    const root = spec.replace(/(.)@[^@]*$/, '$1'), home = folder + '/tree/' + number
    fs.mkdirSync(home, { recursive: true })
    fs.writeFileSync(home + '/package.json', '{}')
    npm(['install', '--ignore-scripts', '--no-bin-links', spec], home)
    const tree = JSON.parse(fs.readFileSync(home + '/node_modules/.package-lock.json', 'utf8')).packages
    for (const [place, entry] of Object.entries(tree)) {
      if (entry.inBundle) continue
      const of = `${called(place)} ${entry.version}, which ${root} needs, `
      if (entry.name && entry.name !== called(place)) fail(of + 'goes by another name and can not be locked')
      if (!hex(entry.integrity)) fail(of + 'comes from no registry that knows its SHA-512 and can not be locked')
      lines.push([root, place, entry.version, hex(entry.integrity)])
    }
  })
} else {
  lines = fs.readFileSync(0, 'utf8').split('\n').filter(Boolean).map(line => line.split(' '))
  fs.mkdirSync(folder, { recursive: true })
  const specs = [...new Set(lines.map(([, place, version]) => called(place) + '@' + version))]
  while (task === 'fetch' && specs.length) npm(['cache', 'add', ...specs.splice(0, 50)], folder)
}
for (const [, , , sum] of lines) {
  const kept = `${folder}/cache/_cacache/content-v2/sha512/${sum.slice(0, 2)}/${sum.slice(2, 4)}/${sum.slice(4)}`
  if (fs.existsSync(kept)) fs.copyFileSync(kept, `${folder}/${sum}.tgz`)
}
fs.appendFileSync(folder + '/tree.txt', lines.map(line => line.join(' ') + '\n').join(''))
for (const made of ['tree', 'cache']) fs.rmSync(folder + '/' + made, { recursive: true, force: true })
""".strip()
"""JavaScript: resolve SPEC..., or fetch, or bring what standard input says as `ROOT PLACE VERSION SHA512` a line."""

INSTALL: Final = r"""
set -e; umask 022
folder=$1 top=/usr/local/lib/node_modules
while read -r root place _ sum; do
  case $place in node_modules/"$root") home=$top/$root ;; *) home=$top/$root/$place ;; esac
  mkdir -p "$home"
  gzip -dc "$folder/$sum.tgz" | tar -xof - -C "$home" --strip-components=1
  chmod -R u=rwX,go=rX "$home"
done <"$folder/tree.txt"
npm rebuild --global --prefix /usr/local
rm -rf "$folder"; rmdir "${folder%/*}" 2>/dev/null || :
""".strip()
"""Packages at the places where a global install has them: the rest of a tree below the package asked for."""

KEPT: Final = r"""
for file in "$1"/*.tgz; do
  if [ -f "$file" ]; then sum=$(sha512sum <"$file") && size=$(wc -c <"$file") && echo "${sum%% *} $((size)) $file"; fi
done
if [ -f "$1/tree.txt" ]; then sed 's/^/at /' "$1/tree.txt"; fi
"""

_PLACE: Final = rf"(?:node_modules/(?:@{npm.NAME}/)?{npm.NAME}/?)+"
_AT: Final = re.compile(rf"at (?P<root>\S+) (?P<place>{_PLACE}) (?P<version>\S+) (?P<sum>[0-9a-f]{{128}})")


def resolve(packages: Sequence[PackageRef]) -> Argv:
    """Return the argv that has npm resolve packages and keeps their tarballs."""
    return ("node", "-e", NODE, FOLDER, "resolve", *map(npm.npm_spec, packages))


def fetch(files: Sequence[LanguageFile]) -> tuple[Argv, bytes]:
    """Return the argv that fetches these tarballs, and their places as its standard input."""
    return ("node", "-e", NODE, FOLDER, "fetch"), _tree(files)


def install_local(files: Sequence[LanguageFile]) -> tuple[Argv, bytes]:
    """Return the argv that notes the places of tarballs that are there."""
    return ("node", "-e", NODE, FOLDER, "bring"), _tree(files)


def _tree(files: Iterable[LanguageFile]) -> bytes:
    rows = ((file.root.partition(":")[2], file.name, file.version, _hex(file.digest)) for file in files)
    return "".join(f"{' '.join(row)}\n" for row in rows).encode()


def _hex(digest: str) -> str:
    return base64.b64decode(digest.removeprefix("sha512-")).hex()


def install(packages: Sequence[PackageRef]) -> Argv:
    """Return the argv that unpacks what the tree names, and has npm do the rest."""
    return ("sh", "-c", INSTALL, "sh", FOLDER)


def _stored_files(output: str) -> Iterable[LanguageFile]:
    lines = output.splitlines()
    found = (re.fullmatch(r"([0-9a-f]{128}) ([0-9]+) (/.+)", line) for line in lines)
    files: Mapping[str, tuple[int, str]] = {row[1]: (int(row[2]), row[3]) for row in found if row}
    for line in lines:
        at = _AT.fullmatch(line)
        if at and at["sum"] in files:
            size, path = files[at["sum"]]
            digest = base64.b64encode(binascii.unhexlify(at["sum"])).decode()
            yield LanguageFile(
                root=f"{name}:{at['root']}",
                name=at["place"],
                version=at["version"],
                size=size,
                digest=f"sha512-{digest}",
                path=path,
            )


list_stored: Final[Query[LanguageFile]] = Query(
    argv=("sh", "-c", KEPT, "sh", FOLDER), parse=lambda output: tuple(sorted(_stored_files(output)))
)
