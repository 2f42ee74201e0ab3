#!/bin/sh
# Prints what each installed package provides, `=needs=`, and what each needs, a name and a capability a line.
# What is needed by the path of a file is not looked for: such a package counts as asked for.

rpm -qa --qf '[%{=NAME}\t%{PROVIDENAME}\n]'
echo '=needs='
rpm -qa --qf '[%{=NAME}\t%{REQUIRENAME}\n]'
