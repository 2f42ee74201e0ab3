"""The options of the verb try in five groups, whose fields hold the words as they were typed.

Annotations are no strings, as they are elsewhere: each would be compiled before the prompt.
"""

from pathlib import Path

from sandbox.cli.group import Group, Text, Texts


class What(Group, frozen=True, kw_only=True):
    """What to install, and what to run."""

    packages: Texts = None
    files: Texts = None
    spec: Text = None
    locked: bool = False
    as_of: Text = None
    bundle: Path | None = None
    recommends: bool | None = None
    docs: bool | None = None
    from_source: bool | None = None
    setup: Texts = None
    run: Text = None
    answers: Path | None = None
    env: Texts = None
    shell: Text = None


class Where(Group, frozen=True, kw_only=True):
    """On which distro, image and engine."""

    distro: Text = None
    image: Text = None
    dockerfile: Text = None
    platform: Text = None
    like_host: bool = False
    boot: bool = False
    distros: Text = None
    engine: Text = None
    on: Text = None
    push: bool = False


class Reach(Group, frozen=True, kw_only=True):
    """What it can reach of the host and the network."""

    network: Text = None
    offline: bool = False
    port: Texts = None
    mount: Texts = None
    copy: Texts = None
    device: Texts = None
    proxy_in_shell: bool = False
    screen: bool = False
    screen_clipboard: bool = False
    open: bool = False


class Bounds(Group, frozen=True, kw_only=True):
    """Its limits, and how far the package is trusted."""

    memory: Text = None
    cpus: Text = None
    pids: Text = None
    shm_size: Text = None
    hardened: bool = False
    as_user: bool = False
    runtime: Text = None
    cap_add: Texts = None
    allow: Text = None
    allow_dangerous: bool = False


class Ending(Group, frozen=True, kw_only=True):
    """What stays, and what is shown."""

    name: Text = None
    promote: Path | None = None
    cache: bool | None = None
    keep: bool = False
    detach: bool = False
    ttl: Text = None
    no_trace: bool = False
    dry_run: bool = False
    no_stdin: bool = False
    verbose: bool = False
    quiet: bool = False
