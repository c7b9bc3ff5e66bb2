# Directives: contexts, defaults, inheritance, duplicates, bad values; bad
# policies; the order of modules.  `nginx -t` alone, but for inheritance.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use ModerationTest::Server;

my $policy = $ENV{TEST_NGINX_POLICY};


sub conf_ok {
    my ($name, $http, %o) = @_;

    my ($rc, $out) = nginx_t(http => $http, %o);

    is($rc, 0, $name) or diag $out;
    unlike($out, qr/\[(warn|emerg)\].*moderation/, "$name: no complaint");
}

sub conf_bad {
    my ($name, $http, $want, %o) = @_;

    my ($rc, $out) = nginx_t(http => $http, %o);

    is($rc, 1, "$name: refused");
    like($out, $want, "$name: message");
}


# each directive in each of its contexts

for my $d ("moderation off", "moderation shadow", "moderation enforce",
           'moderation $arg_m', 'moderation "x$arg_m"',
           "moderation_policy $policy check=5s",
           "moderation_policy $policy check=0",
           "moderation_policy $policy kill=kill.txt check=500ms",
           "moderation_types text/html", "moderation_types * text/css",
           "moderation_types TEXT/HTML application/json",
           "moderation_max_slot 256", "moderation_max_slot 64k",
           "moderation_max_slot 1m", "moderation_on_error pass",
           "moderation_on_error block")
{
    my $base = $d =~ /^moderation_policy/ ? ''
               : "moderation_policy $policy;";

    conf_ok("$d: http", "$base $d; server { listen %%PORT%%; }");
    conf_ok("$d: server", "$base server { listen %%PORT%%; $d; }");
    conf_ok("$d: location",
            "$base server { listen %%PORT%%; location / { $d; } }");
}

conf_ok('moderation: if in location', <<"EOF");
    moderation_policy $policy;
    server { listen %%PORT%%;
        location / { if (\$arg_x) { moderation enforce; } } }
EOF

conf_ok('moderation_image_path', <<"EOF");
    moderation_image_path images;
    server { listen %%PORT%%; moderation_policy $policy; }
EOF

conf_ok('the module alone', "server { listen %%PORT%%; }");


# duplicates

for my $d ("moderation off", "moderation_policy $policy",
           "moderation_max_slot 1k", "moderation_on_error pass",
           "moderation_image_path a")
{
    my ($word) = $d =~ /^(\S+)/;

    my $in = $d =~ /image/ ? "$d; $d; server { listen %%PORT%%; }"
             : "server { listen %%PORT%%; $d; $d; }";

    conf_bad("$word twice", $in, qr/"$word" directive is duplicate/);
}


# bad values

my @bad = (
    ['moderation on', qr/invalid value "on", it must be "off", "shadow"/],
    ['moderation Enforce', qr/invalid value "Enforce"/],
    ['moderation ""', qr/invalid value ""/],
    ['moderation', qr/invalid number of arguments in "moderation"/],
    ['moderation off shadow', qr/invalid number of arguments/],
    ['moderation_policy %%POLICY%%; moderation $no_such_variable', qr/unknown "no_such_variable" variable/],
    ['moderation_policy', qr/invalid number of arguments/],
    ['moderation_policy ""', qr/"moderation_policy" directive has an empty/],
    ["moderation_policy $policy check=often", qr/invalid value "check=often"/],
    ["moderation_policy $policy check=", qr/invalid value "check="/],
    ["moderation_policy $policy check=-1s", qr/invalid value "check=-1s"/],
    ["moderation_policy $policy chekc=1s", qr/invalid parameter "chekc=1s"/],
    ["moderation_policy $policy kill=", qr/invalid parameter "kill="/],
    ['moderation_policy no/such/file.yaml', qr/no\/such\/file\.yaml/],
    ['moderation_types', qr/invalid number of arguments/],
    ['moderation_max_slot 0', qr/must be between 256 and 256m/],
    ['moderation_max_slot 255', qr/must be between 256 and 256m/],
    ['moderation_max_slot 300m', qr/must be between 256 and 256m/],
    ['moderation_max_slot much', qr/"moderation_max_slot" directive invalid/],
    ['moderation_max_slot 1k 2k', qr/invalid number of arguments/],
    ['moderation_on_error drop', qr/invalid value "drop"/],
    ['moderation_on_error', qr/invalid number of arguments/],
    ['moderation_image_path x', qr/directive is not allowed here/],
    ['moderation_nonsense x', qr/unknown directive "moderation_nonsense"/],
);

