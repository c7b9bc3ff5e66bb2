# Policies that change while nginx runs: live in seconds on every worker, or
# refused while the last good one stays.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationServer;
use Test::More;
use Time::HiRes qw(sleep time);

my $page = '<ul>' . join('', map { "<li class=card><b>$_</b></li>" }
                         qw(alpha beta gamma delta)) . '</ul>';

sub policy {
    my ($term, $more) = @_;

    return <<"EOF" . ($more || '');
schema: 1
policy: reload
slots:
  - {name: card, type: html, match: li.card, fields: {title: b}}
rules:
  - {id: r.one, rev: 1, label: clickbait, match: {in: [title], terms: [$term]}}
EOF
}

sub without {
    my ($word) = @_;
    (my $p = $page) =~ s{<li class=card><b>$word</b></li>}{};
    return $p;
}

my $server = 'location / { moderation enforce; moderation_policy %%DIR%%/p.yaml check=300ms; }
              location /dir/ { alias %%DIR%%/html/; moderation enforce; moderation_policy %%DIR%%/pol check=300ms; }
              location = /status { moderation_status; }';

sub server {
    my (%o) = @_;

    return ModerationServer->new(
        workers => 2, http => 'moderation_zone zone=m:1m;',
        server => $server,
        files => { 'html/index.html' => $page, 'p.yaml' => policy('alpha'),
                   'pol/a.yaml' => policy('alpha') }, %o);
}

sub body { return $_[0]->get($_[1] || '/index.html')->{body} }

sub everywhere { my ($s, @what) = @_; return $s->everywhere(@what) }

{
    my $s = server();

    is(body($s), without('alpha'), 'the policy of the start serves');

    $s->write('p.yaml', policy('beta'));
    ok(defined $s->until(5, sub { everywhere($s, without('beta')) }),
       'a saved policy is live on all workers');

    # whichever worker answers: the last of them has switched within the
    # check interval

    ok(defined $s->until(4, sub { $s->get('/status')->{body}
                                  =~ /"mapped":true/ }),
       'the image is mapped');
    like($s->get('/status')->{body}, qr{"compiles":1\b},
         'one compile for all workers');

    $s->write('p.yaml', policy('gamma') . "nonsense: 1\n");
    ok(defined $s->until(4, sub { $s->get('/status')->{body}
                                  =~ /unknown key/ }),
       'a refused policy is shown in the status');
    ok(everywhere($s, without('beta')), 'the last good policy stays');
    like($s->log, qr{refused, the last good one stays: \S+p\.yaml:\d+:\d+: },
         'the log says file:line:column');

    my @said = $s->log =~ /refused, the last/g;
    $s->after('p.yaml', looks => 4);
    my @again = $s->log =~ /refused, the last/g;
    is(scalar @again, scalar @said, 'and says it once');

    $s->write('p.yaml', policy('beta') . "\n# the same rules\n");
    ok(defined $s->until(4, sub { $s->get('/status')->{body}
                                  =~ /"refused":null/ }),
       'a good version clears the refusal');

    # deleted, unreadable
    ok($s->after('p.yaml', digests => 1, sub { unlink "$s->{dir}/p.yaml" }), 'it is missed');
    ok(everywhere($s, without('beta')), 'a deleted file: last good stays');

    $s->write('p.yaml', policy('delta'));
    ok(defined $s->until(5, sub { everywhere($s, without('delta')) }),
       'and it comes back');

    # HUP and killed workers
    $s->write('p.yaml', policy('gamma'));
    $s->hup;
    ok(defined $s->until(5, sub { everywhere($s, without('gamma')) }),
       'HUP takes the newest');

    $s->renew(sub { kill 'KILL', $_ for $s->workers });
    $s->write('p.yaml', policy('alpha'));
    ok(defined $s->until(5, sub { everywhere($s, without('alpha')) }),
       'workers killed: the lease is taken over');

    unlike($s->log, qr/\[(alert|emerg|crit)\](?!.*signal 9)/,
           'nothing worse in the log');
}

