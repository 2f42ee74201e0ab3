#!/bin/sh
# lockdiff 0.1.0 (Python): a lockfile that goes from a candidate to the release has a downgrade.
# Python, https://packaging.python.org/en/latest/specifications/version-specifiers/,
# "Summary of permitted suffixes and relative ordering": .devN, aN, bN and rcN come before no
# suffix. SemVer, https://semver.org, 11.3: a prerelease is lower than the version without one. Here
# a part that is not a number is higher than one that is, and more parts are higher than fewer. What
# goes back from the release to the candidate is an upgrade.
# Seen 2026-11-30 with Python 3.11.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check lockdiff==0.1.0
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
requirements.txt:
Downgraded (1)
  django 5.2rc1 -> 5.2
package-lock.json:
Downgraded (1)
  react 19.0.0-rc.1 -> 19.0.0
uv.lock:
Upgraded (1)
  django 5.2 -> 5.2rc1 [minor]
OUTPUT
mkdir old new
echo 'django==5.2rc1' >old/requirements.txt
echo 'django==5.2' >new/requirements.txt
lock='{"lockfileVersion": 3, "packages": {"node_modules/react": {"version": "%s"}}}\n'
# shellcheck disable=SC2059  # the format is the file
printf "$lock" 19.0.0-rc.1 >old/package-lock.json
# shellcheck disable=SC2059
printf "$lock" 19.0.0 >new/package-lock.json
printf '[[package]]\nname = "django"\nversion = "5.2"\n' >old/uv.lock
printf '[[package]]\nname = "django"\nversion = "5.2rc1"\n' >new/uv.lock
for file in requirements.txt package-lock.json uv.lock; do
    echo "$file:"
    "$folder/venv/bin/lockdiff" "old/$file" "new/$file" | grep .
done >"$folder/seen"

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
