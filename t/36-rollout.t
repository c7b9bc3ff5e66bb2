# What of a policy acts where and when: roll-out by share of items, status,
# mode, expiry, and the kill switch at its three levels.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationServer;
use Test::More;
use Time::HiRes qw(sleep time);

sub slots {
    return "schema: 1\npolicy: rollout\nslots:\n"
           . "  - {name: card, type: html, match: li.card, "
           . "fields: {title: b, room: \"\@data-room\"}}\nrules:\n";
}

sub rule {
    my ($id, $term, %o) = @_;
    my $rev = delete $o{rev} || 1;
    my $label = delete $o{label} || 'clickbait';

    return "  - {id: $id, rev: $rev, label: $label, "
           . join('', map { "$_: $o{$_}, " } sort keys %o)
           . "match: {in: [title], terms: [$term]}}\n";
}

sub server {
    my (%o) = @_;

    return ModerationServer->new(
        workers => 2, http => 'moderation_zone zone=m:1m;',
        server => 'location = /status { moderation_status; }
            location / { moderation enforce;
                moderation_policy %%DIR%%/p.yaml check=400ms kill=%%DIR%%/kill; }',
        %o);
}

sub cards {
    my ($word, @rooms) = @_;
    return '<ul>' . join('', map {
        "<li class=card data-room=\"$_\"><b>$word $_</b></li>" } @rooms)
        . '</ul>';
}

# the rooms that are shown
sub shown { my ($html) = @_; return join ' ', $html =~ /data-room="(\w*)"/g }

sub counted {
    my ($s, $rule, $mode) = @_;
    my ($c) = grep { $_->{rule} eq $rule && $_->{mode} eq $mode }
              @{ $s->status->{rules} };
    return $c ? $c->{items} : 0;
}


# roll-out

{
    my @rooms = map { sprintf 'r%04d', $_ } 1 .. 2000;
    my $s = server(files => {
        'html/a.html' => cards('alpha', @rooms),
        'html/back.html' => cards('alpha', reverse @rooms),
        'html/b.html' => cards('beta', @rooms),
        'html/none.html' => '<ul>' . '<li class=card><b>alpha</b></li>' x 50
                            . '</ul>',
        'p.yaml' => slots() . rule('r.a', 'alpha', rollout => 25)
                    . rule('r.b', 'beta', rollout => 25) });

    my %a = map { $_ => 1 } split / /, shown($s->get('/a.html')->{body});
    my $gone = @rooms - keys %a;

    # 2000 items, p = 1/4: five standard deviations are 97

    cmp_ok(abs($gone - 500), '<', 97, "a quarter of the items: $gone of 2000");
    is(counted($s, 'r.a', 'enforce'), $gone, 'the others are counted');
    is(counted($s, 'r.a', 'shadow'), 2000 - $gone, 'in shadow');

    my $same = 1;
    for (1 .. 4) {
        $same = 0 if shown($s->get('/a.html')->{body})
                     ne join ' ', grep { $a{$_} } @rooms;
    }
    ok($same, 'the same items every time, in every worker');
    is(shown($s->get('/back.html')->{body}),
       join(' ', grep { $a{$_} } reverse @rooms), 'on every page');

    my %b = map { $_ => 1 } split / /, shown($s->get('/b.html')->{body});
    my $both = grep { !$a{$_} && !$b{$_} } @rooms;

    # independent choices: 1/16 of all in both, five deviations are 54

    cmp_ok(abs($both - 125), '<', 54,
           "another rule has another quarter: $both in both");

    is(scalar(() = $s->get('/none.html')->{body} =~ /<li/g), 50,
       'items without an id are outside');

    # growing: who was in stays in

    $s->write('p.yaml', slots() . rule('r.a', 'alpha', rollout => 60)
                        . rule('r.b', 'beta', rollout => 25));
    ok(defined $s->until(4, sub { $s->policy('p.yaml')->{reloads} == 1
        && 2 == grep { $_->{generation} == 2 }
                @{ $s->policy('p.yaml')->{workers} } }), '60 per cent');
    my @more = split / /, shown($s->get('/a.html')->{body});
    cmp_ok(abs(@rooms - @more - 1200), '<', 110, 'are 60 per cent');
    is(scalar(grep { !$a{$_} } @more), 0, 'who was in is in');

    $s->write('p.yaml', slots() . rule('r.a', 'alpha', rollout => 100));
    ok(defined $s->until(4, sub {
        $s->everywhere('<ul></ul>', '/a.html') }), 'all');
    $s->write('p.yaml', slots() . rule('r.a', 'alpha', rollout => 0));
    ok(defined $s->until(4, sub {
        $s->everywhere(cards('alpha', @rooms), '/a.html') }), 'none');
}

