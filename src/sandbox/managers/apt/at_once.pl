#!/usr/bin/perl
# A method of apt that shares its work among several of apt's own, in Perl as every Debian has it (perl-base).
#
# apt has one process and one connection per host (pkgAcquire::QueueName), and asks for the next file of a pipeline when
# the server has sent the last one. Each of apt's own methods, which is named as this file is, has a connection of its
# own. They fetch and check the files; this program passes messages on (apt's doc/method.dbk), each as it came.
#
# check: only say by the status whether it can work

use strict;
my ($name) = $0 =~ m{([^/]+)$};
my $program = "/usr/lib/apt/methods/$name";
if (@ARGV) { exit !-x $program; }
my $most = 5;
my ($config, $asked, @methods) = ('', '');

# As apt ends its methods: they are not left to PID 1, which may take no care of them. They run as another user, whom
# root can't signal without CAP_KILL (--hardened): the end of their input is what ends them there.
sub finish {
  close $_->{to} for @methods;
  kill INT => map { $_->{pid} } @methods;
  1 while wait > 0;
  exit;
}
$SIG{$_} = \&finish for qw(INT TERM);

sub give {
  my ($to, $text) = @_;
  while (length $text) {
    my $count = syswrite $to, $text or exit 1;
    substr $text, 0, $count, '';
  }
}

sub begin {
  pipe my $input, my $to and pipe my $from, my $output or exit 1;
  defined(my $pid = fork) or exit 1;
  if (!$pid) {
    open STDIN, '<&', $input and open STDOUT, '>&', $output or exit 1;
    exec {$program} $program or exit 1;
  }
  my $method = {pid => $pid, to => $to, from => $from, files => 0, said => ''};
  push @methods, $method;
  give($to, $config);
  return $method;
}

sub messages {
  my ($text, @found) = @_;
  while ((my $end = index $$text, "\n\n") >= 0) { push @found, substr $$text, 0, $end + 2, ''; }
  return @found;
}

begin();
while (1) {
  my $wait = '';
  vec($wait, fileno $_, 1) = 1 for \*STDIN, map { $_->{from} } @methods;
  next if select($wait, undef, undef, undef) < 0;
  for my $method (@methods) {
    next unless vec $wait, fileno $method->{from}, 1;
    sysread $method->{from}, $method->{said}, 65536, length $method->{said} or exit 1;
    for my $message (messages(\$method->{said})) {
      next if $message =~ /^100 / && $method != $methods[0];
      $method->{files}-- if $message =~ /^(?:103|201|400) /;
      give(\*STDOUT, $message);
    }
  }
  next unless vec $wait, 0, 1;
  sysread STDIN, $asked, 65536, length $asked or finish();
  for my $message (messages(\$asked)) {
    if ($message !~ /^600 /) {
      $config .= $message;
      give($_->{to}, $message) for @methods;
      next;
    }
    my ($method) = sort { $a->{files} <=> $b->{files} } @methods;
    $method = begin() if $method->{files} && @methods < $most;
    $method->{files}++;
    give($method->{to}, $message);
  }
}
