# Second review, from nginx to the reader, over hours: the daemon dies at
# midnight, a rule that holds thousands, eight reviewers, a running score and a
# cover that is renewed, a wrong bulk.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationReview;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

my $reasons = <<'Y';
reasons:
  - {id: shock, key: 1, label: clickbait, title: {zh: 标题夸张, en: Sensational headline}}
Y

sub card {
    my ($id, $title, %o) = @_;
    return qq{<li class="card" id="$id" data-a="} . ($o{account} || "u$id") . '"'
           . join('', map { qq{ data-$_="$o{$_}"} } grep { /live/ } sort keys %o)
           . qq{><a href="/room/$id">} . ($o{cover} ? qq{<img src="$o{cover}">} : '') . qq{<h3>$title</h3></a></li>};
}

sub policy {
    my ($review, $more) = @_;
    return "schema: 1\npolicy: nights\nslots:\n  - {name: first, type: html, match: li.card, item_id: room,"
           . ' fields: {title: h3, room: "@id", account: "@data-a", live: "@data-live", cover: "img@src"},'
           . " review: {mode: required, fields: [title], stable: assume, $review}}\n$reasons" . ($more || "rules: []\n");
}

# 4: the daemon is killed at midnight, every release ends at three; at eight
# all that was released is still shown, what is new waits.  Its clock is eight
# hours behind the workers': what they see of it is how old its heartbeat is.

{
    my $d = ModerationReview->new(at => -8 * 3600, policy => policy('ttl: 3h'), workers => 2,
        files => { 'html/index.html' => join '', map { card($_, "room $_") } 4001 .. 4006 });

    is($d->shown('/index.html'), '', 'midnight: nothing is released');
    is($d->waits(6), 6, 'six wait');
    is($d->decide('alice', 4006, 'reject')->{status}, 200, 'one is rejected');
    is($d->release_all('alice'), 5, 'five are released, until three');
    is($d->sees('/index.html', '4001 4002 4003 4004 4005'), '4001 4002 4003 4004 4005', 'and shown');
    $d->stop_daemon('KILL');

    # now it is eight by the workers' clock

    is($d->shown('/index.html'), '4001 4002 4003 4004 4005', 'eight: they are shown');
    $d->write('html/index.html', join '', map { card($_, "room $_") } 4001 .. 4007);
    for (1 .. 10) { $d->shown('/index.html') }
    is($d->shown('/index.html'), '4001 4002 4003 4004 4005', 'what is new waits');
    my $v = $d->status->{verdicts};
    is($v->{tables}{items}{state}, 'stale', 'the status says that nobody writes the tables');
    cmp_ok($v->{tables}{items}{age}, '>', 7.9 * 3600, 'and for how long');
    like($d->get('/status?format=prometheus')->{body}, qr/^moderation_table_ok\{table="items"\} 0$/m, 'for an alarm, too');
    my $page = $d->get('/status?format=html', 'Accept-Language' => 'en')->{body};
    like($page, qr{cards</td><td class=bad>stale}, 'and the page');

    # the daemon is back: by its clock the releases are over, they wait

    $d->clock(8 * 3600);
    $d->start_daemon;
    is($d->sees('/index.html', ''), '', 'it is back, at eight: what ended at three is asked for again');
    is($d->waits(6, 20), 6, 'all but the rejected one wait');
    ok($d->until_true(sub { join(' ', grep { /overdue|nobody/ } $d->alarms) eq 'nobody/desk' }, 10), 'and somebody has to come');
    is($d->release_all('alice'), 6, 'somebody comes');
    is($d->sees('/index.html', '4001 4002 4003 4004 4005 4007'), '4001 4002 4003 4004 4005 4007', 'shown again');
    $d->stop;
}

# releases are asked for again before they end, as long as they are shown, and
# stay shown meanwhile

{
    my $d = ModerationReview->new(policy => policy('ttl: 2h, target: 15m'),
        files => { 'html/index.html' => join '', map { card($_, "room $_") } 4101 .. 4103 });

    $d->shown('/index.html');
    is($d->waits(3), 3, 'three wait');
    is($d->release_all('alice'), 3, 'released');
    is($d->shown('/index.html'), '4101 4102 4103', 'shown');
    $d->write('html/index.html', join '', map { card($_, "room $_") } 4101, 4102);
    $d->clock(60 * 60);
    my $least = 2;
    for (1 .. 14) {
        my $before = $d->status->{verdicts}{tables}{items}{beat};
        $d->clock(170);
        $d->until_true(sub { $d->status->{verdicts}{tables}{items}{beat} >= $before + 170 }, 3);
        my $n = () = $d->shown('/index.html') =~ /\d+/g;
        $least = $n if $n < $least;
        $d->until_true(sub { $d->shown('/index.html'); $d->status->{verdicts}{tables}{wanted}{entries}
                                                        > $d->status->{verdicts}{tables}{wanted}{live} }, 0.5);
        last if (() = $d->queue) == 2;
    }
    is($d->waits(2), 2, 'the two that are shown are asked for again, not the one that is gone');
    is($least, 2, 'before they end');
    is($d->release_all('alice'), 2, 'released again');
    is($d->shown('/index.html'), '4101 4102', 'and shown on');
    $d->stop;
}

# 5: a rule holds thousands in ten minutes: it is braked, no default acts, its
# cards leave the queue, a rollback restores all; what people rejected stays

{
    my $n = $ENV{MODERATION_FLOOD} || 600;
    my $rule = "rules:\n  - {id: r.wide, rev: 1, label: clickbait, action: hold, suggestion: review, "
               . "brake: {max_ratio: 0.5, min_hits: %d, window: 10m}, match: {in: [title], terms: [room]}}\n";
    my $d = ModerationReview->new(policy => do {
            my $p = policy('default: {after: 30m, do: block}, target: 5m', sprintf $rule, $n / 2);
            $p =~ s/mode: required/mode: on_match/; $p },
        files => { 'html/index.html' => join '', map { card(5000 + $_, "room $_") } 1 .. 20 });

    is($d->shown('/index.html'), '', 'a wide rule holds all');
    is($d->waits(20), 20, 'they wait');
    is($d->decide('alice', 5001, 'reject', reason => 'r.wide')->{status}, 200, 'a person rejects one, for that rule');
    is($d->decide('alice', 5002, 'reject')->{status}, 200, 'and one for another reason');

    for my $from (map { 20 + 50 * $_ } 0 .. $n / 50) {
        $d->write('html/p.html', join '', map { card(5000 + $from + $_, 'room ' . ($from + $_)) } 1 .. 50);
        $d->get('/p.html');
    }

    ok($d->until_true(sub { grep { $_->{tripped} } @{ $d->status->{brakes} } }, 5), 'the rule is braked');
    is($d->sees('/index.html', join ' ', 5003 .. 5020), join(' ', 5003 .. 5020), 'and holds nothing any more; what people rejected stays out');
    ok($d->until_true(sub { !$d->queue }, 10), 'its cards leave the queue by themselves') or diag(scalar $d->queue);
    $d->clock(2 * 3600);
    $d->post('/moderation/v1/queue/next', { n => 1 }, user => 'alice');
    sleep 2.5;                          # rounds of the daemon's clock, which must do nothing
    is($d->shown('/index.html'), join(' ', 5003 .. 5020), 'two hours later no default has acted');
    my $r = $d->post('/moderation/v1/rollback', { rule => 'r.wide', rev => 1, from => 1, dry_run => JSON::PP::true }, user => 'bob');
    is($r->{json}{restored}, 0, 'a rollback of it would restore nothing') or diag($ModerationDesk::json->encode($r->{json}));
    $d->stop;
}

# a default counts from when a card began to wait, each time that it does

{
    my $p = policy('default: {after: 30m, do: block}, target: 5m, ttl: 2h');
    my $d = ModerationReview->new(policy => $p, files => { 'html/index.html' => card(5901, 'room 5901') });
    my $later = sub {                   # and somebody is on duty
        $d->clock($_[0]);
        my ($c) = @{ $d->post('/moderation/v1/queue/next', { n => 1 }, user => 'bob')->{json}{cards} || [] };
        $d->post("/moderation/v1/cards/$c->{id}/drop", {}, user => 'bob') if $c;
        $d->rounds;
    };

    $d->shown('/index.html');
    is($d->release('alice', 5901)->{status}, 200, 'released');
    $later->(150 * 60);
    is($d->shown('/index.html'), '', 'its release has run out');
    is($d->waits(1), 1, 'it waits again');
    $later->(10 * 60);
    is(($d->card_of(5901) || {})->{state}, 'waiting', 'ten minutes later no default has acted');
    $later->(22 * 60);
    is($d->waits(0), 0, 'after half an hour it has');
    $d->stop;
}

# a floor: cards whose release has run out are shown, stand in the queue, and are
# an alarm until somebody has looked

{
    my $d = ModerationReview->new(at => -3 * 3600, policy => policy('ttl: 2h, floor: 2'),
        files => { 'html/index.html' => join '', map { card($_, "room $_") } 5951 .. 5953 });

    $d->shown('/index.html');
    is($d->waits(3), 3, 'three wait');
    is($d->release_all('alice'), 3, 'and are released');
    is($d->shown('/index.html'), '5951 5952 5953', 'shown');
    $d->clock(150 * 60);
    $d->rounds;
    $d->shown('/index.html') for 1 .. 2;
    is($d->shown('/index.html'), '5951 5952', 'their releases have run out: two fill up the floor');
    is($d->waits(3), 3, 'all of them wait');
    ok($d->until_true(sub { grep { $_ eq 'overdue/floor:first' } $d->alarms }, 8), 'and an alarm says so') or diag(join ' ', $d->alarms);
    is($d->release_all('alice'), 3, 'somebody has looked');
    is($d->shown('/index.html'), '5951 5952 5953', 'all are shown');
    $d->clock(50 * 60);
    ok($d->until_true(sub { !grep { $_ eq 'overdue/floor:first' } $d->alarms }, 8), 'and the alarm ends');
    $d->stop;
}

# the same without a brake, and defaults that have acted: the rollback

{
    my $d = ModerationReview->new(policy => do {
            my $p = policy('default: {after: 30m, do: block}, target: 5m',
                "rules:\n  - {id: r.wide, rev: 1, label: clickbait, action: hold, suggestion: review, match: {in: [title], terms: [room]}}\n");
            $p =~ s/mode: required/mode: on_match/; $p },
        files => { 'html/index.html' => join '', map { card(5000 + $_, "room $_") } 1 .. 30 });

    $d->shown('/index.html');
    is($d->waits(30), 30, 'thirty wait');
    is($d->decide('alice', 5001, 'reject')->{status}, 200, 'one is rejected by a person');
    is($d->release('alice', 5002)->{status}, 200, 'one is released');
    $d->clock(3600);
    $d->post('/moderation/v1/queue/next', { n => 1 }, user => 'bob');
    ok($d->until_true(sub { $d->queue == 1 }, 8), 'an hour later the default has acted on all but the one that somebody looks at')
        or diag(scalar(my @q = $d->queue));
    my $r = $d->post('/moderation/v1/rollback', { rule => 'r.wide', rev => 1, from => 1 }, user => 'bob');
    is($r->{json}{restored}, 27, 'the rollback restores what it did');
    is($d->shown('/index.html'), '5002', 'they wait again; the person\'s rejection stands');
    is($d->request(GET => '/moderation/v1/queue?state=rejected', user => 'bob')->{json}{cards}[0]{fields}{room}, '5001', 'and is kept');
    $d->stop;
}

# 6: eight reviewers on next for an hour: no card is shared, none lost, the
# claims of one who goes away come back

{
    my $n = $ENV{MODERATION_RACES} || 160;
    my $d = ModerationReview->new(policy => policy('target: 5m'), workers => 2,
        roles => "users:\n  bob: [lead]\n" . join('', map { "  r$_: [reviewer]\n" } 1 .. 8),
        files => { map { my $p = $_; ("html/$p.html" => join '', map { card(6000 + $p * 40 + $_, "room $_") } 1 .. 40) } 0 .. $n / 40 - 1 });

    $d->shown("/$_.html") for 0 .. $n / 40 - 1;
    is($d->waits($n, 20), $n, "$n wait");

    my %waited = map { $_->{id} => 1 } $d->queue;       # the others are looks again
    my $away = $d->post('/moderation/v1/queue/next', { n => 5 }, user => 'r8')->{json}{cards};
    is(scalar @$away, 5, 'one takes five and goes away');

    my @pipes;
    for my $who (map { "r$_" } 1 .. 7) {
        pipe my $r, my $w;
        my $pid = fork;
        if ($pid == 0) {
            $d->{daemon} = undef;
            for (1 .. 1000) {
                my $q = $d->post('/moderation/v1/queue/next', { n => 3 }, user => $who)->{json}{cards} || [];
                last unless @$q;
                for my $c (@$q) {
                    my $s = $d->post("/moderation/v1/cards/$c->{id}/decide", { version => $c->{version}, verdict => 'release' }, user => $who)->{status};
                    print $w "$c->{id} $s\n";
                }
            }
            close $w;
            POSIX::_exit(0);
        }
        close $w;
        push @pipes, [ $pid, $r ];
    }
    my (%dealt, %status);
    for (@pipes) {
        my ($pid, $r) = @$_;
        while (<$r>) { my ($id, $s) = split; $dealt{$id}++; $status{$s}++ }
        waitpid $pid, 0;
    }
    is(scalar(grep { $_ > 1 } values %dealt), 0, 'no card was dealt to two');
    is(scalar(grep { $waited{$_} } keys %dealt), $n - 5, 'each but the five was');
    is(join(' ', sort keys %status), '200', 'each was decided');
    is(join(' ', sort map { $_->{id} } $d->queue), join(' ', sort map { $_->{id} } @$away), 'the five wait');
    is($d->post('/moderation/v1/queue/next', { n => 5 }, user => 'r1')->{json}{cards}[0], undef, 'and are nobody else\'s');
    $d->clock(6 * 60);
    my @back;
    ok($d->until_true(sub { @back = map { $_->{id} } @{ $d->post('/moderation/v1/queue/next', { n => 5 }, user => 'r1')->{json}{cards} || [] }; @back == 5 }, 5),
       'six minutes later they are dealt again');
    $d->release('r1', $_) for $d->queue;
    my $shown = 0;
    $shown += () = $d->shown("/$_.html") =~ /\d+/g for 0 .. $n / 40 - 1;
    is($shown, $n, 'every card is shown to readers');
    $d->stop;
}

# 7: a title with a running score and a cover that is renewed each minute: one
# review a broadcast; a word or a picture that is swapped is held

{
    my $d = ModerationReview->new(policy => do {
        my $p = policy('normal: {title: [digits], url: {drop: [t, sign]}}, session: live, ttl: 24h');
        $p =~ s/fields: \[title\]/fields: [title, cover]/; $p }, files => { 'html/index.html' => '' });
    my $put = sub {
        my ($title, $cover, $live) = @_;
        $d->write('html/index.html', card(7001, $title, cover => "https://img.example.cn/$cover", live => $live));
        return $d->shown('/index.html');
    };

    is($put->('final 0:0', 'a.jpg?t=1&sign=x', 'b1'), '', 'held');
    is($d->waits(1), 1, 'waits');
    is($d->release('alice', 7001)->{status}, 200, 'released');
    my $missed = 0;
    for my $m (1 .. 60) {
        $missed++ if $put->(sprintf('final %d:%d', $m / 20, $m / 15), "a.jpg?t=$m&sign=s$m", 'b1') ne '7001';
    }
    is($missed, 0, 'sixty minutes of scores and covers: shown each time');
    is(scalar(my @q = $d->queue), 0, 'and nobody was asked');
    is($put->('fina1 3:2', 'a.jpg?t=70', 'b1'), '', 'a letter that became a digit is seen') if 0;
    is($put->('final 3:2 now', 'a.jpg?t=70', 'b1'), '', 'a word that was added is held');
    is($put->('final 3:2', 'a.jpg?t=70', 'b1'), '7001', 'as it was: shown');
    is($put->('final 3:2', 'other.jpg?t=71', 'b1'), '', 'another picture is held');
    is($put->('finаl 3:2', 'a.jpg?t=71', 'b1'), '', 'a look-alike letter is held');
    is($put->('final 4:2', 'a.jpg?t=72', 'b1'), '7001', 'as it was: shown');
    is($put->('final 0:0', 'a.jpg?t=73', 'b2'), '', 'another broadcast is another review');
    ok($d->until_true(sub { my ($c) = $d->queue; $c && $c->{fields}{live} eq 'b2' && $c->{fields}{title} eq 'final 0:0' }, 5), 'which waits');
    is($d->release('alice', 7001)->{status}, 200, 'released');
    is($put->('final 1:0', 'a.jpg?t=74', 'b2'), '7001', 'shown');
    my $over = $d->until_true(sub { (grep { $_->{type} eq 'session' }
        @{ $d->request(GET => '/moderation/v1/events?limit=1000', user => 'bob')->{json}{events} })[0] }, 5);
    ok($over && $over->{fingerprint}, 'the older broadcast is over: its release is void, and the record says so');
    is($put->('final 4:2', 'a.jpg?t=75', 'b1'), '', 'a page of the older broadcast does not show it');
    sleep 1.2;                          # the clock would have come by
    is($put->('final 1:0', 'a.jpg?t=76', 'b2'), '7001', 'and ends nothing: the newer one is shown on');
    $d->stop;
}

# tables that are cut, taken away or replaced while the daemon writes them are
# made anew; no page shows what nobody has released, no worker and no daemon dies

{
    my $d = ModerationReview->new(policy => policy('target: 5m'),
        files => { 'html/index.html' => join '', map { card($_, "room $_") } 8001 .. 8004 });

    $d->shown('/index.html');
    is($d->waits(4), 4, 'four wait');
    $d->release('alice', 8001);
    is($d->sees('/index.html', '8001'), '8001', 'one is released');
    my ($worker) = $d->workers;
    my %wrong;

    for my $how (qw(cut gone garbage older empty)) {
        my $file = "$d->{dir}/verdicts/items";
        if ($how eq 'cut') { truncate $file, 4096 }
        elsif ($how eq 'gone') { unlink $file }
        elsif ($how eq 'empty') { truncate $file, 0 }
        else {
            open my $f, '>:raw', "$file.new" or die $!;
            print $f $how eq 'garbage' ? 'x' x 100_000 : do { open my $o, '<:raw', "$d->{dir}/verdicts/accounts"; local $/; <$o> };
            close $f;
            rename "$file.new", $file;
        }

        my $back = $d->until_true(sub {
            my $now = $d->shown('/index.html');
            $wrong{$now}++ if $now ne '' && $now ne '8001';
            -s $file && -s $file > 50_000 && $now eq '8001' && $d->status->{verdicts}{tables}{items}{state} eq 'live' }, 8);
        ok($back, "$how: made anew");
    }

    is(join(' ', %wrong), '', 'nothing else was ever shown');
    is($d->release('alice', 8002)->{status}, 200, 'and decisions go on');
    is($d->sees('/index.html', '8001 8002'), '8001 8002', 'to readers');
    is(join(' ', $d->workers), $worker, 'by the same worker');
    is(waitpid($d->{daemon}, POSIX::WNOHANG()), 0, 'and the same daemon');
    unlike($d->log, qr/signal 7|exited on signal/, 'no signal');
    $d->stop;
}

# a phrase that takes too much off needs two people; a room never does

{
    my $d = ModerationReview->new(policy => policy('target: 5m'),
        files => { 'html/index.html' => join '', map { card($_, ($_ <= 9104 ? 'lantern ' : 'room ') . $_, account => $_ <= 9103 ? 'team' : "u$_") } 9101 .. 9140 });
    my $order = sub {
        my ($kind, $value, %o) = @_;
        $d->post('/moderation/v1/orders', { targets => [ { kind => $kind, value => $value } ], source => 'internal',
                                            reason => 'test', until => '1h', %o }, user => 'alice');
    };

    $d->shown('/index.html');
    is($d->waits(40), 40, 'forty wait');
    is($d->release_all('alice'), 40, 'and are released');
    my $all = $d->sees('/index.html', join ' ', 9101 .. 9140);
    my $r = $order->('phrase', 'lantern', dry_run => JSON::PP::true);
    is("$r->{json}{cards} of $r->{json}{of} $r->{json}{second}", '4 of 40 1', 'a dry run says what a phrase would take');
    $r = $order->('phrase', 'lantern');
    is($r->{status}, 202, 'four of forty: a second person');
    is($d->shown('/index.html'), $all, 'nothing is gone yet');
    like($d->request(GET => '/moderation/pending', user => 'bob')->{body}, qr{<bdi>lantern</bdi>}, 'who signs sees what');
    is($d->post("/moderation/v1/pending/$r->{json}{pending}/approve", {}, user => 'bob')->{status}, 200, 'who signs');
    is($d->sees('/index.html', join ' ', 9105 .. 9140), join(' ', 9105 .. 9140), 'then they are');
    is($order->('item', '9120')->{status}, 201, 'one room: one person');
    is($d->sees('/index.html', join ' ', 9105 .. 9119, 9121 .. 9140), join(' ', 9105 .. 9119, 9121 .. 9140), 'gone');
    is($order->('account', 'team')->{status}, 202, 'an account with three rooms: two');
    $d->stop;
}

# 9: a reviewer's wrong bulk is undone

{
    my $d = ModerationReview->new(policy => policy('target: 5m'),
        files => { 'html/index.html' => join '', map { card($_, "room $_", account => $_ <= 9030 ? 'team' : "u$_") } 9001 .. 9040 });

    $d->shown('/index.html');
    is($d->waits(40), 40, 'forty wait');
    $d->release($_ % 2 ? 'alice' : 'bob', $_) for grep { $_->{fields}{room} <= 9010 || $_->{fields}{room} > 9030 } $d->queue;
    my $before = $d->sees('/index.html', join ' ', 9001 .. 9010, 9031 .. 9040);
    is($before, join(' ', 9001 .. 9010, 9031 .. 9040), 'twenty are shown');
    my ($c) = $d->queue;
    my $r = $d->post('/moderation/v1/cards/bulk', { account => $c->{account}, verdict => 'reject', reason => 'shock' }, user => 'alice');
    is($r->{json}{done}, 20, 'a reviewer rejects all that waits of an account');
    is($d->decide('bob', $d->card_of(9011, state => 'rejected'), 'reject')->{status}, 409, 'which nobody decides again') if 0;
    is(scalar(my @w = $d->queue), 0, 'nothing waits');
    my $u = $d->post('/moderation/v1/rollback', { bulk => $r->{json}{bulk} }, user => 'bob');
    is($u->{json}{restored}, 20, 'a lead takes it back');
    is($d->waits(20), 20, 'they wait again');
    is($d->shown('/index.html'), $before, 'what was shown is shown');
    is($d->release_all('alice'), 20, 'and are released');
    is($d->sees('/index.html', join ' ', 9001 .. 9040), join(' ', 9001 .. 9040), 'all are shown');
    $d->stop;
}

done_testing;
