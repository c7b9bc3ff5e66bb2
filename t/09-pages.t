# Whole pages through nginx.  What has to come out is worked out here from the
# known places of the items, not by the engine: the input less the byte ranges
# of the items that are blocked.
#
# t/fixtures/pages has pages of the project's own; a folder of saved pages with
# its manifest.json, named by MODERATION_CORPORA or found beside the project,
# is read as well where it is there.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Encode ();
use JSON::PP ();
use Test::More;
use ModerationTest::Server;

my $json = JSON::PP->new->utf8->canonical;
my $corpora = $ENV{MODERATION_CORPORA} || "$FindBin::Bin/../../shared/corpora";
my (@pages, $locations, $files);

sub sources {
    my ($slot) = @_;

    my %fields;

    for my $name ('title', 'account', 'room') {
        my $f = $slot->{$name};
        next unless defined $f;

        if (ref $f) {
            my $s = $f->{selector} || '';
            $s .= "\@$f->{attr}" if $f->{attr};
            $fields{$name} = $s eq '' ? '.' : $s;

        } else {
            $fields{$name} = $f;
        }
    }

    return \%fields;
}

sub add_folder {
    my ($folder, $tag) = @_;

    my $manifest = $json->decode(read_file("$folder/manifest.json"));

    for my $e (@{$manifest->{files}}) {
        next unless $e->{type} eq 'html' && @{$e->{slots} || []}
                    && @{$e->{probe_words} || []};

        my ($charset) = split ' ', $e->{charset} || 'utf-8';
        my $probe = $e->{probe_words}[0];
        my $raw = read_file("$folder/$e->{file}");
        my (%drop, @spans);

        $drop{$_} = 1 for @{$probe->{slots}};

        for (split /\n/, read_file("$folder/$e->{expected}")) {
            my $item = $json->decode($_);
            push @spans, [$item->{start}, $item->{end}]
                if $item->{slot} == 0 && $drop{$item->{i}};
        }

        my ($want, $at) = ('', 0);

        for (sort { $a->[0] <=> $b->[0] } @spans) {
            $want .= substr $raw, $at, $_->[0] - $at if $_->[0] >= $at;
            $at = $_->[1] if $_->[1] > $at;
        }

        $want .= substr $raw, $at if $at < length $raw;

        my $i = 0;
        my $n = @pages;
        my $policy = {
            schema => 1,
            policy => 'probe',
            defaults => { fold => ['width', 'case'] },
            slots => [map { { name => 's' . $i++, type => 'html',
                              match => $_->{selector},
                              fields => sources($_) } } @{$e->{slots}}],
            rules => [{ id => 'probe.word', rev => 1,
                        label => 'spam_contact', suggestion => 'block',
                        action => 'block', slots => ['s0'],
                        match => { in => ['title'], boundary => 'none',
                                   terms => [$probe->{word}] } }],
        };

        push @pages, { name => "$tag/$e->{file}", raw => $raw,
                       want => $want, charset => $charset, n => $n,
                       drops => scalar @spans,
                       policy => $json->encode($policy) };
    }
}

add_folder($ENV{TEST_NGINX_FIXTURES} . '/pages', 'fixtures')
    if -e $ENV{TEST_NGINX_FIXTURES} . '/pages/manifest.json';
add_folder($corpora, 'corpora') if -e "$corpora/manifest.json";

plan skip_all => 'no pages here' unless @pages;

my $root = $ModerationTest::Server::root;
my @sizes = (1, 7, 256, 4096, 65536);

for my $p (@pages) {
    write_file("$ModerationTest::build/t/pages-$p->{n}.yaml", $p->{policy});

    for my $size (@sizes) {
        $locations .= <<"EOF";
        location /$p->{n}/$size/ { moderation enforce;
            moderation_policy $ModerationTest::build/t/pages-$p->{n}.yaml;
            default_type "text/html; charset=$p->{charset}";
            sendfile off; output_buffers 1 $size; alias %%ROOT%%/html/; }
EOF
    }

    $locations .= <<"EOF";
        location /$p->{n}/shadow/ { moderation shadow;
            moderation_policy $ModerationTest::build/t/pages-$p->{n}.yaml;
            default_type "text/html; charset=$p->{charset}";
            alias %%ROOT%%/html/; }
        location /$p->{n}/off/ {
            default_type "text/html; charset=$p->{charset}";
            alias %%ROOT%%/html/; }
EOF
}

start_nginx(http => <<"EOF");
    server { listen %%PORT%%;
$locations
    }
    server { listen @{[$ENV{TEST_NGINX_PORT} + 1]} http2;
$locations
    }
EOF

write_file("$root/html/$_->{n}", $_->{raw}) for @pages;

my $h2 = `curl -V 2>/dev/null` =~ /HTTP2/;
my $tool = moderationctl();

for my $p (@pages) {
    cmp_ok($p->{drops}, '>', 0, "$p->{name}: something to block");

    for my $size (@sizes) {
        my @r = http("/$p->{n}/$size/$p->{n}", timeout => 90);
        ok($r[3] && $r[2] eq $p->{want}, "$p->{name}: buffers of $size");

        if ($h2) {
            my $port = $ENV{TEST_NGINX_PORT} + 1;
            my $body = `curl -s --http2-prior-knowledge http://127.0.0.1:$port/$p->{n}/$size/$p->{n}`;
            ok($body eq $p->{want}, "$p->{name}: HTTP/2, buffers of $size");
        }
    }

    my @off = http("/$p->{n}/off/$p->{n}");
    my @shadow = http("/$p->{n}/shadow/$p->{n}");
    s/^Date: .*$/Date:/m for $off[1], $shadow[1];
    is($shadow[1], $off[1], "$p->{name}: shadow, header");
    ok($shadow[2] eq $p->{raw}, "$p->{name}: shadow, body");

    if ($h2) {
        my $url = 'http://127.0.0.1:' . ($ENV{TEST_NGINX_PORT} + 1)
                  . "/$p->{n}";
        my ($off, $shadow) = map {
            my $r = `curl -s -i --http2-prior-knowledge $url/$_/$p->{n}`;
            $r =~ s/^date: .*$/date:/m;
            $r
        } 'off', 'shadow';

        like($off, qr/^HTTP\/2 200/, "$p->{name}: HTTP/2, off");
        ok($shadow eq $off, "$p->{name}: HTTP/2, shadow, header and body");
    }

    my $out = `$tool scan --apply --type html --charset $p->{charset} --policy $ModerationTest::build/t/pages-$p->{n}.yaml $root/html/$p->{n}`;
    ok($out eq $p->{want}, "$p->{name}: moderationctl scan --apply");
}

start_log();
done_testing();
