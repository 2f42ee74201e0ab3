#!/bin/sh
# A function for other programs: architectures prints the architectures that apt gets from dpkg, a line each, its own
# first; nothing where a setting of apt's names some.
#
# dpkg keeps them in a file once it was told of one (lib/dpkg/arch.c), and names its own alone else.

architectures() {
  if [ "${APT_CONFIG-}" ] ||
    grep -qis -e architectures -e '#include' /etc/apt/apt.conf /etc/apt/apt.conf.d/*; then return; fi
  if [ -s /var/lib/dpkg/arch ]; then cat /var/lib/dpkg/arch; else dpkg --print-architecture; fi 2>/dev/null
}