for (@bad) {
    conf_bad("$_->[0]", "server { listen %%PORT%%; $_->[0]; }", $_->[1]);
}

conf_bad('moderation_image_path without a path',
         'moderation_image_path; server { listen %%PORT%%; }',
         qr/invalid number of arguments/);


# enforce or a variable without a policy

conf_bad('enforce without a policy',
         'server { listen %%PORT%%; moderation enforce; }',
         qr/"moderation" enforce needs a "moderation_policy"/);

conf_bad('a variable without a policy',
         'server { listen %%PORT%%; location / { moderation $arg_m; } }',
         qr/"moderation" with a variable needs a "moderation_policy"/);

conf_ok('shadow and off without a policy', <<'EOF');
    server { listen %%PORT%%; moderation shadow; location /a { moderation off; } }
EOF

conf_bad('a policy in another server only', <<"EOF",
    server { listen %%PORT%%; server_name a; moderation_policy $policy; }
    server { listen %%PORT%%; server_name b; moderation enforce; }
EOF
         qr/needs a "moderation_policy"/);

conf_ok('a policy of the level above', <<"EOF");
    moderation_policy $policy;
    server { listen %%PORT%%; location / { moderation enforce; } }
EOF


# bad policies: the position in the file and what is wrong there

my $dir = "$ENV{TEST_NGINX_FIXTURES}/bad";

