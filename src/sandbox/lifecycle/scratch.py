"""The places in a sandbox that are ours: one in no layer of any image, and those that last as long as it does."""

from __future__ import annotations

from typing import Final

SCRATCH: Final = "/dev/sandbox"
"""A tmpfs of ours, below /dev since that is one too: so that not even its mount point is in any layer."""

SCRATCH_OPTIONS: Final = "rw,exec,nosuid,nodev,size=4m,mode=0755"

NOTES: Final = "/.sandbox-begun"
"""A folder in a sandbox that stays: what SCRATCH holds goes when it stops, this when it is removed."""

KNOWN: Final = "known"
"""A file in SCRATCH, or in NOTES: what was known of a sandbox when it was handed over."""

BEGIN: Final = r"""
begin() {
  [ -d "$1" ] || mkdir "$1"
  if [ ! -w "$1" ] || [ -e "$1/begun" ]; then return 0; fi
  : >"$1/begun"
  folder=$1; shift
  for root; do
    for file in "$root" "$root"/* "$root"/*/*; do if [ -f "$file" ]; then printf '%s\n' "$file"; fi; done
  done >"$folder/there"
  ( { number=0; mkdir "$folder/before" && for root; do
      if [ -e "$root" ]; then cp -Rp "$root" "$folder/before/$number" || exit; fi
      number=$((number + 1))
    done && : >"$folder/before/done"; } </dev/null >/dev/null 2>&1 & )
}
"""
"""A function of sh: notes in the folder $1 that a shell begins, and which files there are of the settings behind it,
and copies them beside the shell, so that it can be told later what was changed."""
