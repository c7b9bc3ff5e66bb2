# Answers that are not as they should be: informational ones, digests and
# hashes of a body that changes, flushes before the charset is known, cuts;
# and what the variables say of what was not read or would have been done.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use IO::Select;
use JSON::PP;
use Test::More;
use Time::HiRes qw(sleep time);
use ModerationTest::Server;

my $page = '<ul class="cards"><li><b>blockword</b></li><li><b>ok</b></li></ul>';
my $clean = '<ul class="cards"><li><b>ok</b></li></ul>';
my $all = '<ul class="cards"><li><b>blockword</b></li><li><b>maskword</b></li>'
          . '<li><b>tagword</b></li><li><b>holdword</b></li>'
          . '<li><b>fine</b></li></ul>';
my $state = '<script>window.__STATE__={"rooms":[{"title":"blockword"},'
            . '{"title":"ok"}]}</script>';
my $digests = "Content-MD5: a\r\nDigest: sha-256=a\r\n"
              . "Repr-Digest: sha-256=:a:\r\ncontent-digest: sha-256=:a:\r\n"
              . "X-Digest: stays\r\n";
my $log = "$ModerationTest::Server::root/closed.log";

start_upstream(sub {
    my ($s, $path) = @_;

    my $ok = "HTTP/1.1 200 OK\r\nConnection: close\r\n"
             . "Content-Type: text/html\r\n";

    if ($path =~ /hints/) {
        spew($s, "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"
                 . "$ok\r\n$page");

    } elsif ($path =~ /digest/) {
        spew($s, "$ok$digests\r\n$page");

    } elsif ($path =~ /meta/) {
        my $meta = $path =~ /other/ ? '<meta http-equiv="refresh" content="9">'
            : '<meta http-equiv=Content-Security-Policy '
              . 'content="script-src \'sha256-YWJj\'">';
        my $s2 = $state;
        $s2 =~ s/<script>/<script type="application\/json" id="data">/
            if $path =~ /data/;
        $s2 =~ s/window.__STATE__=// if $path =~ /data/;
        spew($s, "$ok\r\n<head>$meta$s2</head>");

    } elsif ($path =~ /csp/) {
        my $policy = $path =~ /nonce/ ? "script-src 'nonce-a'"
                                      : "script-src 'self' 'sha256-YWJj'";
        my $field = $path =~ /report/ ? 'content-security-policy-report-only'
                                      : 'Content-Security-Policy';
        my $before = $path =~ /lines/
            ? "$field: default-src 'self'\r\n$field: img-src *\r\n" : '';
        $policy =~ s/sha256/SHA512/ if $path =~ /lines/;
        spew($s, "$ok$before$field: $policy\r\n\r\n"
                 . ($path =~ /clean/ ? $clean : $state));

    } elsif ($path =~ /slow/) {
        my $type = $path =~ /json/ ? 'application/json' : 'text/html';
        my $first = $path =~ /json/ ? '[{"title":"第一"},'
                    : $path =~ /blank/ ? " \n"
                    : '<ul class="cards"><li><b>第一</b></li>';
        my $rest = $path =~ /json/ ? '{"title":"blockword"}]'
                   : $path =~ /blank/ ? $page : '<li><b>blockword</b></li></ul>';

        spew($s, "HTTP/1.1 200 OK\r\nConnection: close\r\n"
                 . "X-Accel-Buffering: no\r\nContent-Type: $type\r\n\r\n"
                 . $first);

        # the rest once the reader has the first

        $path =~ /blank/ ? IO::Select->new($s)->can_read(0.3)
                         : held($path =~ s{.*/}{}r);
        spew($s, $rest);

    } elsif ($path =~ /endless/) {
        my $end = time + 60 * $ModerationTest::slow;
        my $closed = 0;
        spew($s, "HTTP/1.1 200 OK\r\nConnection: close\r\n"
                 . "Content-Type: application/json\r\n\r\n"
                 . '[{"title":"ok"},nonsense ');

        while (!$closed && time < $end) {
            $closed = !defined syswrite $s, ' xx' x 100;
            sleep 0.05;
        }

        open my $f, '>>', $log;
        print $f "$path $closed\n";
        close $f;

    } elsif ($path =~ /silent/) {
        spew($s, "HTTP/1.1 200 OK\r\nConnection: close\r\n"
                 . "X-Accel-Buffering: no\r\n"
                 . "Content-Type: application/json\r\n\r\n"
                 . '[{"title":"ok"},nonsense ');
        my $closed = IO::Select->new($s)->can_read(60 * $ModerationTest::slow)
                     ? 1 : 0;
        open my $f, '>>', $log;
        print $f "$path $closed\n";
        close $f;

    } elsif ($path =~ /image/) {
        spew($s, "HTTP/1.1 200 OK\r\nConnection: close\r\n"
                 . "Content-Type: image/png\r\n\r\nPNG");

    } elsif ($path =~ /nothing/) {
        spew($s, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");

    } elsif ($path =~ /upgrade/) {
        spew($s, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n"
                 . "Connection: Upgrade\r\n\r\nhello");

    } else {
        spew($s, "$ok\r\n" . ($path =~ /none/ ? '<p>' : $all));
    }
});

write_file("$ModerationTest::build/t/19-answers.yaml", <<'EOF');
schema: 1
policy: answers
slots:
  - {name: card, type: html, match: ".cards > li", fields: {title: b}}
  - {name: feed, type: json, match: "$[*]", fields: {title: "$.title"}}
  - {name: state, type: script, script: window.__STATE__,
     match: "$.rooms[*]", fields: {title: "$.title"}}
  - {name: data, type: script, script: "script#data",
     match: "$.rooms[*]", fields: {title: "$.title"}}
rules:
  - {id: r.block, label: rumor, match: {in: [title], terms: [blockword]}}
  - {id: r.mask, label: rumor, action: mask, match: {in: [title], terms: [maskword]}}
  - {id: r.tag, label: rumor, action: tag, match: {in: [title], terms: [tagword]}}
  - {id: r.hold, label: rumor, suggestion: review, action: hold,
     match: {in: [title], terms: [holdword]}}
EOF

start_nginx(http => <<"EOF");
    moderation_policy $ModerationTest::build/t/19-answers.yaml;
    moderation_zone zone=m:1m;
    moderation enforce;
    proxy_http_version 1.1;

    log_format m '\$uri|\$moderation_skip|\$moderation_error|\$moderation_suggestion|\$moderation_action|\$moderation_removed|\$moderation_would_action|\$moderation_would_removed|\$moderation_would_held|\$moderation_would_masked|\$moderation_would_tagged';

    server { listen %%PORT%%;
        access_log %%ROOT%%/logs/m.log m;
        location / { proxy_pass http://127.0.0.1:%%UP%%; }
        location /block/ { moderation_on_error block;
            proxy_pass http://127.0.0.1:%%UP%%; }
        location /shadow/ { moderation shadow;
            proxy_pass http://127.0.0.1:%%UP%%; }
        location /trailer/ { add_trailer Repr-Digest sha-256=:a:;
            add_trailer X-Kept 1; proxy_pass http://127.0.0.1:%%UP%%; }
        location /off/ { moderation off; proxy_pass http://127.0.0.1:%%UP%%; }
        location /upgrade { proxy_set_header Upgrade \$http_upgrade;
            proxy_set_header Connection upgrade;
            proxy_pass http://127.0.0.1:%%UP%%; }
        location = /status { moderation off; access_log off;
            moderation_status; }
    }
EOF

sub said {
    my ($uri) = @_;

    for (1 .. 1800) {
        my @l = grep { /^\Q$uri\E\|/ }
                split /\n/, read_file("$ModerationTest::Server::root/logs/m.log");
        return substr $l[-1], length($uri) + 1 if @l;
        sleep 0.05;
    }

    return '';
}


# informational answers

my @r = http('/hints');
is($r[0], 502, 'a 103 where the answer should be is refused');
unlike($r[1] . $r[2], qr/blockword/, 'what stands behind it does not leave');
like(said('/hints'), qr/^unreadable\|status\|/, 'and is counted');
like(http_raw("GET /shadow/hints HTTP/1.0\r\n\r\n"), qr/blockword/,
     'shadow changes nothing');
like(said('/shadow/hints'), qr/^unreadable\|status\|/, 'but counts');

my $up = http_raw("GET /upgrade HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\n"
                  . "Connection: Upgrade\r\n\r\n", timeout => 90);
like($up, qr/^HTTP\/1.1 101 .*hello$/s, 'an upgrade that was asked for');
like(said('/upgrade'), qr/^upgrade\|-\|/, 'is not read');
$up = http_raw("GET /x/upgrade HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
               . "\r\n", timeout => 90);
like($up, qr/^HTTP\/1.1 502 /, 'an upgrade that nobody has asked for');


# fields that speak of the body

@r = http('/digest');
is($r[2], $clean, 'the page is edited');
unlike($r[1], qr/^(Content-MD5|Digest|Repr-Digest|Content-Digest):/mi,
       'digests of the body before the edit are gone');
like($r[1], qr/^X-Digest: stays/m, 'other fields are not');
@r = http('/shadow/digest');
is(() = $r[1] =~ /^(?:Content-MD5|Digest|Repr-Digest|Content-Digest):/mig, 4,
   'shadow: all four');

my $raw = http_raw("GET /trailer/page HTTP/1.1\r\nHost: a\r\nTE: trailers\r\n"
                   . "Connection: close\r\n\r\n", timeout => 90);
like($raw, qr/\r\n0\r\nX-Kept: 1\r\n\r\n$/, 'a digest in the trailer falls, too');

@r = http('/csp');
unlike($r[2], qr/blockword/, 'a script under a hash is edited');
like(said('/csp'), qr/^-\|csp_hash\|/, 'and counted');
for my $path ('/csp/lines', '/csp/report', '/csp/report/lines') {
    http($path);
    like(said($path), qr/^-\|csp_hash\|/, "$path: counted");
}
http('/csp/report/clean');
like(said('/csp/report/clean'), qr/^-\|-\|/, 'a clean page is not');
http('/csp/nonce');
like(said('/csp/nonce'), qr/^-\|-\|/, 'a nonce allows it as before');
http('/csp/clean');
like(said('/csp/clean'), qr/^-\|-\|/, 'nothing edited, nothing counted');
@r = http('/meta');
unlike($r[2], qr/blockword/, 'hashes in a meta: the script is edited');
like(said('/meta'), qr/^-\|csp_hash\|/, 'and counted');
http('/meta/other');
like(said('/meta/other'), qr/^-\|-\|/, 'another meta');
@r = http('/meta/data');
unlike($r[2], qr/blockword/, 'a script that is data is edited');
like(said('/meta/data'), qr/^-\|-\|/, 'and runs as before');


# a flush before the charset is known

for my $kind ('html', 'json') {
    my $s = http_open("GET /slow/$kind HTTP/1.1\r\nHost: a\r\n"
                      . "Connection: close\r\n\r\n");
    my $got = http_read($s, 30, qr/第一/);

    like($got, qr/第一/, "$kind: flushed bytes do not wait");
    go_on($kind);
    $got .= http_read($s, 90);
    unlike($got, qr/blockword/, "$kind: what follows is decided");
}

@r = http('/slow/blank');
is($r[2], " \n$clean", 'white space alone says nothing yet');


# a cut closes both sides

for my $path ('/block/endless', '/block/silent') {
    @r = http($path);

    ok(!$r[3], "$path: the client is closed, without an end");
    like($r[2], qr/^\[\{"title":"ok"\}/, "$path: what was settled is there");

    my $closed;

    for (1 .. 900) {
        ($closed) = -e $log ? read_file($log) =~ /^\Q$path\E (\d)$/m : ();
        last if defined $closed;
        sleep 0.1;
    }

    ok($closed, "$path: so is the upstream, which had more to say");
}

is((http('/page'))[0], 200, 'the worker lives');


# what was not read, and what would have been done

my %say = (
    '/off/x' => 'off|-|-|-|-|-|-|-|-|-',
    '/image' => 'type|-|-|-|-|-|-|-|-|-',
    '/nothing' => 'status|-|-|-|-|-|-|-|-|-',
    '/none' => '-|-|-|none|0|none|0|0|0|0',
    '/all' => '-|-|block|block|2|block|2|1|1|1',
    '/shadow/all' => '-|-|block|none|0|block|2|1|1|1',
);

for my $path (sort keys %say) {
    http($path);
    is(said($path), $say{$path}, "$path: variables");
}

http('/image', method => 'HEAD');

my $j = decode_json((http('/status'))[2]);
is($j->{skipped}{off}, 1, 'skipped: off');
is($j->{skipped}{type}, 2, 'skipped: type');
is($j->{skipped}{status}, 1, 'skipped: status');
is($j->{skipped}{upgrade}, 1, 'skipped: upgrade');
is($j->{skipped}{unreadable}, 3, 'skipped: unreadable');
is($j->{errors}{status}, 3, 'errors: status');
is($j->{errors}{csp_hash}, 5, 'errors: csp_hash');
like((http('/status?format=prometheus'))[2],
     qr/^moderation_skipped_total\{why="type"\} 2$/m, 'and as metrics');

start_log();
done_testing();
