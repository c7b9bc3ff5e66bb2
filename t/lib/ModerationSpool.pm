package ModerationSpool;

# What the suites of the record share: a key, segments read as any reader has
# to read them, and a client that sends many requests.
#
#   my $l = read_spool($dir);
#   $l->{lines}     all lines but heads, each once, with zone, place, segment
#   $l->{missing}   numbers that are not there, below the highest of a place
#   $l->{twice}     lines that were repeats;  $l->{cut} incomplete last ones
#   $l->{bad}       what should not be in a segment, as text

use strict;
use warnings;

use Exporter 'import';
use IO::Socket::INET;
use JSON::PP ();

our @EXPORT = qw(id_key read_spool total of_type requests);

sub id_key { return 'moderation-id-key-1 ' . '0123456789abcdef' x 4 . "\n" }

sub read_spool {
    my ($dir) = @_;
    my $json = JSON::PP->new->utf8;
    my %l = (lines => [], missing => 0, twice => 0, cut => 0, bad => [],
             ended => 0, files => 0);
    my (%seen, %next);

    for my $file (sort { ($a =~ m{/(\d+)-})[0] <=> ($b =~ m{/(\d+)-})[0] }
                  glob "$dir/*")
    {
        my ($head, $last);

        $l{files}++;
        push @{ $l{bad} }, "name $file"
            if $file !~ m{/\d+-\d+-\d+-[0-9a-f]{16}\.jsonl$};
        open my $f, '<:raw', $file or next;

        while (my $line = <$f>) {
            if ($line !~ /\n\z/) {
                $l{cut}++;
                last;
            }

            push @{ $l{bad} }, 'long line' if length $line > 16384;
            my $e = eval { $json->decode($line) };

            if (!$e) {
                push @{ $l{bad} }, "no JSON: $line";
                next;
            }

            push @{ $l{bad} }, "private is not last: $line"
                if $e->{private} && $line !~ /,"private":\{.*\}\}\n\z/;

            if ($e->{type} eq 'head') {
                push @{ $l{bad} }, "second head in $file" if $head;
                $head = $e;
                next;
            }

            push @{ $l{bad} }, "no head in $file" if !$head;
            push @{ $l{bad} }, "line behind the end in $file" if $last;
            $last = $e->{type} eq 'end';
            $l{ended} += $last;

            my $row = "$head->{zone}/$head->{place}";

            if ($seen{$row}{ $e->{n} }++) {
                $l{twice}++;
                next;
            }

            $next{$row} = $e->{n} + 1 if $e->{n} >= ($next{$row} || 0);
            $e->{zone} = $head->{zone};
            $e->{place_number} = $head->{place};
            push @{ $l{lines} }, $e;
        }
    }

    for my $row (keys %next) {
        $l{missing} += $next{$row} - keys %{ $seen{$row} };
    }

    $l{next} = \%next;

    return \%l;
}

sub of_type {
    my ($l, $type) = @_;

    return grep { $_->{type} eq $type } @{ $l->{lines} };
}

# how often each id came, by what the counts say

sub total {
    my ($l) = @_;
    my (%max, %total);

    for my $c (map { [$_->{zone}, @$_{counts}] } of_type($l, 'counts')) {
        for (@{ $c->[1] }) {
            my ($id, $since, $n) = @$_;
            my $key = "$c->[0] $id $since";
            $max{$key} = $n if $n > ($max{$key} || 0);
        }
    }

    for (keys %max) {
        my (undef, $id) = split / /;
        $total{$id} += $max{$_};
    }

    return \%total;
}

# n requests of a path, pipelined over one connection at a time; how many were
# answered as a whole.  stop->() ends it

sub requests {
    my ($port, $path, $n, %o) = @_;
    my $batch = $o{batch} || 50;
    my $one = "GET $path HTTP/1.1\r\nHost: localhost\r\n\r\n";
    my ($sent, $done, $s) = (0, 0);

    while ($sent < $n) {
        last if $o{until} && $o{until}->();

        if (!$s) {
            $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                       PeerPort => $port, Timeout => 5);
            if (!$s) {
                select undef, undef, undef, 0.01;
                next;
            }
        }

        my $k = $n - $sent < $batch ? $n - $sent : $batch;
        my ($buf, $got) = ('', 0);

        local $SIG{PIPE} = 'IGNORE';
        syswrite $s, $one x $k;
        $sent += $k;

        while ($got < $k) {
            sysread $s, $buf, 262144, length $buf or last;
            $got++ while $buf =~ s/\A.*?<\/ul>\n?//s;
        }

        $done += $got;
        undef $s if $got < $k;
    }

    return $done;
}

1;