SKIP: {
    skip 'no bad policies', 1 unless -e "$dir/expected.txt";

    my $n = 0;

    for (split /\n/, read_file("$dir/expected.txt")) {
        next if /^\s*(#|$)/;

        my ($file, $rest) = /^(\S+?\.ya?ml|[^\s:]+)(:\d+:\d+: .*)$/;

        if (!defined $file) {
            fail("expected.txt: $_");
            next;
        }

        my ($rc, $out) = nginx_t(http => <<"EOF");
    server { listen %%PORT%%; moderation enforce;
             moderation_policy $dir/$file; }
EOF
        is($rc, 1, "$file: refused");
        ok(index($out, $file . $rest) >= 0
           || index($out, $rest) >= 0, "$file$rest") or diag $out;
        $n++;
    }

    cmp_ok($n, '>=', 25, 'at least 25 mistakes');
}


# all mistakes at once, each a line

my $two = "$ModerationTest::build/t/two-mistakes.yaml";
write_file($two, <<'EOF');
schema: 1
policy: two
slots:
  - {name: a, type: html, matsch: "li", fields: {title: b}}
rules:
  - id: r.a
    label: rumor
    slots: [nowhere]
    match: {in: [title], terms: [x]}
EOF

{
    my ($rc, $out) = nginx_t(http => <<"EOF");
    server { listen %%PORT%%; moderation enforce; moderation_policy $two; }
EOF
    is($rc, 1, 'two mistakes: refused');
    like($out, qr/two-mistakes\.yaml:4:\d+: .*matsch/, 'the first');
    like($out, qr/two-mistakes\.yaml:8:\d+: .*nowhere/, 'the second');
}


# a policy that is read by several locations is loaded once: its mistakes are
# said once

{
    my ($rc, $out) = nginx_t(http => <<"EOF");
    moderation_policy $two;
    server { listen %%PORT%%; location /a { moderation enforce; } }
    server { listen %%PORT%%; server_name b; moderation enforce; }
EOF
    my $n = () = $out =~ /matsch/g;
    is($n, 1, 'each mistake once');
}


# order of modules: the compressor has to come first

SKIP: {
    my $brotli = '/usr/lib/nginx/modules/ngx_http_brotli_filter_module.so';
    skip 'no brotli module here', 3
        if !-e $brotli || $ModerationTest::static;

    my $http = "server { listen %%PORT%%; moderation enforce;"
               . " moderation_policy $policy; }";

    my ($rc, $out) = nginx_t(http => $http, no_load => 1,
        before => "load_module $brotli;\nload_module $ModerationTest::module;");
    is($rc, 0, 'loaded after brotli') or diag $out;

    ($rc, $out) = nginx_t(http => $http, no_load => 1,
        before => "load_module $ModerationTest::module;\nload_module $brotli;");
    is($rc, 1, 'loaded before brotli: refused');
    like($out, qr/must be loaded after "ngx_http_brotli_filter_module"/,
         'and why');
}


# symbols of the module: nginx loads it with RTLD_GLOBAL

SKIP: {
    my $names = `nm -D --defined-only $ModerationTest::module 2>/dev/null`;
    skip 'no nm', 1 if $names eq '' || $ModerationTest::static;

    is(join(' ', sort $names =~ / [A-Z] (\S+)/g),
       'ngx_module_names ngx_module_order ngx_modules',
       'symbols of the module');
}


# zone and status

conf_ok('moderation_zone and moderation_status', <<"EOF");
    moderation_zone zone=m:1m;
    moderation_policy $policy;
    server { listen %%PORT%%; location /status { moderation_status; } }
EOF

conf_bad('moderation_zone twice', <<'EOF', qr/"moderation_zone" directive is/);
    moderation_zone zone=m:1m; moderation_zone zone=n:1m;
    server { listen %%PORT%%; }
EOF

conf_bad("moderation_zone $_->[0]",
         "moderation_zone $_->[0]; server { listen %%PORT%%; }", $_->[1])
    for (['m:1m', qr/invalid parameter "m:1m"/],
         ['zone=m', qr/invalid zone size "zone=m"/],
         ['zone=m:x', qr/invalid zone size "zone=m:x"/],
         ['zone=m:4k', qr/zone "zone=m:4k" is too small/],
         ['zone=m:1m silent=soon', qr/invalid parameter "silent=soon"/],
         ['zone=m:1m loud=1s', qr/invalid parameter "loud=1s"/]);


# inheritance and defaults, in the responses

my $page = '<ul class="cards"><li><b>blockword</b></li><li><b>ok</b></li></ul>';
my $clean = '<ul class="cards"><li><b>ok</b></li></ul>';

start_nginx(http => <<"EOF");
    default_type text/html;
    moderation_policy %%POLICY%%;
    map \$arg_m \$mode { default \$arg_m; up \$upstream_http_x_mode; }

    server { listen %%PORT%%;
        location /default { return 200 '$page'; }
        location /enforce { moderation enforce; return 200 '$page';
            location /enforce/in { return 200 '$page'; }
            location /enforce/off { moderation off; return 200 '$page'; }
        }
        location /shadow { moderation shadow; return 200 '$page'; }
        location /var { moderation \$mode; return 200 '$page'; }
        location /up { moderation \$mode;
            proxy_pass http://127.0.0.1:%%PORT%%/source; }
        location /source { add_header X-Mode enforce; return 200 '$page'; }
        location /if { if (\$arg_on) { moderation enforce; return 200 '$page'; }
            return 200 '$page'; }
        location /types { moderation enforce; moderation_types text/x-own;
            return 200 '$page';
            location /types/own { default_type "text/X-OWN"; return 200 '$page'; }
        }
        location /plain { moderation enforce; default_type text/plain;
            return 200 '$page'; }
        location /none { moderation enforce; default_type '';
            return 200 '$page'; }
        location /upper { moderation enforce;
            default_type 'Text/HTML; Charset=UTF-8'; return 200 '$page'; }
    }
EOF

my @want = (
    ['/default', $page, 'off is the default'],
    ['/enforce', $clean, 'policy of http, mode of the location'],
    ['/enforce/in', $clean, 'mode of the outer location'],
    ['/enforce/off', $page, 'off in the inner location'],
    ['/shadow', $page, 'shadow'],
    ['/var', $page, 'an empty variable is off'],
    ['/var?m=off', $page, 'variable: off'],
    ['/var?m=shadow', $page, 'variable: shadow'],
    ['/var?m=enforce', $clean, 'variable: enforce'],
    ['/var?m=bogus', $clean, 'variable: any other word is enforce'],
    ['/up?m=up', $clean, 'variable that the response sets'],
    ['/if', $page, 'if: not taken'],
    ['/if?on=1', $clean, 'if: taken'],
    ['/types', $page, 'moderation_types replaces the default'],
    ['/types/own', $clean, 'a type of its own, in any case'],
    ['/plain', $page, 'text/plain is not read by default'],
    ['/none', $clean, 'a missing type is sniffed'],
    ['/upper', $clean, 'type with parameters, in capitals'],
);

for (@want) {
    my ($status, $head, $body) = http($_->[0]);
    is($body, $_->[1], $_->[2]);
}

my $warnings = () = error_log() =~ /unknown mode "bogus", enforce is used/g;
is($warnings, 1, 'one warning for an unknown mode');

start_log();
done_testing();