{
    my $s = server();
    my $dir = "$s->{dir}/pol";

    is(body($s, '/dir/index.html'), without('alpha'), 'a folder');

    # an editor's temporary files and half-written states
    $s->after('pol', digests => 1, sub {
        open my $f, '>', "$dir/.b.yaml.swp"; print $f "x: [\n"; close $f;
        open $f, '>', "$dir/b.yaml~"; print $f "x: [\n"; close $f });
    unlike($s->log, qr/refused/, 'temporary files of editors are no policy');

    $s->write('pol/lists/w.txt', "beta\n");
    $s->write('pol/a.yaml', <<'EOF');
schema: 1
policy: reload
slots:
  - {name: card, type: html, match: li.card, fields: {title: b}}
rules:
  - {id: r.one, rev: 2, label: clickbait, match: {in: [title], groups: {w: {list: lists/w.txt}}}}
EOF
    ok(defined $s->until(5, sub { everywhere($s, without('beta'),
                                             '/dir/index.html') }),
       'a list is read with the policy');

    $s->write('pol/lists/w.txt', "gamma\n");
    ok(defined $s->until(5, sub { everywhere($s, without('gamma'),
                                             '/dir/index.html') }),
       'a changed list is a changed policy');
}

{
    my $s = server(http => '');

    is(body($s), without('alpha'), 'without a zone');
    $s->write('p.yaml', policy('beta'));
    ok(defined $s->until(5, sub { everywhere($s, without('beta')) }),
       'without a zone every worker finds out by itself');
}

{
    my $s = server(workers => 1, master_process => 'off');

    is(body($s), without('alpha'), 'master_process off');
    $s->write('p.yaml', policy('beta'));
    ok(defined $s->until(5, sub { everywhere($s, without('beta')) }),
       'reloads with master_process off');
}

{
    # a symlink swap as config maps do
    my $s = ModerationServer->new(
        workers => 2, http => 'moderation_zone zone=m:1m;',
        server => 'location / { moderation enforce; moderation_policy %%DIR%%/live check=300ms; }',
        files => { 'html/index.html' => $page,
                   'v1/a.yaml' => policy('alpha'),
                   'v2/a.yaml' => policy('beta') }, no_start => 1);

    symlink "$s->{dir}/v1", "$s->{dir}/live";
    my ($rc, $out) = $s->run_nginx();
    is($rc, 0, 'starts') or diag $out;
    $s->wait_up;
    is(body($s), without('alpha'), 'through a symlink');

    symlink "$s->{dir}/v2", "$s->{dir}/live.new";
    rename "$s->{dir}/live.new", "$s->{dir}/live";
    ok(defined $s->until(5, sub { everywhere($s, without('beta')) }),
       'a swapped symlink is a new policy');
}

{
    # the saved image at start
    my $s = server();
    my @img = glob "$s->{dir}/images/*.img";

    ok(scalar @img >= 1, 'the start saves images');
    $s->stop;

    chmod 0666, $_ for @img;
    my ($rc, $out) = $s->run_nginx('-t');
    is($rc, 0, 'an image that others can write is not used');
    like($out, qr/saved image not used/, 'and that is said');

    chmod 0644, $_ for @img;
    open my $f, '+<', $img[0]; seek $f, 200, 0; print $f 'garbage' x 20;
    close $f;
    ($rc, $out) = $s->run_nginx('-t');
    is($rc, 0, 'a damaged image is refused and the YAML is read');
}

{
    # kill switch
    my $s = ModerationServer->new(
        workers => 2, http => 'moderation_zone zone=m:1m;',
        server => 'location / { moderation enforce; moderation_policy %%DIR%%/p.yaml check=300ms kill=%%DIR%%/kill; }',
        files => { 'html/index.html' => $page, 'p.yaml' => policy('alpha') });

    is(body($s), without('alpha'), 'enforced');

    for my $line ('all', 'label clickbait', 'rule r.one') {
        $s->write('kill', "# stop\n$line\n");
        ok(defined $s->until(3, sub { everywhere($s, $page) }),
           "kill switch: $line");
        unlink "$s->{dir}/kill";
        ok(defined $s->until(3, sub { everywhere($s, without('alpha')) }),
           'and back');
    }
}

done_testing();
