"""`Sandbox`: a throwaway distro with packages for a block of Python, and what can be done in it."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Literal, overload

from sandbox.api.arguments import Wanted, command_spec, texts
from sandbox.api.completed import Completed, as_text, completion
from sandbox.api.opened import Opened, open_sandbox
from sandbox.api.problems import explain_errors
from sandbox.errors import TooLong, UsageError

if TYPE_CHECKING:
    import weakref
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType

    from sandbox.inspect.findings import Footprint, Inspection

    Word = str | os.PathLike[str]


class Sandbox:
    """A throwaway distro with packages, which is there in a `with` block and gone behind it.

    `distro` is DISTRO or DISTRO:RELEASE, by default the one of the user's settings, else this host's own. The other
    arguments are the options of `sandbox try`: `memory` as in `512M`, `network` one of default, none, offline, `cache`
    the user's own setting unless it is given, `engine` a URL or the name of a docker context.

    One process owns it: whatever ends that, kill -9 too, ends the sandbox. Threads may share it, forked children may
    not. It takes no signal handler, prints nothing and never exits; steps and warnings go to the logger `sandbox`.
    """

    def __init__(
        self,
        distro: str | None = None,
        *,
        packages: Iterable[str] = (),
        image: str | None = None,
        setup: Iterable[str] = (),
        env: Mapping[str, str] | None = None,
        network: Literal["default", "none", "offline"] | None = None,
        memory: str | None = None,
        cpus: str | float | None = None,
        platform: str | None = None,
        recommends: bool | None = None,
        cache: bool | None = None,
        name: str | None = None,
        engine: str | None = None,
    ) -> None:
        """Note what is wanted; nothing is looked up or begun before the block. Raises UsageError for a wrong type."""
        self._wanted = Wanted(
            distro=distro,
            packages=texts("packages", packages),
            image=image,
            setup=texts("setup", setup),
            env=dict(env or {}),
            network=network,
            memory=memory,
            cpus=None if cpus is None else str(cpus),
            platform=platform,
            recommends=recommends,
            cache=cache,
            name=name,
            engine=engine,
        )
        self.opener: Callable[[Wanted], Opened] = open_sandbox
        """What starts it; the pytest plugin has its own, which begins with a state that it keeps."""
        self._state: Literal["new", "open", "closed"] = "new"
        self._opened: Opened | None = None
        self._end: weakref.finalize[..., object] | None = None
        self._turn = threading.Lock()

    def __enter__(self) -> Sandbox:
        """Start it and install the packages. Raises what `sandbox try` ends with, in the same words."""
        with explain_errors():
            with self._turn:
                if self._state != "new":
                    raise UsageError(f"this sandbox is {self._state}: a Sandbox is entered once, so make another one")
                self._state = "closed"  # unless it opens
            opened = self.opener(self._wanted)
            self._opened, self._state = opened, "open"
            self._end = opened.end_with(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove it. A problem of that is raised, unless the block raised: then it is logged."""
        self._close(is_raising=error is not None)

    def close(self) -> None:
        """Remove it, as the end of the block does; a second call has no effect. Raises RemovalFailed."""
        self._close(is_raising=False)

    def _close(self, *, is_raising: bool) -> None:
        with self._turn:
            opened, self._opened, self._state = self._opened, None, "closed"
        if opened is None or not opened.is_own:
            return
        if self._end is not None:
            opened.forget(self._end)
        with explain_errors():
            opened.close(is_raising=is_raising)

    @property
    def name(self) -> str:
        """Its name, as `sandbox list` shows it. Raises UsageError outside of the block."""
        return self._here().launch.session.name

    @property
    def distro(self) -> str:
        """Its distro and release, such as `debian:bookworm`. Raises UsageError outside of the block."""
        return self._here().launch.plan.target.option

    @overload
    def run(
        self,
        *argv: Word,
        input: str | bytes | None = ...,
        env: Mapping[str, str] | None = ...,
        cwd: Word | None = ...,
        user: str | int | None = ...,
        timeout: float | None = ...,
        check: bool = ...,
        text: Literal[True] = ...,
    ) -> Completed[str]: ...
    @overload
    def run(
        self,
        *argv: Word,
        input: str | bytes | None = ...,
        env: Mapping[str, str] | None = ...,
        cwd: Word | None = ...,
        user: str | int | None = ...,
        timeout: float | None = ...,
        check: bool = ...,
        text: Literal[False],
    ) -> Completed[bytes]: ...
    def run(
        self,
        *argv: Word,
        input: str | bytes | None = None,  # noqa: A002 - as subprocess.run calls it
        env: Mapping[str, str] | None = None,
        cwd: Word | None = None,
        user: str | int | None = None,
        timeout: float | None = None,
        check: bool = False,
        text: bool = True,
    ) -> Completed[str] | Completed[bytes]:
        """Run a command to its end, without a terminal, and return its exit status and its output.

        The words go to the command as they are: no shell reads them. Without `input` its standard input is empty. It is
        root unless `user` names another: a name, a number, or USER:GROUP. `env` is added to the sandbox's own
        variables. Output is UTF-8, where each invalid byte becomes U+FFFD; with `text=False` it is bytes.

        `returncode` is the status as a shell has it: 128 + n for a command that signal n ended, 127 for one that is not
        there. With `check=True` any other than 0 raises CommandFailed. After `timeout` seconds TooLong is raised, and
        whatever ends the wait for the command, Ctrl-C too, kills it and what it began with SIGKILL. Raises UsageError
        for words, a user or a folder that can't be, StepFailed above 256 MB of output, SandboxDied where the sandbox
        ended.
        """
        from sandbox.container.command import run_command

        with explain_errors():
            opened = self._here()
            with opened.usable():
                spec = command_spec(
                    argv,
                    folder=opened.folder,
                    own=opened.launch.env,
                    given=input,
                    env=env or {},
                    cwd=cwd,
                    user=user,
                    timeout=timeout,
                )
                try:
                    end = run_command(opened.launch.box, spec)
                except TooLong as error:
                    if text:
                        error.stdout, error.stderr = as_text(error.stdout), as_text(error.stderr)
                    raise
            done = completion(spec.argv, end, text=text)
            if check:
                done.check_returncode()
            return done

    def copy_in(self, source: Word, path: Word) -> None:
        """Copy a file or folder of this host into the sandbox, as `sandbox cp` does: into `path` if that is a folder.

        Raises UsageError for what is not there on either side, SandboxError for a source that can't be read.
        """
        from sandbox.commands.cp import copy_in

        with explain_errors():
            opened = self._here()
            with opened.usable():
                copy_in(opened.launch.box, Path(source), opened.launch.session.name, os.fspath(path))

    def copy_out(self, path: Word, target: Word) -> Path:
        """Copy a file or folder of the sandbox to this host, and return where it is: in `target` if that is a folder.

        Links, devices and paths that would lead out of `target` are left out, with a warning. Raises UsageError for
        what is not there on either side, Unwritten where `target` can't be written.
        """
        from sandbox.commands.cp import copy_out

        with explain_errors():
            opened = self._here()
            with opened.usable():
                done = copy_out(opened.launch.box, opened.launch.session.name, os.fspath(path), Path(target))
        opened.warn_of(done.left_out)
        return Path(done.place)

    def footprint(self) -> Footprint:
        """Return what its packages, with those added by hand, would bring to a host; see `inspect`."""
        return self.inspect().footprint

    def inspect(self) -> Inspection:
        """Measure its packages, with those added by hand, as `sandbox inspect` does: in a fresh sandbox of its own.

        It takes seconds, and leaves this one as it is. Raises UsageError where there is no package.
        """
        with explain_errors():
            opened = self._here()
            with opened.usable():
                return opened.inspect()

    def promote(self, format: str = "sh", *, verify: bool = True) -> str:  # noqa: A002 - the option's name
        """Return what brings its packages, with those added by hand, to a host, in a format of `sandbox promote`.

        It is proven in fresh sandboxes first, which takes seconds, unless not to `verify`. Raises CheckFailed if the
        proof fails, UsageError for an unknown format and where there is no package.
        """
        with explain_errors():
            opened = self._here()
            with opened.usable():
                return opened.promote(format, verify=verify)

    def _here(self) -> Opened:
        """Return the open sandbox. Raises UsageError before and behind the block, and in a forked child."""
        opened = self._opened
        if opened is None:
            if self._state == "new":
                raise UsageError("this sandbox is not open: use it in a block, as in `with Sandbox() as box:`")
            raise UsageError("this sandbox is closed, and removed")
        if not opened.is_own:
            message = f"this sandbox is of process {opened.process}, from which this one was forked"
            raise UsageError(message)
        return opened
