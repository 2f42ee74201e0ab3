"""A sandbox without a display, as most are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.container.box import Box
    from sandbox.engine.protocol import ExecSpec
    from sandbox.errors import Row


class NoScreen:
    """A sandbox without a display."""

    def containers(self) -> tuple[str, ...]:
        """Return the containers whose volumes the sandbox shares."""
        return ()

    def serve(self, box: Box) -> tuple[Row, ...]:
        """Begin to show it, once the packages are there; return what to say of that. Raises EngineError."""
        del box
        return ()

    def join(self, spec: ExecSpec) -> ExecSpec:
        """Return the shell or command as one that finds the display."""
        return spec

    def end(self) -> None:
        """Show no more. The session removes its container."""
