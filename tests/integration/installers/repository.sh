#!/bin/sh
# As a vendor of engines: a key, a package source and a pin, from which it would install.
set -e
install -d -m 755 /etc/apt/keyrings
printf 'a key\n' >/etc/apt/keyrings/labvendor.gpg
echo "deb [signed-by=/etc/apt/keyrings/labvendor.gpg] https://packages.labvendor.example stable main" \
  >/etc/apt/sources.list.d/labvendor.list
printf 'Package: *\nPin: origin packages.labvendor.example\nPin-Priority: 900\n' >/etc/apt/preferences.d/labvendor
