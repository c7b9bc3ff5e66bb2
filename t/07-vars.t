# $moderation_*: in log_format, in access_log if=, in map.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use ModerationTest::Server;

my %page = (
    clean => '<ul class="cards"><li><b>a</b></li><li><b>b</b></li></ul>',
    none => '<p>no card</p>',
    all => '<ul class="cards"><li><b>blockword</b></li>'
           . '<li><b>maskword</b></li><li><b>tagword</b></li>'
           . '<li><b>holdword</b></li><li><b>shadowword</b></li>'
           . '<li><b>blockword again</b></li><li><b>fine</b></li></ul>',
    tag => '<ul class="cards"><li><b>tagword</b></li></ul>',
    mask => '<ul class="cards"><li><b>maskword</b></li></ul>',
    shadow => '<ul class="cards"><li><b>shadowword</b></li></ul>',
);

start_upstream(sub {
    my ($s, $path) = @_;

    my ($name) = $path =~ m{/(\w+)};
    my $type = $name eq 'text' ? 'text/plain' : 'text/html';
    my $extra = $name eq 'encoded' ? "Content-Encoding: x\r\n" : '';

    if ($name eq 'abort') {
        spew($s, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                 . "Content-Length: 5000\r\n\r\n$page{all}<ul class=\"cards\"><li>");
        return;
    }

    if ($name eq 'json') {
        spew($s, "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n"
                 . '{"list":[{"title":"tagword"},{"title":]}');
        return;
    }

    spew($s, "HTTP/1.0 200 OK\r\nContent-Type: $type\r\n$extra\r\n"
             . ($page{$name} || $page{clean}));
});

start_nginx(http => <<'EOF');
    default_type text/html;
    moderation_policy %%POLICY%%;

    log_format m '$uri|$moderation_mode|$moderation_suggestion|$moderation_action|$moderation_label|$moderation_rules|$moderation_items|$moderation_removed|$moderation_held|$moderation_masked|$moderation_tagged|$moderation_policy|$moderation_error';
    log_format short '$uri $hot';

    map $moderation_action $hot { default 0; block 1; mask 1; }

    server { listen %%PORT%%;
        access_log %%ROOT%%/logs/all.log m;
        access_log %%ROOT%%/logs/hot.log short if=$hot;

        location /on/ { moderation enforce;
            proxy_pass http://127.0.0.1:%%UP%%/; }
        location /shadow/ { moderation shadow;
            proxy_pass http://127.0.0.1:%%UP%%/; }
        location /off/ { proxy_pass http://127.0.0.1:%%UP%%/; }
        location /var/ { moderation $arg_m;
            proxy_pass http://127.0.0.1:%%UP%%/; }
        location /back/ { moderation enforce; proxy_intercept_errors on;
            error_page 418 = /on/all; return 418; }
    }
EOF

my $hash = '[0-9a-f]{32}';
my $p = "glue\@$hash";

my @want = (
    ['/on/clean', "enforce|pass|none|-|-|2|0|0|0|0|$p|-"],
    ['/on/none', "enforce|-|none|-|-|0|0|0|0|0|$p|-"],
    ['/on/all', "enforce|block|block|clickbait,spam_contact,rumor,vulgar,gambling|"
                . "suite.block,suite.mask,suite.tag,suite.hold,suite.shadow"
                . "|7|3|1|1|1|$p|-"],
    ['/on/tag', "enforce|review|tag|rumor|suite.tag|1|0|0|0|1|$p|-"],
    ['/on/mask', "enforce|block|mask|spam_contact|suite.mask|1|0|0|1|0|$p|-"],
    ['/on/shadow', "enforce|block|none|gambling|suite.shadow|1|0|0|0|0|$p|-"],
    ['/shadow/all', "shadow|block|none|clickbait,spam_contact,rumor,vulgar,gambling|"
                    . "suite.block,suite.mask,suite.tag,suite.hold,suite.shadow"
                    . "|7|0|0|0|0|$p|-"],
    ['/off/all', 'off|-|-|-|-|-|-|-|-|-|-|-'],
    ['/on/text', 'off|-|-|-|-|-|-|-|-|-|-|-'],
    ['/on/encoded', "enforce|pass|none|-|-|2|0|0|0|0|$p|encoding"],
    ['/on/json', "enforce|[a-z]+|tag|rumor|suite.tag|[12]|0|0|0|1|$p|broken"],
    ['/var/tag?m=huh', "enforce|review|tag|rumor|suite.tag|1|0|0|0|1|$p|bad_mode"],
    ['/on/abort', "enforce|block|block|[^|]+|[^|]+|[78]|3|1|1|1|$p|-"],
    ['/back/x', "enforce|block|block|[^|]+|[^|]+|7|3|1|1|1|$p|-"],
);

http($_->[0]) for @want;

my @lines = lines_of("$ModerationTest::Server::root/logs/all.log", scalar @want);

is(scalar @lines, scalar @want, 'one line a request');

for my $i (0 .. $#want) {
    my ($uri, $want) = @{$want[$i]};
    $uri =~ s/\?.*//;
    $uri = '/on/all' if $uri eq '/back/x';
    $want =~ s/\|(?=[^\]])/\\|/g;
    $want =~ s/\\\|\]/|]/g;
    $want =~ s/\[\^\\\|\]/[^|]/g;

    like($lines[$i], qr/^\Q$uri\E\|$want$/, $want[$i][0]);
}

is(read_file("$ModerationTest::Server::root/logs/hot.log"),
   "/on/all 1\n/on/mask 1\n/on/abort 1\n/on/all 1\n",
   'access_log if= a map of $moderation_action');

start_log();
done_testing();