# status, mode, expiry

{
    ModerationTest::within_a_day(120);          # what expires today is of today

    my @today = gmtime;
    my @old = gmtime(time - 86400);
    my $today = sprintf '%04d-%02d-%02d', $today[5] + 1900, $today[4] + 1,
                        $today[3];
    my $yesterday = sprintf '%04d-%02d-%02d', $old[5] + 1900, $old[4] + 1,
                            $old[3];
    my %rules = (draft => { status => 'draft', mode => 'shadow' },
                 test => { status => 'test' },
                 stable => { status => 'stable' },
                 deprecated => { status => 'deprecated' },
                 shadow => { mode => 'shadow' },
                 off => { mode => 'off' },
                 today => { expires => $today },
                 yesterday => { expires => $yesterday });
    my %acts = (draft => 'shadow', test => 'enforce', stable => 'enforce',
                deprecated => 'enforce', shadow => 'shadow', off => '',
                today => 'enforce', yesterday => 'shadow');

    my $s = server(files => {
        'html/a.html' => '<ul>' . join('', map {
            "<li class=card><b>word$_</b></li>" } sort keys %rules) . '</ul>',
        'p.yaml' => slots() . join '', map {
            rule("r.$_", "word$_", %{ $rules{$_} }) } sort keys %rules });

    my $body = $s->get('/a.html')->{body};

    for my $name (sort keys %rules) {
        my $gone = $body !~ /word$name</;
        is($gone ? 1 : 0, $acts{$name} eq 'enforce' ? 1 : 0,
           "$name: " . ($acts{$name} || 'nothing'));
        is(counted($s, "r.$name", $acts{$name} || 'enforce'),
           $acts{$name} ? 1 : 0, "$name: counted so");
    }

    like($s->{start_output} . $s->log,
         qr/rule "r.yesterday" has expired and runs in shadow/,
         'a start warns of rules that have expired');
    is_deeply($s->policy('p.yaml')->{in_shadow},
              [{ rule => 'r.yesterday', rev => 1, why => 'expired' }],
              'the status names them');

    # a reload says it again, and of the new one

    $s->write('p.yaml', slots() . rule('r.later', 'wordtoday',
                                       expires => '2001-02-03')
                        . rule('r.yesterday', 'wordyesterday',
                               expires => $yesterday));
    ok(defined $s->until(4, sub { $s->log =~ /is live/ }), 'a reload');
    like($s->log, qr/\[warn\].*rule "r.later" has expired and runs in shadow/,
         'warns, too');
}

# the kill switch

