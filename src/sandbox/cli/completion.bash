_sandbox_completion() {
    local line=${COMP_LINE:0:COMP_POINT} cut="" word
    word=${line##*[[:space:]]}
    # bash takes the part behind a colon or an equals sign for a word of its own
    [[ $word == *[:=]* ]] && cut=${word%"${word##*[:=]}"}
    COMPREPLY=()
    while IFS= read -r word; do
        [[ -n $word ]] && COMPREPLY+=("${word#"$cut"}")
    done < <(_SANDBOX_COMPLETE=bash _SANDBOX_LINE=$line "$1" 2>/dev/null)
    # behind a distro's colon and a list's comma comes no blank
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[:/,=] ]] && compopt -o nospace 2>/dev/null
    return 0
}

complete -o default -F _sandbox_completion sandbox sandbox-try
