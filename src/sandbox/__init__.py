"""Try a package in a throwaway distro, leave nothing behind, keep what you liked as an install script.

`Sandbox` and the errors are here, and each is loaded when it is first used (PEP 562): the command line and the pytest
plugin, which load this package too, have no use for them. Their types are in `__init__.pyi`.
"""

__version__ = "0.1.0"

_PLACES = {
    "sandbox.api.box": ("Sandbox",),
    "sandbox.api.completed": ("Completed",),
    "sandbox.errors": (
        "CheckFailed",
        "CommandFailed",
        "Conflict",
        "ConnectionCut",
        "Denied",
        "EngineError",
        "EngineTimeout",
        "NoEngine",
        "NotFound",
        "PullFailed",
        "RemovalFailed",
        "SandboxDied",
        "SandboxError",
        "SpecError",
        "StepFailed",
        "TooLong",
        "UnknownPackage",
        "UnknownWord",
        "Unwritten",
        "UsageError",
    ),
}

__all__ = ["__version__", *(name for names in _PLACES.values() for name in names)]  # noqa: PLE0604 - they are texts


def __getattr__(name: str) -> object:
    for place, names in _PLACES.items():
        if name in names:
            found: object = getattr(__import__(place, fromlist=(name,)), name)
            globals()[name] = found
            return found
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
