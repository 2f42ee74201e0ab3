#!/bin/sh
# Prints the installed gems: of each its size (du -sk), `gem` and its specification, `needs` and each gem that it needs.
# Ruby's default ones are elsewhere. Nothing where nothing is installed.

for file in /var/lib/gems/*/specifications/*.gemspec /usr/local/share/gems/specifications/*.gemspec \
    /usr/lib*/ruby/gems/*/specifications/*.gemspec /root/.local/share/gem/ruby/*/specifications/*.gemspec; do
  if [ -f "$file" ]; then
    home=${file%/*} full=${file##*/}
    du -sk "${home%/*}/gems/${full%.gemspec}" 2>/dev/null
    echo "gem $file"
    sed -n 's/.*add_\(runtime_\)\{0,1\}dependency(%q<\([^>]*\)>.*/needs \2/p' "$file"
  fi
done
