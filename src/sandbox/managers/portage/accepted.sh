#!/bin/sh
# Prints what emerge wrote by itself of keywords, licences, flags and masks, `FILE LINE` each: that is known by the comment
# above it.

cd /etc/portage || exit 0
for file in package.accept_keywords package.license package.use package.unmask; do
    for part in "$file" "$file"/*; do
        [ -f "$part" ] && awk -v file="$file" '
            /^# required by / { by = 1; next }
            by && /^[^#]/ { print file " " $0 }
            { by = 0 }' "$part"
    done
done
exit 0
