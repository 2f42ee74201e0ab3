#!/bin/sh
# gemparser 0.1 (Python): a gem of the group development is one of the default group if its group
# stands between two other options.
# gemfile(5), https://bundler.io/man/gemfile.5.html: a gem may have any number of options, in any
# order, and one without a group is in the group default, which is installed always. Of the options
# of a line, the first and the last are read here: with three, the one in the middle is lost, and
# the order decides which. A gem with three requirements is no gem at all. No error is raised.
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check gemparser==0.1
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
byebug ['default'] {'require': 'false', 'platforms': ':ruby'}
pry ['development'] {'group': ':development', 'platforms': ':ruby'}
rspec ['test'] {'require': 'false', 'group': ':test'}
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >"$folder/seen"
from gemparser import Gemfile

gemfile = Gemfile("""source "https://rubygems.org"
gem "byebug", require: false, group: :development, platforms: :ruby
gem "pry", group: :development, require: false, platforms: :ruby
gem "rspec", require: false, group: :test
gem "rack", ">= 2.2", "< 4", "!= 3.0.1"
""")
for gem in gemfile.dependencies:
    print(gem.name, gem.groups, gem.options)
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
