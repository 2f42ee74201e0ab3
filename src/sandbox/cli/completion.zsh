#compdef sandbox sandbox-try

_sandbox() {
    local -a found shown glued
    local line=${(j: :)${(@)words[1,CURRENT]}} word meaning
    while IFS=$'\t' read -r word meaning; do
        # behind a distro's colon and a list's comma comes no blank
        if [[ $word == *[:/,=] ]]; then
            glued+=("$word")
        else
            found+=("$word")
            shown+=("$word${meaning:+  -- $meaning}")
        fi
    done < <(_SANDBOX_COMPLETE=zsh _SANDBOX_LINE=$line "${words[1]}" 2>/dev/null)
    if (( $#found + $#glued == 0 )); then
        _files
        return
    fi
    compadd -S '' -a glued
    compadd -l -d shown -a found
}

if [ "$funcstack[1]" = "_sandbox" ]; then
    _sandbox "$@"
else
    compdef _sandbox sandbox sandbox-try
fi
