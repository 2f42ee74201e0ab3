#!/bin/sh
# Prints where packages come from, as `repository SITE RELEASE COMPONENT`, then each `file` that signs for some of it,
# and its signature in armour.

apt-get indextargets --format "\$(SITE) \$(RELEASE) \$(COMPONENT)" 'Identifier: Packages' |
    sort -u | sed 's/^/repository /'
for file in /var/lib/apt/lists/*InRelease; do
  [ -f "$file" ] || continue
  echo "file ${file##*/}"
  sed -n '/^-----BEGIN PGP SIGNATURE-----$/,/^-----END PGP SIGNATURE-----$/p' "$file"
done
