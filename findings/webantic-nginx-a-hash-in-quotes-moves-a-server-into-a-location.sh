#!/bin/sh
# @webantic/nginx-config-parser 1.6.1 (npm): a # in a quoted text moves the next server into the one
# before.
# In nginx' files a # begins a comment only where a word could begin (ngx_conf_read_token of nginx),
# not within quotes. Here the rest of the line is dropped, with the brace that ends the block: the
# rule that denies /private belongs to a location of that text, and the second server to the first.
# No error is raised, and toConf writes it so.
# Seen 2026-11-30 with Node.js 20. crossplane 0.5.8 finds two servers, the first with two
# locations.
#
# Installs the named version in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' >package.json
npm install --silent --no-audit --no-fund @webantic/nginx-config-parser@1.6.1 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
{
 "http": {
  "server": [
   {
    "listen": "80",
    "location = /id": {
     "return": "200 \"item 1\""
    },
    "location /private": {
     "deny": "all"
    }
   },
   {
    "listen": "81"
   }
  ]
 }
}
{
 "http": {
  "server": {
   "listen": "80",
   "location = /id": {
    "return 200 \"item location /private": {
     "deny": "all"
    }
   },
   "server": {
    "listen": "81"
   }
  }
 }
}
OUTPUT
node --no-deprecation - <<'PROGRAM' >"$folder/seen"
const Parser = require("@webantic/nginx-config-parser");
const parse = (text) => new Parser().parse(`http {
  server {
    listen 80;
    location = /id { return 200 "item ${text}"; }
    location /private { deny all; }
  }
  server {
    listen 81;
  }
}
`);
for (const text of ["1", "#1"]) console.log(JSON.stringify(parse(text), null, 1));
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
