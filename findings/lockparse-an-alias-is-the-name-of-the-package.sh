#!/bin/sh
# lockparse 0.5.2 (npm): in a yarn.lock, the package string-width has the name of an alias that
# somebody gave it, a package with two ranges is there twice, and the project depends on nothing.
# https://classic.yarnpkg.com/en/docs/cli/add, alias: "This will install a package under a custom
# alias". A lock has one entry for all ranges that one version serves, in the order of the alphabet.
# The entry below is in many locks, because a package of many projects asks for string-width as
# string-width-cjs. lockparse takes the first name, so that no string-width is left; in a
# pnpm-lock.yaml it has a second entry with the version 'string-width@4.2.3'. Each range adds the
# package once more to packages, "a flat array of all packages in the lockfile". The root's
# dependencies are looked for under keys with npm:, which only the locks of Yarn 2 and later have.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix "$folder" lockparse@0.5.2 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
yarn.lock: [
  'lodash 4.17.21',
  'lodash 4.17.21',
  'string-width-cjs 4.2.3',
  'string-width-cjs 4.2.3'
]
the project depends on: []
pnpm-lock.yaml: [
  'string-width-cjs string-width@4.2.3',
  'string-width 4.2.3',
  'strip-ansi 6.0.1'
]
OUTPUT
node --input-type=module - <<'PROGRAM' >"$folder/seen"
import { parse } from "lockparse";

const yarn = `# yarn lockfile v1


lodash@^4.17.20, lodash@^4.17.21:
  version "4.17.21"

"string-width-cjs@npm:string-width@^4.2.0", string-width@^4.1.0:
  version "4.2.3"
`;
const pnpm = `lockfileVersion: '9.0'

importers:

  .:
    dependencies:
      string-width-cjs:
        specifier: npm:string-width@^4.2.0
        version: string-width@4.2.3

snapshots:

  string-width@4.2.3:
    dependencies:
      strip-ansi: 6.0.1
`;
const dependencies = { lodash: "^4.17.21", "string-width": "^4.1.0" };
const print = (title, packages) => console.log(title, packages.map(({ name, version }) => `${name} ${version}`));

const read = await parse(yarn, "yarn.lock", { name: "app", version: "1.0.0", dependencies });
print("yarn.lock:", read.packages);
print("the project depends on:", read.root.dependencies);
print("pnpm-lock.yaml:", (await parse(pnpm, "pnpm-lock.yaml")).packages);
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
