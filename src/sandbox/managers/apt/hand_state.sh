#!/bin/sh
# Prints what users set of apt and dpkg by hand beside files of settings, a line each, its words behind tabs:
# architecture NAME; override USER GROUP MODE PATH; diversion FROM TO; hold PACKAGE; alternative NAME PATH;
# answer OWNERS QUESTION TYPE VALUE, of debconf's questions that somebody was shown and did not leave at the default;
# secret OWNERS QUESTION, of those that hold a password. Lines of ls(1) say where the links of all alternatives lead:
# one that was set and is automatic again is a new link to the old place. moved-back FILE is one of a package that
# was diverted, and is at its place again.
#
# Diversions of packages have their names, those by hand a colon (deb-old(5), dpkg-divert(1)); with a name behind it it
# is for that package, which its scripts ask for, or somebody by hand.
# Reads files alone, since a command of dpkg takes a tenth of a second.

cd /var/lib/dpkg 2>/dev/null || exit 0
if [ -e arch ]; then sed 's/^/architecture	/' arch; fi
if [ -e statoverride ]; then sed 's/ /	/; s/ /	/; s/ /	/; s/^/override	/' statoverride; fi
if [ -e diversions ]; then
  while IFS= read -r from && IFS= read -r to && IFS= read -r by; do
    if [ "$by" = : ]; then by=; fi
    printf 'diversion\t%s\t%s%s\n' "$from" "$to" "${by:+	$by}"
  done <diversions
fi
# dpkg-divert keeps the state before its last change (dpkg 1.21, diversions-old): a file that it moved away and back has
# the content of its package, and only its name was changed
if [ -e diversions-old ] && [ -e diversions ]; then
  while IFS= read -r from && IFS= read -r to && IFS= read -r by; do
    if [ ! -f "$from" ] || grep -qxF -e "$from" diversions; then continue; fi
    sum=$(md5sum <"$from") && sum=${sum%% *}
    if { grep -hF -e "$sum  " info/*.md5sums; sed -n "s/^ \(.*\) $sum\$/\1/p" status; } 2>/dev/null |
      sed 's,.*/,/,' | grep -qxF -e "/${from##*/}"; then
      printf 'moved-back\t%s\n' "$from"
    fi
  done <diversions-old
fi
# a package of another architecture is held by its full name: dpkg lists its own architecture first, behind Status
native=
if [ -e arch ]; then IFS= read -r native <arch || :; fi
sed -n '/^Package: /h; /^Status: hold /H; /^Architecture: /H
  /^$/{g; s/^Package: \([^\n]*\)\nStatus: hold [^\n]*/hold	\1/; s/\nArchitecture: /:/; /^hold	/p;}' status |
  if [ "$native" ]; then sed "s/:all\$//; s/:$native\$//"; else sed 's/:[^:]*$//'; fi
for file in alternatives/*; do
  [ -f "$file" ] || continue
  IFS= read -r mode <"$file" || continue
  name=${file##*/}
  if [ "$mode" = manual ]; then printf 'alternative\t%s\t%s\n' "$name" "$(readlink "/etc/alternatives/$name")"; fi
done
LC_ALL=C ls -l /etc/alternatives 2>/dev/null
cd /var/cache/debconf 2>/dev/null && [ -e config.dat ] && command -v awk >/dev/null || exit 0
awk 'FNR == 1 { file++ }
  /^$/ { flush() }
  file == 1 && /^Name: / { name = substr($0, 7); }
  file == 1 && /^Type: / { type[name] = substr($0, 7) }
  file == 1 && /^Default: / { default_of[name] = substr($0, 10) }
  file > 1 && /^Name: / { name = template = substr($0, 7) }
  file > 1 && /^Template: / { template = substr($0, 11) }
  file > 1 && /^Value: / { value = substr($0, 8) }
  file > 1 && /^Owners: / { owners = substr($0, 9) }
  file > 1 && /^Flags:.*seen/ { seen = 1 }
  END { flush() }
  function flush() {
    if (file > 1 && seen && type[template] == "password") print "secret\t" owners "\t" name
    else if (file > 1 && seen && type[template] ~ /^(string|boolean|select|multiselect)$/ && value != default_of[template])
      print "answer\t" owners "\t" name "\t" type[template] "\t" value
    value = owners = ""; seen = 0
  }' templates.dat config.dat passwords.dat 2>/dev/null
exit 0
