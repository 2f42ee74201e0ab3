#!/bin/sh
# diffparser 2.0.1 and git-diff-parser 1.0.0 (npm): a deleted comment of SQL begins another file, or
# is nothing.
# POSIX, diff, Diff -u Output Format,
# https://pubs.opengroup.org/onlinepubs/9699919799/utilities/diff.html: a deleted line has a -
# before it, so that the comment '-- old' is the line '--- old'; how many lines belong to a hunk
# stands in its @@ line. diffparser takes this line for the head of a file named old, though the
# hunk has lines left: neither line is a change, and the changes behind them count for that file.
# git-diff-parser leaves both lines out. The same is true of comments of Lua, Haskell and Ada.
# Seen 2026-11-30 with Node.js 20. git apply --numstat of git 2.39 says of it: 2, 2, schema.sql.
#
# Installs the named versions in a temporary folder, which goes at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix "$folder" diffparser@2.0.1 git-diff-parser@1.0.0 >/dev/null

cat >"$folder/expected" <<'OUTPUT'
diffparser:
   schema.sql to schema.sql deleted 0 added 0
   old to new deleted 1 added 1
git-diff-parser:
   schema.sql normal create table a (id int);
   schema.sql normal create table b (id int);
   schema.sql deleted drop table c;
   schema.sql added drop table d;
OUTPUT
node - <<'PROGRAM' >"$folder/seen"
const diff = `diff --git a/schema.sql b/schema.sql
index 1111111..2222222 100644
--- a/schema.sql
+++ b/schema.sql
@@ -1,4 +1,4 @@
 create table a (id int);
--- old
+++ new
 create table b (id int);
-drop table c;
+drop table d;
`;
console.log("diffparser:");
for (const { from, to, deletions, additions } of require("diffparser")(diff))
  console.log("  ", from, "to", to, "deleted", deletions, "added", additions);
console.log("git-diff-parser:");
for (const { name, lines } of require("git-diff-parser")(diff).commits[0].files)
  for (const { type, text } of lines.filter((line) => line.text)) console.log("  ", name, type, text);
PROGRAM

cat "$folder/seen"
diff "$folder/expected" "$folder/seen" || {
    echo "the behaviour is another one now" >&2
    exit 1
}
