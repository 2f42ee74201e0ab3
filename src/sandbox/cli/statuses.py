"""Exit statuses that no error has of its own; the module imports nothing, so that main.py can have it at once."""

FAILED = 1
"""A failure of ours that is no SandboxError, such as lost output."""
COMMAND_FAILED = 125
"""A failure of ours where the status is otherwise the command's after `--`, as with docker run."""
INTERRUPTED = 130
"""128 + SIGINT."""
BROKEN_PIPE = 141
"""128 + SIGPIPE: the reader of our output has gone."""