{
    my %cards = (one => 'clickbait', two => 'clickbait', three => 'gambling');
    my $page = '<ul>' . join('', map { "<li class=card><b>$_</b></li>" }
                             qw(one two three four)) . '</ul>';
    my $text = slots() . join '', map {
        rule("r.$_", $_, label => $cards{$_}) } sort keys %cards;
    my $s = server(files => { 'html/index.html' => $page,
                              'p.yaml' => $text });
    my $left = sub {
        my %keep = map { $_ => 1 } 'four', @_;
        my $p = $page;
        $p =~ s{<li class=card><b>(\w+)</b></li>}{$keep{$1} ? $& : ''}ge;
        return $p;
    };
    my $is = sub {
        my ($what, @stay) = @_;
        ok(defined $s->until(3, sub { $s->everywhere($left->(@stay)) }), $what);
    };

    ok($s->everywhere($left->()), 'all rules act');

    $s->write('kill', "# night shift, 3 a.m.\n\n  rule r.one  \n");
    $is->('one rule', 'one');
    is_deeply($s->policy('p.yaml')->{in_shadow},
              [{ rule => 'r.one', rev => 1, why => 'kill' }],
              'the status says so');
    ok(defined $s->until(3, sub { $s->log =~
        /\[warn\].*kill file ".*kill" holds back 1 of 3 rules/ }), 'the log says so');
    is(scalar(() = $s->log =~ /holds back/g), 1, 'one worker says it');

    $s->write('kill', "label clickbait\n");
    $is->('a label', 'one', 'two');
    $s->write('kill', "label gambling\r\nrule r.two\r\n");
    $is->('both', 'two', 'three');
    $s->write('kill', "all\n");
    $is->('all', 'one', 'two', 'three');
    cmp_ok(counted($s, 'r.one', 'shadow'), '>', 0, 'hits are counted on');

    # it holds for what is loaded later, and for workers that are started

    $s->write('p.yaml', "$text# another version\n");
    ok(defined $s->until(4, sub { $s->policy('p.yaml')->{reloads} == 1 }),
       'a new version');
    ok($s->everywhere($page), 'is held back as well');
    $s->renew(sub { kill 'KILL', $s->workers });
    ok($s->everywhere($page), 'by new workers, too');
    $s->renew(sub { $s->hup });
    ok($s->everywhere($page), 'and behind a HUP');

    # mistakes

    $s->write('kill', "\xef\xbb\xbfRule: R.TWO  # until Monday\r\n# rule r.one\n");
    $is->('a mark of the byte order, any case, a colon, a comment', 'two');

    $s->write('kill', "rule r.ane\nrule r.one\nwhatever\n");
    $is->('the lines that can be read count', 'one');
    ok(defined $s->until(3, sub { $s->log =~
        /\[error\].*kill:1: no such rule or label \(did you mean "r\.one"\?\)/ }),
         'no such rule, and which is meant');
    ok(defined $s->until(3, sub { $s->log =~
        /\[error\].*kill:3: "all", "label NAME" or "rule ID" expected/ }),
         'no such word');
  SKIP: {
        skip 'root only', 2 if $> != 0;
        chmod 0600, "$s->{dir}/kill";
        ok(defined $s->until(3, sub {
            $s->log =~ /what it held back stays so/ }),
           'a kill file that cannot be read: an error');
        ok($s->everywhere($left->('one')), 'and what it held back stays so');
    }

    unlink "$s->{dir}/kill";
    $is->('without the file all act');
    is(scalar(() = $s->log =~ /kill:3: /g), 1, 'a mistake was said once');
    $s->write('kill', '');
    ok($s->everywhere($left->()), 'an empty file holds nothing back');
}

# a page that is half sent

{
    my $upstream = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1')
                   or die "listen: $!";
    my $s = server(workers => 1, files => { 'html/short.html' => '<li class=card><b>alpha</b></li>',
                              'p.yaml' => slots() . rule('r', 'alpha') },
        server => 'moderation enforce; moderation_policy %%DIR%%/p.yaml check=400ms
            kill=%%DIR%%/kill; location / { }
            location = /long.html { proxy_buffering off; proxy_pass http://127.0.0.1:'
            . $upstream->sockport . '; }');
    my $c = $s->open_page('/long.html');
    my $got = '';
    my $up = $upstream->accept or die "accept: $!";

    syswrite $up, "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n"
                  . '<ul><li class=card><b>plain</b></li>';
    $s->until(30, sub { sysread($c, $got, 4096, length $got); $got =~ /plain/ });
    $s->write('kill', "all\n");
    $s->until(30, sub { $s->get('/short.html')->{body} =~ /alpha/ });
    syswrite $up, '<li class=card><b>alpha</b></li></ul>';
    close $up;

    while (sysread $c, my $buf, 4096) {
        $got .= $buf;
    }
    like($got, qr/alpha/, 'a switch holds for pages that are half sent');
}

done_testing();
