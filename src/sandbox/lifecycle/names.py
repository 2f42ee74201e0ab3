"""Names of sandboxes: random ones, and the rules for names that users choose."""

from __future__ import annotations

import os

TYPE_CHECKING = False  # `typing` takes longer to load than the engine to answer
if TYPE_CHECKING:
    from typing import Final

MOODS: Final = tuple(
    """able airy apt azure bold brave brief brisk calm candid civil clear clever cool cosy crisp curious daring deft
    eager early easy fair fancy fast fine firm fleet fond frank free fresh gentle glad golden good grand handy happy
    hardy honest humble jolly keen kind lively loyal lucky mellow merry mild modest neat nice nimble noble plain polite
    proud quick quiet rapid ready regal robust rosy savvy sharp shiny silent silver simple sleek smart smooth snappy
    solid sound spry steady still sturdy sunny super sure swift tame tidy trim true trusty vivid warm wise witty
    young zesty""".split()
)
ANIMALS: Final = tuple(
    """adder alpaca ant badger bat bear beaver bee bison boar camel cat civet cobra crab crane crow deer dingo dove
    duck eagle eel egret elk falcon ferret finch fox frog gecko goat goose grouse gull hare hawk hen heron horse hound
    ibex ibis jackal jay koala lark lemur lion llama lynx magpie marten mink mole moose moth mouse mule newt ocelot
    orca oryx osprey otter owl ox panda parrot perch pika pigeon pony puffin puma quail rabbit ram raven robin rook
    salmon seal shrew skunk sloth snail snipe squid stoat stork swan swift tapir tern thrush tiger toad trout viper
    vole walrus wasp weasel whale wolf wombat wren yak zebra""".split()
)
CHOSEN: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
"""A host name label (RFC 1123), since the sandbox's name is also its host name."""


def random_name() -> str:
    """Return a name such as `brave-otter`."""
    return f"{_choice(MOODS)}-{_choice(ANIMALS)}"


def _choice(words: tuple[str, ...]) -> str:
    """Return one of the words. The module secrets would do the same, but costs 0.02 s of import time."""
    return words[int.from_bytes(os.urandom(8), "big") % len(words)]


def validate_name(text: str) -> str:
    """Return a name the user chose; raise UsageError where it can't be a host name."""
    import re  # these two are slow to load, and a random name needs neither

    from sandbox.errors import UsageError

    if re.fullmatch(CHOSEN, text):
        return text
    message = f"{text[:70]!r} is not a valid name for a sandbox"
    raise UsageError(message, details=[("expected", "up to 63 of a-z, 0-9 and -, such as brave-otter")])
