#!/usr/bin/perl
# Prints the packets of the network's namespace (packet(7)), in Perl as every Debian has it (perl-base).
#
# Prints R once it listens, then `C` and where to what went out, once each, `D` and what came from port 53 in
# hexadecimal, `P` and what was asked of a proxy. For each line on its input it prints E once it has looked at all that
# went over the network before that line: the kernel queues a packet here as it is sent. Ends with its input.

use strict; $| = 1;
use constant MOST => 100_000; # packets: more than the kernel queues, so that a flood does not hold up the answer
socket(my $s, 17, 2, 768) or die "it may not listen: $!\n";
print "R\n";
my (%seen, $answers, $requests);
my $left = 0;
while (1) {
  my $wait = ''; vec($wait, 0, 1) = 1 unless $left; vec($wait, fileno($s), 1) = 1;
  my $ready = select($wait, undef, undef, $left ? 0 : undef);
  next if $ready < 0;
  if ($left && (!$ready || !--$left)) { print "E\n"; $left = 0; }
  if (vec($wait, 0, 1)) { exit unless sysread(STDIN, my $word, 64); $left = MOST; }
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
