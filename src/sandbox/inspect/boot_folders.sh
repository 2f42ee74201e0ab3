#!/bin/sh
# Makes the folders of /run that a host makes when it starts, as packages say (tmpfiles.d(5)).

for file in /usr/lib/tmpfiles.d/*.conf /etc/tmpfiles.d/*.conf; do
  if [ -r "$file" ]; then
    while read -r type path mode user group rest || [ "$type" ]; do
      case "$type:$path" in
        *..*|*%*) ;;
        [dD]*:/run/*|[dD]*:/var/run/*)
          mode=${mode#[:~]}; mode=${mode#[:~]}
          if [ "${user:--}" = - ]; then user=root; fi
          if [ "${group:--}" = - ]; then group=root; fi
          mkdir -p "$path" && chown "$user:$group" "$path"
          case "$mode" in [0-7]*) chmod "$mode" "$path" ;; *) chmod 755 "$path" ;; esac ;;
      esac
    done <"$file"
  fi
done 2>/dev/null
exit 0
