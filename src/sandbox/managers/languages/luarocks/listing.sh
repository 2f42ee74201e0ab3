#!/bin/sh
# Prints the rocks: of each `rock` and its folder, the sizes of that and of its files elsewhere (du -k), and its rockspec
# with `>` in front of each line. Nothing where nothing is installed.

for rockspec in /usr/local/lib/luarocks/rocks-*/*/*/*.rockspec /root/.luarocks/lib/luarocks/rocks-*/*/*/*.rockspec; do
  if [ -f "$rockspec" ]; then
    home=${rockspec%/*} tree=${rockspec%/lib/luarocks/*} lua=${rockspec#*/rocks-}
    echo "rock $home"
    du -sk "$home" 2>/dev/null
    awk -v tree="$tree" -v lua="${lua%%/*}" '
      BEGIN { at["bin"] = tree "/bin/"; at["lua"] = tree "/share/lua/" lua "/"; at["lib"] = tree "/lib/lua/" lua "/" }
      { gsub(/[]["",]/, "") }
      $NF == "{" { part[++depth] = $1; next }
      $1 == "}" { depth--; next }
      depth > 1 && part[2] in at {
        path = at[part[2]]
        for (i = 3; i <= depth; i++) path = path part[i] "/"
        print path $1
      }' "$home/rock_manifest" 2>/dev/null | while read -r file; do du -k "$file" 2>/dev/null; done
    sed 's/^/>/' "$rockspec"
    echo
  fi
done
