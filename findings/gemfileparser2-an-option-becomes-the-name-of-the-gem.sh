#!/bin/sh
# gemfileparser2 0.9.4 (Python): the gem that is fetched from a branch is named branch.
# gemfile(5) of Bundler lists the options of a gem: platforms, github, tag, ref, submodules and
# more. Only some are known here, in the singular, and with values of letters. What is left over
# looks like a name and takes the place of the one before it: rails with branch: '7-1-stable' is
# "branch", pg with platforms: is "platforms". The version stays, so that an audit looks for the
# version of rails in a gem of another name. The address of git ends at its first digit.
# Seen 2026-11-29 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check gemfileparser2==0.9.4
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
puma ['>= 5']
branch ['~> 7.1']
platforms ['~> 1.1']
tag ['~> 3.0'] https://example.org/x
OUTPUT
cat >Gemfile <<'GEMFILE'
source 'https://rubygems.org'
gem 'puma', '>= 5', require: false
gem 'rails', '~> 7.1', github: 'rails/rails', branch: '7-1-stable'
gem 'pg', '~> 1.1', platforms: :ruby
gem 'money', '~> 3.0', git: 'https://example.org/x1/money.git', tag: 'v3.0'
GEMFILE
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from gemfileparser2 import GemfileParser

for gem in GemfileParser("Gemfile").parse()["runtime"]:
    print(gem.name, gem.requirement, *filter(None, [vars(gem).get("git")]))
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
