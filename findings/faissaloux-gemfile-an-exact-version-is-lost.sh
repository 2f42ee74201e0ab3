#!/bin/sh
# @faissaloux/gemfile 0.3.0 (npm): a gem of an exact version has no version, and one in single
# quotes has the quotes in its name.
# gemfile(5), https://bundler.io/man/gemfile.5.html: "Each gem MAY have one or more version
# specifiers", such as gem "RedCloth", ">= 4.1.0", "< 4.2.0"; a version without an operator is that
# version exactly. Ruby's strings are in single or double quotes. Here only a number behind an
# operator, in double quotes, is a version, so that what pins a gem the hardest is left out. A
# comment with a comma is part of the name up to there.
# Seen 2026-11-30 with Node.js 20.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --silent --no-audit --no-fund @faissaloux/gemfile@0.3.0 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
{ name: 'rack', version: '>= 2.2, < 4' }
{ name: 'puma' }
{ name: "'rails'" }
{ name: 'sqlite3' }
{ name: 'bootsnap # faster' }
OUTPUT
node --no-deprecation --input-type=module - <<'PROGRAM' >"$folder/seen"
import { Parser } from "@faissaloux/gemfile";
const { dependencies } = JSON.parse(new Parser().text(`source "https://rubygems.org"
gem "rack", ">= 2.2", "< 4"
gem "puma", "6.4.0"
gem 'rails', '~> 7.1'
gem "sqlite3", '~> 2.0'
gem "bootsnap" # faster, in development
`).parse());
for (const gem of dependencies) console.log(gem);
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
