package ModerationLedger;

# A moderationd over a spool that a test writes itself: no nginx.
#
#   my $l = ModerationLedger->new(conf => "checkpoint: 1s\n");
#   my $seg = $l->segment(place => 0);      a segment with its head
#   $seg->decisions(100); $seg->counts; $seg->end;
#   $l->start; $l->wait_leaves(103); $l->stop;
#   $l->ctl('ledger verify DIR/ledger')     -> (status, output)
#   $l->leaves                              every leaf, decoded, in order

use strict;
use warnings;

use Digest::SHA ();
use Fcntl qw(:flock);
use File::Temp qw(tempdir);
use FindBin;
use IO::Socket::UNIX;
use JSON::PP ();
use POSIX qw(WNOHANG);
use Time::HiRes qw(sleep time);

our $build = $ENV{MODERATION_BUILD} || "$FindBin::Bin/../build";
our $json = JSON::PP->new->utf8->canonical;

sub slurp {
    my ($name) = @_;
    open my $f, '<:raw', $name or return;
    local $/;
    return scalar <$f>;
}

sub spew {
    my ($name, $data, $mode) = @_;
    open my $f, '>:raw', $name or die "$name: $!";
    print $f $data;
    close $f or die "$name: $!";
    chmod $mode, $name if $mode;
}

sub new {
    my ($class, %o) = @_;
    my $dir = tempdir(CLEANUP => 1);
    my $self = bless { dir => $dir, wrap => '', env => {}, ms => 1796000000000,
                       segments => 0, zone => sprintf('%032x', 7),
                       daemon => $o{daemon} || "$build/moderationd" }, $class;

    mkdir "$dir/spool";
    chmod 03770, "$dir/spool";
    spew("$dir/moderationd.yaml", "node: n1\n" . ($o{conf} || ''));
    spew("$dir/scgi_secret.conf", 'scgi_param MODERATION_SECRET "'
         . 'a1' x 32 . "\";\n", 0600);
    spew("$dir/roles.yaml", "users:\n  bob: [lead, auditor]\n", 0640);
    return $self;
}

sub start {
    my ($self) = @_;
    my $pid = fork;
    die "fork: $!" unless defined $pid;

    if (!$pid) {
        open STDERR, '>>', "$self->{dir}/stderr";
        open STDIN, '<', '/dev/null';
        setpgrp;
        $ENV{$_} = $self->{env}{$_} for keys %{ $self->{env} };
        exec split(' ', $self->{wrap}), $self->{daemon}, '-c',
             "$self->{dir}/moderationd.yaml";
        exit 127;
    }

    $self->{pid} = $pid;
    return $pid;
}

# how it ended; with KILL the whole group, whoever traces it too
sub stop {
    my ($self, $sig) = @_;
    my $pid = delete $self->{pid} or return;
    kill $sig ? "-$sig" : '-TERM', $pid;

    for (1 .. 1200) {
        return $? if waitpid($pid, WNOHANG) != 0;
        sleep 0.05;
    }

    kill '-KILL', $pid;
    waitpid $pid, 0;
    return -1;
}

sub alive {
    my ($self) = @_;
    return $self->{pid} && waitpid($self->{pid}, WNOHANG) == 0;
}

sub checkpoint {
    my ($self, $log) = @_;
    my $text = slurp("$self->{dir}/ledger/" . ($log || $self->log)
                     . '/checkpoint') or return (0, '');
    return (split /\n/, $text)[1, 2];
}

# the newest log
sub log {
    my ($self) = @_;
    my @logs = sort { $a cmp $b } map { m{([^/]+)$} }
               glob("$self->{dir}/ledger/[0-9]*");
    return $logs[-1] || '2000';
}

sub wait_leaves {
    my ($self, $n, $seconds) = @_;
    my $end = time + ($seconds || 120);

    while (time < $end) {
        my ($size) = $self->checkpoint;
        return 1 if $size >= $n;
        return 0 if !$self->alive;
        sleep 0.05;
    }
    return 0;
}

sub ctl {
    my ($self, $args) = @_;
    $args =~ s/\bDIR\b/$self->{dir}/g;
    my $out = `$build/moderationctl $args 2>&1`;
    return ($? >> 8, $out);
}

sub sql {
    my ($self, $sql) = @_;
    my $out = `sqlite3 -readonly '$self->{dir}/store.db' "$sql" 2>&1`;
    chomp $out;
    return $out;
}

