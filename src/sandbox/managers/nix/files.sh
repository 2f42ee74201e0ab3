#!/bin/sh
# Prints the files and links of packages in the store. Stands behind profile.sh.
#
# $1 and on: attributes

for attribute do
    for path in $(paths_of "$(name_of "$attribute")"); do find "$path" ! -type d; done
done
