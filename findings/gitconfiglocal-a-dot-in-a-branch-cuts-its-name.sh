#!/bin/sh
# gitconfiglocal 2.1.0 (npm): the branches release-1.2 and release-1.3 are one branch release-1, and
# the remote git.example is git.
# git-config(1), Syntax, https://git-scm.com/docs/git-config: subsection names "can contain any
# characters except newline and the null byte". The file is read as an INI file whose sections are
# nested at their dots, so that the rest of such a name is a key with a quote at its end. Release
# tools of npm read the address of the repository with it.
# Seen 2026-11-30 with Node.js 20 (ini 1.3.8). git config --get branch.release-1.3.remote of git
# 2.39 says upstream.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix "$folder" gitconfiglocal@2.1.0 ini@1.3.8 >/dev/null

mkdir .git
cat >.git/config <<'CONFIG'
[remote "git.example"]
	url = https://git.example/app.git
[branch "main"]
	remote = git.example
[branch "release-1.2"]
	remote = git.example
[branch "release-1.3"]
	remote = upstream
CONFIG

cat >"$folder/expected" <<'OUTPUT'
branches: {"main":{"remote":"git.example"},"release-1":{"2\"":{"remote":"git.example"},"3\"":{"remote":"upstream"}}}
remotes: {"git":{"example\"":{"url":"https://git.example/app.git"}}}
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
require("gitconfiglocal")(process.cwd(), (error, { branch, remote }) => {
  console.log("branches:", JSON.stringify(branch));
  console.log("remotes:", JSON.stringify(remote));
});
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
