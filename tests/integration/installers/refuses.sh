#!/usr/bin/env bash
# As a package manager for users: it refuses root, lives below the home, and calls programs that a base may lack.
set -e
if [ "$(id -u)" = 0 ]; then echo "Don't run this as root!" >&2; exit 1; fi
mkdir -p ~/.local/bin ~/.config/systemd/user/default.target.wants ~/.config/autostart
printf '#!/bin/sh\necho hers\n' >~/.local/bin/labhers
chmod 755 ~/.local/bin/labhers
printf '[Service]\nExecStart=%%h/.local/bin/labhers\n' >~/.config/systemd/user/labhers.service
ln -s ../labhers.service ~/.config/systemd/user/default.target.wants/labhers.service
printf 'export PATH="$HOME/.local/bin:$PATH"\n' >>~/.bashrc
labfetch https://downloads.labvendor.example/labhers || true
