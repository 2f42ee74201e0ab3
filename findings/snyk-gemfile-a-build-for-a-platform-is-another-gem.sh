#!/bin/sh
# @snyk/gemfile 1.3.0 (npm): of a gem with builds for two platforms one is called nokogiri0, a name
# that is not in the lockfile.
# A lockfile of Bundler has a line for each build of a gem that its PLATFORMS need, with one name
# and the platform behind the version: nokogiri (1.15.4) and nokogiri (1.15.4-x86_64-linux);
# bundle-lock(1), --add-platform. The second line with a name takes the name, and the first gets a
# number behind its own, as the second GIT block does, for which that was written. So a list of what
# is used has a gem too many, and the version of nokogiri is that of the last platform.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" @snyk/gemfile@1.3.0 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
nokogiri 1.15.4-x86_64-linux
nokogiri0 1.15.4
racc 1.7.1
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const { interpret } = require("@snyk/gemfile");
const lockfile = `GEM
  remote: https://rubygems.example/
  specs:
    nokogiri (1.15.4)
      racc (~> 1.4)
    nokogiri (1.15.4-x86_64-linux)
      racc (~> 1.4)
    racc (1.7.1)

PLATFORMS
  ruby
  x86_64-linux

DEPENDENCIES
  nokogiri
`;
for (const [name, { version }] of Object.entries(interpret(lockfile, true).specs))
  console.log(name, version);
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
