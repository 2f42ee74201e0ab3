#!/bin/sh
# ansito 0.1.0 (Python): what follows a red word is red.
# It is to translate the colours of a terminal to those of Conky. ECMA-48, 5th edition, 8.3.117
# (SGR), 39: the default colour. So ends a colour that colorama, chalk and others write, and the
# table at the top of ansito has it. It has 90 to 97 too, the bright colours, which are not in
# ECMA-48, but in console_codes(4), https://man7.org/linux/man-pages/man4/console_codes.4.html. No
# translation is written for 39, nor for these: such words have the colour of those before. Only 0,
# which takes all attributes back, ends a colour.
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    ansito==0.1.0 colorama==0.4.6
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
${color red}failed${color} of 3
${color red}failed of 3
bright of 3
OUTPUT
"$folder/venv/bin/python" - <<'PROGRAM' >text
from colorama import Fore, Style

print(f"{Fore.RED}failed{Style.RESET_ALL} of 3")
print(f"{Fore.RED}failed{Fore.RESET} of 3")
print(f"{Fore.LIGHTRED_EX}bright{Fore.RESET} of 3")
PROGRAM
"$folder/venv/bin/ansito" text >"$folder/seen"

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