# straight from the bundles, what is signed
sub leaves {
    my ($self, $log) = @_;
    my (@leaves, $i);
    my $dir = "$self->{dir}/ledger/" . ($log || $self->log);
    my ($size) = $self->checkpoint($log);

    for ($i = 0; $i * 256 < $size; $i++) {
        my $width = $size - $i * 256;
        my $n = sprintf '%03d', $i % 1000;
        $n = sprintf('x%03d/', int($i / 1000)) . $n if $i >= 1000;
        my $data = $width < 256
                   ? slurp("$dir/tile/entries/$n.p/$width") : undef;
        $data = slurp("$dir/tile/entries/$n") unless defined $data;
        my ($at, $k) = (0, 0);
        while ($at < length $data && $k++ < $width && @leaves < $size) {
            my $len = unpack 'n', substr($data, $at, 2);
            push @leaves, $json->decode(substr $data, $at + 2, $len);
            $at += 2 + $len;
        }
    }
    return @leaves;
}

sub segment {
    my ($self, %o) = @_;
    return ModerationLedger::Segment->new($self, %o);
}

# the Go program, or undef and why there is none
sub go {
    my ($self, @args) = @_;
    my $verify = "$build/verify/verify";
    return unless -x $verify;
    $_ =~ s/\bDIR\b/$self->{dir}/g for @args;
    my $out = `$verify @args 2>&1`;
    return ($? >> 8 || ($? & 127) + 128 * !!($? & 127), $out);
}

sub DESTROY {
    my ($self) = @_;
    local ($?, $!);
    $self->stop('KILL') if $self->{pid};
}


package ModerationLedger::Segment;

sub new {
    my ($class, $l, %o) = @_;
    my $pid = $o{pid} || 4000;
    my $ms = $o{ms} || $l->{ms}++;
    my $name = sprintf '%d-%d-%d-%016x.jsonl', $ms, $pid, ++$l->{segments},
                       int(rand(2 ** 31));
    my $self = bless { l => $l, name => $name, n => $o{next} || 0,
                       zone => $o{zone} || $l->{zone}, place => $o{place} || 0,
                       ids => [] }, $class;

    $self->{file} = "$l->{dir}/spool/$name";
    open $self->{fh}, '>>:raw', $self->{file} or die "$self->{file}: $!";
    $self->{fh}->autoflush(1);
    flock $self->{fh}, Fcntl::LOCK_EX if !$o{unlocked};
    $self->raw(sprintf '{"type":"head","time":%d,"version":1,"zone":"%s",'
               . '"place":%d,"pid":%d,"boot":"b","segment":"%s",'
               . '"module":"0.2","key":"3363ef60","next":%d}' . "\n", $ms,
               $self->{zone}, $self->{place}, $pid, $name, $self->{n})
        if !$o{headless};
    return $self;
}

sub raw { my ($self, $bytes) = @_; print { $self->{fh} } $bytes; }

sub id {
    my ($self, $n) = @_;
    my $x = substr(Digest::SHA::sha256_hex("$self->{zone} $self->{place} $n"),
                   0, 20);
    $x =~ tr/0189/abcd/;
    return $x;
}

sub decision {
    my ($self, %o) = @_;
    my $n = $self->{n}++;
    my $id = $o{id} || $self->id($n);
    push @{ $self->{ids} }, $id;
    return sprintf '{"type":"decision","time":%d,"n":%d,"id":"%s",'
        . '"mode":"enforce","slot":"home.first_screen","host":'
        . '"www.example.cn","page":"homepage","suggestion":"block","action":'
        . '"block","reason":"rule","found_by":"own","automation":"full",'
        . '"fingerprint":"%032x","account":"%032x","item":"%032x","rules":[{'
        . '"id":"clickbait.a","rev":3,"label":"clickbait","action":"block",'
        . '"mode":"enforce"}],"policy":"homepage@00","review":"none",'
        . '"private":{"item":"8%d","account":"u-%d","path":"/","fields":{'
        . '"title":"title %s %d"},"hits":[]}}' . "\n",
        1796000000000 + $n, $n, $id, $n, $n % 97, $n, $n, $n % 97,
        $o{text} || 'alpha', $n;
}

sub decisions {
    my ($self, $count, %o) = @_;
    my $out = '';
    $out .= $self->decision(%o) for 1 .. $count;
    $self->raw($out);
}

sub counts {
    my ($self, $total, @ids) = @_;
    @ids = @{ $self->{ids} } if !@ids;
    $self->raw(sprintf '{"type":"counts","time":%d,"n":%d,"counts":[%s]}'
               . "\n", 1796000060000, $self->{n}++,
               join ',', map { "[\"$_\",1796000000000,$total]" } @ids);
}

sub end {
    my ($self) = @_;
    $self->raw(sprintf '{"type":"end","time":%d,"n":%d}' . "\n",
               1796000070000, $self->{n}++);
    $self->close;
}

sub close { my ($self) = @_; CORE::close delete $self->{fh}; }

1;
