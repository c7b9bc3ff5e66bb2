# Memory of a worker: bounded, whatever the length of the body, the shape of
# the page and the speed of the reader.  MODERATION_MB says how long the
# bodies are, 200 by default.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Time::HiRes qw(sleep time);
use ModerationTest::Server;

my $mb = $ENV{MODERATION_MB} || 200;

# 200 bytes a card: a million of them in 200 MB

my $card = sub {
    my $s = '<li><a href="/room/' . $_[0] . '"><b>' . $_[1] . '</b></a>';
    return $s . 'z' x (194 - length $s) . "</li>\n";
};

my $cards = join '', map {
    $card->($_, $_ % 10 == 3 ? 'blockword' : $_ % 10 == 7 ? 'maskword'
                : "number $_")
} 1000 .. 1999;

start_upstream(sub {
    my ($s, $path) = @_;

    my $block = $cards;
    my $open = '<ul class="cards">';

    if ($path =~ /open/) {

        # a card that never closes, with a field that never comes

        $open .= '<li><i>';
        $block = 'w' x 200000;

    } elsif ($path =~ /tags/) {

        # no end tag of anything

        $block = '<li><i><a href=/x>' x 10000;

    } elsif ($path =~ /attr/) {
        $open .= '<li title="';
        $block = 'v' x 200000;

    } elsif ($path =~ /text/) {
        $block = 't' x 200000;
    }

    my $n = $path =~ /small/ ? 5 : $mb * 1000000 / length $block;

    spew($s, "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n$open");

    for (1 .. $n) {
        spew($s, $block) or last;
    }
});

start_nginx(http => <<'EOF');
    moderation_policy %%POLICY%%;
    moderation enforce;
    proxy_max_temp_file_size 0;

    server { listen %%PORT%%;
        location / { proxy_pass http://127.0.0.1:%%UP%%; }
        location /nb/ { proxy_buffering off;
            proxy_pass http://127.0.0.1:%%UP%%/; }
        location /shadow/ { moderation shadow;
            proxy_pass http://127.0.0.1:%%UP%%/; }
        location /block/ { moderation_on_error block;
            proxy_pass http://127.0.0.1:%%UP%%/; }
    }
EOF

my $pid = worker_pid();

# kB that a worker grows while a body flows, and the bytes that came

sub flow {
    my ($path, $slow) = @_;

    my $s = http_open("GET $path HTTP/1.1\r\nHost: localhost\r\n"
                      . "Connection: close\r\n\r\n",
                      $slow ? (rcvbuf => 1 << 18) : ());
    my ($n, $max, $i, $tail) = (0, 0, 0, '');

    for ( ;; ) {
        if ($slow && $i < 100) {
            sleep 0.02;
        }

        my $got = sysread $s, my $buf, $slow && $i < 100 ? 8192 : 1 << 17;
        last unless $got;

        $n += $got;
        $tail = substr $tail . $buf, -16;

        if ($i++ % 50 == 0) {
            my $r = rss($pid);
            $max = $r if $r > $max;
        }
    }

    my $r = rss($pid);
    $max = $r if $r > $max;

    return ($n, $max, $tail =~ /\r\n0\r\n\r\n$/);
}

# all of the code and of the pools' first pages is there before it is measured

for my $path ('cards-small', 'open-small', 'text-small', 'tags-small',
              'attr-small')
{
    flow("/$path");
    flow("/nb/$path");
    flow("/shadow/$path");
}

my $removed = 0.1 * 200 / 200;

for my $t (['/cards', 0, 'cards'],
           ['/nb/cards', 0, 'cards, unbuffered'],
           ['/cards', 1, 'cards, slow reader'],
           ['/nb/cards', 1, 'cards, unbuffered, slow reader'],
           ['/shadow/cards', 0, 'cards, shadow'],
           ['/open', 0, 'a card that never closes'],
           ['/block/open', 0, 'a card that never closes, on_error block'],
           ['/tags', 0, 'no end tags'],
           ['/attr', 0, 'an attribute that never ends'],
           ['/text', 0, 'text'])
{
    my ($path, $slow, $name) = @$t;

    my $before = rss($pid);
    my $time = time;
    my ($n, $max, $whole) = flow($path, $slow);
    my $seconds = time - $time;

    my $least = $path =~ /block/ ? 0 : $path =~ /shadow|open|text/
                ? 0.99 * $mb : 0.5 * $mb;

    cmp_ok($max - $before, '<', 1024, "$name: grows by less than 1 MB");
    cmp_ok($n / 1e6, '>', $least, "$name: the body came");
    ok($whole, "$name: to its end");
    note(sprintf '%s: %d MB in %.1f s, %+d kB', $name, $n / 1e6, $seconds,
         $max - $before);
}

start_log();
done_testing();
