"""Listens on a sandbox's own network while something is installed, from a container beside it.

It shares the sandbox's network and nothing else, holds one capability (NET_RAW, of its own network alone), takes no
part in what it hears, and ends when our end of its standard input closes. The host needs no privilege and no program.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final

from sandbox.core.signals import left_to_main
from sandbox.engine.frames import Frames
from sandbox.engine.protocol import ContainerSpec
from sandbox.errors import EngineError
from sandbox.specs.model import Limits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.engine.protocol import Connection, Image
    from sandbox.lifecycle.session import Session

READY_LIMIT: Final = 15.0
SETTLED: Final = 0.3
"""Seconds that the last packets have to be told."""
LARGEST: Final = 16_000_000
"""Bytes of notes that are kept."""
NOTES: Final = r"""
use strict; $| = 1;
socket(my $s, 17, 2, 768) or die "it may not listen: $!\n";
print "R\n";
my (%seen, $answers, $requests);
while (1) {
  my $wait = ''; vec($wait, 0, 1) = 1; vec($wait, fileno($s), 1) = 1;
  next if select($wait, undef, undef, undef) < 0;
  if (vec($wait, 0, 1)) { exit unless sysread(STDIN, my $word, 64); }
  next unless vec($wait, fileno($s), 1);
  my $from = recv($s, my $p, 65535, 0);
  next unless defined $from && length($from) > 10 && length($p) >= 28;
  my $out = ord(substr($from, 10, 1)) == 4;
  my ($kind, $target, $at);
  if (ord($p) >> 4 == 4) {
    ($kind, $at) = (ord(substr($p, 9, 1)), (ord($p) & 15) * 4);
    next if unpack('n', substr($p, 6, 2)) & 0x1fff;
    $target = join '.', unpack('C4', substr($p, 16, 4));
  } elsif (ord($p) >> 4 == 6 && length($p) >= 48) {
    ($kind, $at) = (ord(substr($p, 6, 1)), 40);
    $target = join ':', unpack('(H4)8', substr($p, 24, 16));
  } else { next }
  next if length($p) < $at + 8;
  my ($source, $port) = unpack('nn', substr($p, $at, 4));
  if ($kind == 17) {
    note("C udp $target $port") if $out;
    print 'D ', unpack('H*', substr($p, $at + 8, 1500)), "\n" if $source == 53 && $answers++ < 5000;
  } elsif ($kind == 6 && length($p) >= $at + 20 && $out) {
    note("C tcp $target $port") if (ord(substr($p, $at + 13, 1)) & 0x12) == 2;
    my $text = substr($p, $at + (ord(substr($p, $at + 12, 1)) >> 4) * 4, 400);
    print 'P ', unpack('H*', $text), "\n" if $text =~ /^(?:CONNECT|[A-Z]+ http:)/ && $requests++ < 5000;
  }
}
sub note { print "$_[0]\n" if keys %seen < 10000 && !$seen{$_[0]}++ }
"""
"""Perl as every Debian has it (perl-base): packets of the network's namespace (packet(7)), told as `contacts` reads
them: `C` what went out, once each, `D` what came from port 53, `P` what was asked of a proxy. Ends with its input."""


class PacketListener:
    """A container beside a session's sandbox, on its network, and what it has told so far."""

    def __init__(self, session: Session, image: Image) -> None:
        """Begin to listen; raise EngineError where that can't be."""
        self._session = session
        self._told = bytearray()
        self._said = bytearray()
        self._changed = threading.Condition()
        self._is_over = False
        self._ident = session.create_helper(lambda name, labels: _spec(image, session.container, name, labels))
        self._stream = session.engine.attach(self._ident)
        with left_to_main():
            threading.Thread(target=self._read, args=(self._stream,), daemon=True).start()
        session.engine.start(self._ident)
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._told or self._is_over, READY_LIMIT)
        if not self._told.startswith(b"R\n"):
            said = self._said.decode(errors="replace").strip() or "nothing"
            message = "the sandbox's network can't be listened to"
            raise EngineError(message, details=[("the listener said", said[:200])])

    def _read(self, stream: Connection) -> None:
        frames = Frames()
        try:
            while data := stream.recv(65536):
                with self._changed:
                    for is_error, piece in frames.feed(data):
                        kept = self._said if is_error else self._told
                        kept += piece[: max(0, LARGEST - len(kept))]
                    self._changed.notify_all()
        except OSError:
            pass  # it was closed by `end`
        finally:
            with self._changed:
                self._is_over = True
                self._changed.notify_all()

    def end(self) -> tuple[str, ...]:
        """Return what was heard, line by line, and remove the listener; raise EngineError where it died before."""
        time.sleep(SETTLED)
        has_died = self._is_over
        with self._changed:
            lines = self._told.decode("ascii", "replace").split("\n")[1:-1]
        self._stream.close()
        self._session.remove_helper(self._ident)
        if has_died:
            message = "what listened on the sandbox's network ended too early"
            raise EngineError(message)
        return tuple(lines)


def _spec(image: Image, sandbox: str, name: str, labels: Mapping[str, str]) -> ContainerSpec:
    return ContainerSpec(
        name=name,
        image=image.id,
        argv=("perl", "-e", NOTES),
        labels=labels,
        hostname="",
        limits=Limits(),
        network_of=sandbox,
        cap_drop=("ALL",),
        cap_add=("NET_RAW",),
        security_opt=("no-new-privileges",),
    )
