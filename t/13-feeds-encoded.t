# Feeds however they are written: pretty, minified, escaped; UTF-8, GB18030
# with four-byte forms, GBK, Big5; gzip or not.  The same items, the same
# decisions; what leaves is JSON to an independent parser, and only the decided
# items differ.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";

use Encode qw(decode encode);
use File::Temp qw(tempfile);
use IO::Compress::Gzip ();
use JSON::PP;
use Test::More;
use ModerationTest::Server;

my $json = JSON::PP->new->canonical;
my $policy = "$ModerationTest::build/t/feeds-encoded.yaml";

write_file($policy, encode('UTF-8', <<'EOT'));
schema: 1
policy: feeds
defaults: {gap: {max: 2, of: [space, punct, symbol]}}
slots:
  - {name: feed, type: json, match: "$.data.list[*]", count: "$.data.total", fields: {title: "$.title", room: "$.id"}}
rules:
  - {id: f.block, label: rumor, match: {in: [title], terms: [震惊]}}
  - {id: f.mask, label: rumor, action: mask, match: {in: [title], terms: [微信]}}
  - {id: f.tag, label: clickbait, action: tag, suggestion: review, match: {in: [title], terms: [必看]}}
EOT

# iconv of the C library: Perl's own tables have no four-byte forms

sub iconv {
    my ($from, $to, $bytes) = @_;
    my ($f, $name) = tempfile(UNLINK => 1);
    binmode $f;
    print $f $bytes;
    close $f;
    my $out = `iconv -f $from -t $to $name`;
    die "iconv $from $to" if $?;
    return $out;
}

my %titles = (
    'utf-8' => ['一號', '震驚', '加微信吧', '必看', '震★惊', '"震"惊', '𠮷😀末號'],
    gb18030 => ['一號', '震驚', '加微信吧', '必看', '震★惊', '"震"惊', '𠮷😀末號'],
    gbk     => ['一號', '震驚', '加微信吧', '必看', '震★惊', '"震"惊', '末號'],
    big5    => ['一號', '震驚', '加微信吧', '必看', '震★驚', '"震"驚', '末號'],
);

sub document {
    my ($charset) = @_;
    my $t = $titles{$charset};
    return { data => { list => [ map { { id => $_ + 1, title => $t->[$_],
                                         tags => [1.50, { x => undef }] } }
                                 0 .. $#$t ], total => scalar @$t },
             code => 0 };
}

# what must leave, by hand

sub wanted {
    my ($doc) = @_;
    my $w = $json->decode($json->encode($doc));
    my $list = $w->{data}{list};

    @$list = grep { $_->{title} !~ /^震★?[惊驚]$/ } @$list;
    @$list = grep { $_->{title} !~ /^"震"[惊驚]$/ } @$list;
    for (@$list) {
        $_->{title} =~ s/微信/＊＊/;
        $_->{moderation} = { suggestion => 'review', label => 'clickbait',
                             rule => 'f.tag' } if $_->{title} eq '必看';
    }
    $w->{data}{total} = scalar @$list;
    return $w;
}

my %form = (
    minified => sub { $json->encode($_[0]) },
    pretty => sub { JSON::PP->new->canonical->pretty->encode($_[0]) },
    escaped => sub { JSON::PP->new->canonical->ascii->encode($_[0]) },
);

my (%body, %charset);

for my $charset (keys %titles) {
    my $doc = document($charset);

    for my $form (keys %form) {
        my $bytes = encode('UTF-8', $form{$form}->($doc));
        my $name = "$charset-$form";
        $name =~ s/utf-8/utf8/;

        $bytes = iconv('utf-8', $charset, $bytes) if $charset ne 'utf-8';
        $body{$name} = $bytes;
        $charset{$name} = $charset;
        IO::Compress::Gzip::gzip(\$bytes => \$body{"$name-gzip"});
        $charset{"$name-gzip"} = $charset;
    }
}

start_upstream(sub {
    my ($s, $path, $head) = @_;
    my ($size, $what) = $path =~ m{/(\d+)/([\w-]+)$};
    my $data = $body{$what};

    spew($s, "HTTP/1.0 200 OK\r\nContent-Type: application/json; "
             . "charset=$charset{$what}\r\n"
             . ($what =~ /gzip/ ? "Content-Encoding: gzip\r\n" : '')
             . "Content-Length: " . length($data) . "\r\n\r\n");

    for (my $i = 0; $i < length $data; $i += $size) {
        spew($s, substr $data, $i, $size) or last;
    }
});

start_nginx(http => <<"EOT");
    moderation_policy $policy;
    log_format m '\$uri \$moderation_items \$moderation_removed \$moderation_masked';

    server { listen %%PORT%%;
        access_log %%ROOT%%/logs/feeds.log m;
        location /on/ { moderation enforce; proxy_buffering off;
            proxy_buffer_size 1k; proxy_pass http://127.0.0.1:%%UP%%/; }
        location /again/ { moderation enforce; gzip on; gzip_types *;
            gzip_min_length 1; proxy_pass http://127.0.0.1:%%UP%%/; }
        location /shadow/ { moderation shadow;
            proxy_pass http://127.0.0.1:%%UP%%/; }
    }
EOT

sub utf8_of {
    my ($name, $bytes) = @_;
    my $c = $charset{$name};
    return decode('UTF-8', $c eq 'utf-8' ? $bytes
                                         : iconv($c, 'utf-8', $bytes));
}

for my $name (sort keys %body) {
    my $want = wanted(document($charset{$name}));

    for my $size (1, 5, 4096) {
        my @r = http("/on/$size/$name", timeout => 90);

        is_deeply(eval { $json->decode(utf8_of($name, $r[2])) } || $r[2],
                  $want, "$name in pieces of $size");
        unlike($r[1], qr/content-encoding/i, "$name: leaves as plain");
        like($r[1], qr/charset=\Q$charset{$name}\E/i,
             "$name: in its charset");
    }

    my @r = http("/shadow/4096/$name", timeout => 90);
    is($r[2], $body{$name}, "$name: shadow leaves the bytes");
    is(($r[1] =~ /content-encoding: gzip/i ? 1 : 0),
       ($name =~ /gzip/ ? 1 : 0), "$name: and their encoding");
}

# only the decided elements differ: all others are there, byte for byte

for my $name (grep { !/gzip/ } sort keys %body) {
    my $out = (http("/on/4096/$name", timeout => 90))[2];
    my ($first) = $body{$name} =~ /(\{[^{}]*"id"\s*:\s*1\b)/s;
    my ($last) = $body{$name} =~ /("id"\s*:\s*7\b.*?"title"[^}]*)/s;

    ok(defined $first && index($out, $first) >= 0, "$name: the first stays");
    ok(defined $last && index($out, $last) >= 0, "$name: the last stays");
}

# every form had the same items and decisions

ModerationTest::Server::stop_nginx();

my %seen;
for (split /\n/, read_file("$ModerationTest::Server::root/logs/feeds.log")) {
    my ($uri, @n) = split / /;
    $seen{"@n"}{$uri} = 1 if $uri =~ m{^/on/};
}
is(join('|', sort keys %seen), '7 3 1', 'the same counts for all: items, '
   . 'removed, masked');
is(scalar keys %{ $seen{'7 3 1'} || {} }, 3 * keys %body, 'all were logged');

done_testing();
