function __sandbox_complete
    set -l words (commandline -opc)
    set -l found (_SANDBOX_COMPLETE=fish _SANDBOX_LINE=(commandline -cp) $words[1] 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end

complete --command sandbox --no-files --arguments '(__sandbox_complete)'
complete --command sandbox-try --no-files --arguments '(__sandbox_complete)'
