#!/bin/sh
# json-to-pretty-yaml 1.2.2 and json2yaml 1.1.0 (npm): the key 3.10 becomes 3.1, and what has the
# key #web is a comment.
# Each is to convert JSON to YAML; "we always wrap strings in quotes" is said of the values. A key
# of JSON is a text in any case. YAML 1.2.2, https://yaml.org/spec/1.2.2/: a plain scalar 3.10 is a
# number (10.3.2), # begins a comment (6.6), and - a list (8.2.1). Keys are written as they are, so
# that those of versions of Python, channels of a chat or octal modes become others, and a mapping
# becomes a list. Of "3.1" and "3.10" one file has both.
# Seen 2026-11-30 with Node.js 20; the files are read by js-yaml 4.1.0.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" json-to-pretty-yaml@1.2.2 json2yaml@1.1.0 js-yaml@4.1.0 >/dev/null
cd "$folder"

cat >"$folder/expected" <<'OUTPUT'
json-to-pretty-yaml {"3.10":"a"} -> {"3.1":"a"}
json-to-pretty-yaml {"#web":"a","b":"b"} -> {"b":"b"}
json-to-pretty-yaml {"- x":"a"} -> [{"x":"a"}]
json-to-pretty-yaml {"0755":"a"} -> {"755":"a"}
json2yaml {"3.10":"a"} -> {"3.1":"a"}
json2yaml {"#web":"a","b":"b"} -> {"b":"b"}
json2yaml {"- x":"a"} -> [{"x":"a"}]
json2yaml {"0755":"a"} -> {"755":"a"}
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const { load } = require("js-yaml");
for (const name of ["json-to-pretty-yaml", "json2yaml"]) {
  const { stringify } = require(name);
  for (const data of [{ "3.10": "a" }, { "#web": "a", b: "b" }, { "- x": "a" }, { "0755": "a" }])
    console.log(name, JSON.stringify(data), "->", JSON.stringify(load(stringify(data))));
}
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
