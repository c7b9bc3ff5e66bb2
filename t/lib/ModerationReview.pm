package ModerationReview;

# Second review from end to end: nginx with the module over a site of static
# pages, moderationd over what its workers record, and its API through the same
# nginx.  The clock of the daemon can be moved while it runs.
#
#   my $d = ModerationReview->new(policy => $yaml, files => { ... });
#   $d->shown('/index.html')        ids of the cards that a reader sees
#   $d->card_of('1187')             the card of an item that waits, from the queue
#   $d->release('alice', '1187')    as the API does it
#   $d->clock(3600)                 an hour later (seconds; the sum counts)
#
# A page's cards are <li class=card id=ID>, a feed's objects {"id":ID}.

use strict;
use warnings;

use parent -norequire, 'ModerationDesk';

use ModerationDesk;
use Time::HiRes qw(sleep time);

my $http = <<'END';
    types { text/html html; application/json json; application/x-ndjson ndjson; }
    map $arg_mode $mode { default enforce; shadow shadow; off off; }
    moderation_zone zone=m:16m;
    moderation_id_key %%DIR%%/id.key;
    moderation_ledger %%DIR%%/spool flush=10ms buffer=1m %%LEDGER%%;
    moderation_verdicts %%DIR%%/verdicts %%VERDICTS%%;
    moderation_types text/html application/json application/x-ndjson;
END

my $server = <<'END';
    location = /status { moderation off; moderation_status; }
    location / { moderation $mode; moderation_policy %%DIR%%/policy.yaml check=200ms; }
END

my $conf = <<'END';
node: test
workers: %%WORKERS%%
sites:
  a: {hosts: [localhost, www.example.cn], policy: policy.yaml, language: en}
  b: {hosts: [b.example.cn], policy: policy.yaml, language: en}
origins: ["https://desk.example"]
threads: 8
END

my $roles = <<'END';
users:
  alice: [reviewer]
  bob: [lead, auditor, admin]
  lena: [lead]
  eve: [viewer]
END

sub new {
    my ($class, %o) = @_;
    my $verdicts = $o{verdicts} || '';
    my $workers = $> == 0 ? 'nobody' : getpwuid($>);
    my $ledger = $o{ledger} || '';
    (my $h = $http . ($o{http} || '')) =~ s/%%VERDICTS%%/$verdicts/;
    $h =~ s/%%LEDGER%%/$ledger/;
    (my $c = $o{conf} || $conf) =~ s/%%WORKERS%%/$workers/;

    my $self = $class->SUPER::new(%o, http => $h, conf => $c,
        server => $server . ($o{server} || ''), roles => $o{roles} || $roles,
        workers => $o{workers} || 1, no_daemon => 1);

    return $self;
}

# before nginx starts: folders as a package makes them, then the daemon

sub before_start {
    my ($self) = @_;
    my ($uid, $gid) = $> == 0 ? (getpwnam 'nobody')[2, 3] : ($>, $) + 0);

    for my $dir (qw(spool verdicts)) {
        mkdir "$self->{dir}/$dir", 0750;
        chown $dir eq 'spool' ? $uid : $>, $gid, "$self->{dir}/$dir";
        chmod $dir eq 'spool' ? 0770 : 0750, "$self->{dir}/$dir";
    }

    $self->{clock} = 0;
    $self->clock($self->{at} || 0);
    $self->start_daemon;
}

sub start_daemon {
    my ($self, %env) = @_;

    $self->SUPER::start_daemon(MODERATIOND_CLOCK => "$self->{dir}/clock", %env);
}

# lines beside those of the workers: the segment has to be theirs
sub lines {
    my ($self, @lines) = @_;

    $self->SUPER::lines(@lines);
    chown +(getpwnam 'nobody')[2, 3], "$self->{dir}/spool/$self->{segment}"
        if $> == 0;
}

# seconds later, or earlier
sub clock {
    my ($self, $seconds) = @_;

    $self->{clock} += $seconds;
    $self->write('clock', int($self->{clock} * 1000) . "\n");
}

# waits until the clock of the desk has come by twice since it was moved: what it
# has to do by now is done
sub rounds {
    my ($self) = @_;

    for (1 .. 2) {
        my $beat = sub { $self->status->{verdicts}{tables}{items}{beat} // 0 };
        my $at = $beat->();
        $self->until_true(sub { $beat->() > $at + 1 });
    }
}

sub shown {
    my ($self, $path, $host) = @_;
    my $body = $self->get($path, $host ? (Host => $host) : ())->{body};
    my %seen;

    return join ' ', grep { !$seen{$_}++ } $body =~ /(?:\bid="|"id": ?"?|\bid: ?"?)(\d+)/g;
}

# waits until a reader sees these; what is seen at the end
sub sees {
    my ($self, $path, $want, $seconds, $host) = @_;
    my $now;

    $self->until_true(sub { ($now = $self->shown($path, $host)) eq $want }, $seconds || 5);

    return $now;
}

sub queue {
    my ($self, %o) = @_;
    my @all;
    my $after = '';

    for (1 .. 100) {
        my $q = $self->request(GET => '/moderation/v1/queue?limit=100&state='
                               . ($o{state} || 'waiting') . "&after=$after",
                               user => 'bob')->{json} or last;
        push @all, @{ $q->{cards} };
        $after = $q->{next} or last;
    }

    return @all;
}

# the card of an item, by a field that has its number
sub card_of {
    my ($self, $id, %o) = @_;
    my $found;

    $self->until_true(sub {
        ($found) = grep { my $c = $_; grep { defined && $_ eq $id } values %{ $c->{fields} || {} } }
                   $self->queue(%o);
    }, $o{seconds} || 5);

    return $found;
}

sub decide {
    my ($self, $user, $id, $verdict, %o) = @_;
    my $c = ref $id ? $id : $self->card_of($id)
        or return { status => 0, json => { error => "no card of $id" } };

    return $self->post("/moderation/v1/cards/$c->{id}/decide",
        { version => $c->{version}, verdict => $verdict, note => '',
          reason => $o{reason} // ($verdict eq 'reject' ? 'shock' : ''),
          ($o{ttl} ? (ttl => $o{ttl}) : ()) }, user => $user);
}

sub release { my ($self, $user, $id, %o) = @_; $self->decide($user, $id, 'release', %o) }

# all that wait, by one person; how many
sub release_all {
    my ($self, $user, %o) = @_;
    my $n = 0;

    for my $c ($self->queue) {
        $n++ if $self->release($user, $c, %o)->{status} == 200;
    }

    return $n;
}

# waits until so many cards wait
sub waits {
    my ($self, $n, $seconds) = @_;
    my $now = -1;

    $self->until_true(sub { ($now = () = $self->queue) == $n }, $seconds || 8);

    return $now;
}

sub alarms {
    my ($self) = @_;
    my $a = $self->request(GET => '/moderation/v1/alarms', user => 'bob')->{json};

    return map { $_->{key} } @{ $a->{alarms} || [] };
}

# what two people say: asked for by one, signed by the other
sub signed {
    my ($self, $path, $args) = @_;
    my $r = $self->post($path, $args, user => 'bob');

    return $r if $r->{status} != 202;
    return $self->post("/moderation/v1/pending/$r->{json}{pending}/approve", {}, user => 'lena');
}

1;
