# Bodies as sites send them (t/fixtures/forms.tsv), through nginx: each is read, or
# what of it cannot be read is said in $moderation_error, and nothing of that
# leaves where moderation_on_error blocks.  None passes in silence.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";

use Encode qw(encode decode);
use Test::More;
use ModerationTest::Server;

my $root = $ModerationTest::Server::root;
my $dir = "$ModerationTest::build/t/forms-sent";
mkdir $dir;

my %slots = (
    'json' => '{name: "s", type: "json", match: "$..rooms[*]", fields: {t: "$.t"}}',
    'in-textarea' => '{name: "s", type: "json", within: {html: "textarea"}, match: "$..rooms[*]", fields: {t: "$.t"}}',
    'in-d' => '{name: "s", type: "json", within: {json: "$.d"}, match: "$..rooms[*]", fields: {t: "$.t"}}',
    'card' => '{name: "s", type: "html", match: "li.card", fields: {t: "b"}}',
    'in-mcp' => '{name: "s", type: "json", within: {json: "$.result.content[*].text"}, match: "$..rooms[*]", fields: {t: "$.t"}}',
    'in-messages' => '{name: "s", type: "json", within: {json: "$.messages[*]"}, match: "$..rooms[*]", fields: {t: "$.t"}}',
    'S' => '{name: "s", type: "script", script: "window.S", match: "$..rooms[*]", fields: {t: "$.t"}}',
    'next_f' => '{name: "s", type: "script", script: "self.__next_f", match: "$..rooms[*]", fields: {t: "$.t"}}',
    'next_f-children' => '{name: "s", type: "script", script: "self.__next_f", match: "$[3].children[*]", fields: {t: "$[3].children"}}',
    'nuxt' => '{name: "s", type: "script", script: "script#__NUXT_DATA__", match: "$..rooms[*]", fields: {t: "$.t"}}',
    'card-in-html' => '{name: "s", type: "html", within: {json: "$.html"}, match: "li.card", fields: {t: "b"}}',
    'in-result' => '{name: "s", type: "json", within: {json: "$.result"}, match: "$..rooms[*]", fields: {t: "$.t"}}',
    'kit.start' => '{name: "s", type: "script", script: "kit.start", match: "$..rooms[*]", fields: {t: "$.t"}}',
    'resolve' => '{name: "s", type: "script", script: "__sveltekit_x.resolve", match: "$..rooms[*]", fields: {t: "$.t"}}',
    'enqueue' => '{name: "s", type: "script", script: "window.__reactRouterContext.streamController.enqueue", match: "$..rooms[*]", fields: {t: "$.t"}}',
    'tsr' => '{name: "s", type: "script", script: "$_TSR.router", match: "$..rooms[*]", fields: {t: "$.t"}}',
    'seroval' => '{name: "s", type: "json", match: "$..a[*]", fields: {t: "$.p.v[0].s"}}',
    'hy-r' => '{name: "s", type: "script", script: "_$HY.r", match: "$..rooms[*]", fields: {t: "$.t"}}',
    'hy-set' => '{name: "s", type: "script", script: "_$HY.set", match: "$..rooms[*]", fields: {t: "$.t"}}',
    'qwik' => '{name: "s", type: "script", script: "script[type=\\"qwik/json\\"]", match: "$.objs[*]", fields: {t: "$"}}',
    'qwik2' => '{name: "s", type: "script", script: "script[type=\\"qwik/state\\"]", match: "$[*]", fields: {t: "$"}}',
    'q-data' => '{name: "s", type: "json", match: "$._objs[*]", fields: {t: "$"}}',
    'astro' => '{name: "s", type: "json", within: {html: "astro-island@props"}, match: "$.rooms[1][*]", fields: {t: "$[1].t[1]"}}',
    'card-templates' => '{name: "s", type: "html", templates: "all", match: "li.card", fields: {t: "b"}}',
    'row' => '{name: "s", type: "html", match: "tr.card", fields: {t: "b"}}',
    'livewire' => '{name: "s", type: "html", within: {json: "$.components[*].effects.html"}, match: "li.card", fields: {t: "b"}}',
    'snapshot' => '{name: "s", type: "json", within: {json: "$.components[*].snapshot"}, match: "$..rooms[*]", fields: {t: "$.t"}}',
    'wire-snapshot' => '{name: "s", type: "json", within: {html: "[wire\\\\:snapshot]@wire:snapshot"}, match: "$..rooms[*]", fields: {t: "$.t"}}',
    'liveview' => '{name: "s", type: "json", within: {json: "$.messages[*]"}, match: "$[4][\'0\'].d[*]", fields: {t: "$[0]"}}',
    'card-in-dom' => '{name: "s", type: "html", within: {json: "$.dom"}, match: "li.card", fields: {t: "b"}}',
    'card-in-any-html' => '{name: "s", type: "html", within: {json: "$..html"}, match: "li.card", fields: {t: "b"}}',
    'card-in-call-html' => '{name: "s", type: "html", within: {script: "html"}, match: "li.card", fields: {t: "b"}}',
    'card-in-insert' => '{name: "s", type: "html", within: {script: "insertAdjacentHTML"}, match: "li.card", fields: {t: "b"}}',
    'card-in-innerHTML' => '{name: "s", type: "html", within: {script: "innerHTML"}, match: "li.card", fields: {t: "b"}}',
);

my $rooms = '{"rooms":[{"t":"震惊"},{"t":"二"}]}';

sub inside { my ($s) = @_; $s =~ s/(["\\])/\\$1/g; return $s }

my %parts = (
    R => $rooms,
    E => inside($rooms),
    EE => inside(inside($rooms)),
    L => '<li class=card><b>震惊</b></li><li class=card><b>二</b></li>',
    P => '<!doctype html><html><body><script>',
    '/P' => '</script></body></html>',
    H => 'h' x 2048,
);

my %escapes = (n => "\n", r => "\r", '\\' => '\\');
my @forms;

for (split /\n/, decode('UTF-8', read_file("$FindBin::Bin/fixtures/forms.tsv"))) {
    next if /^#/;
    my ($name, $type, $slot, $what, $body) = split /\t/;
    die "no slot $slot" if !defined $slots{$slot};
    $body =~ s{\\(n|r|x[0-9a-f]{2}|\\)}{$escapes{$1} // chr hex substr $1, 1}ge;
    $body =~ s{\@(EE|R|E|L|/P|P|H)}{$parts{$1}}g;
    push @forms, { name => $name, type => $type, slot => $slot,
                   what => $what, body => encode('UTF-8', $body) };
}

for my $slot (keys %slots) {
    write_file("$dir/$slot.yaml", encode('UTF-8',
        "schema: 1\npolicy: sent\nslots:\n  - $slots{$slot}\nrules:\n"
        . "  - {id: gone, label: rumor, match: {in: [t], terms: [震惊]}}\n"));
}

my $locations = '';

for my $i (0 .. $#forms) {
    my $f = $forms[$i];
    my $type = $f->{type} eq '-' ? '' : $f->{type};
    $type =~ s/"/\\"/g;

    write_file("$dir/$i", $f->{body});

    for (['pass', 1], ['pass', 65536], ['block', 1], ['block', 65536]) {
        $locations .= "location = /$_->[0]/$_->[1]/$i { types { } "
            . "default_type \"$type\"; "
            . "moderation_policy $dir/$f->{slot}.yaml; moderation enforce; "
            . "moderation_on_error $_->[0]; output_buffers 1 $_->[1]; "
            . "sendfile off; alias $dir/$i; }\n";
    }
}

start_nginx(http => <<"EOF2");
    log_format m "\$uri \$moderation_error,\$moderation_skip";
    server { listen %%PORT%%; access_log %%ROOT%%/logs/sent.log m;
$locations
    }
EOF2

my %sent;

for my $i (0 .. $#forms) {
    for my $way ('pass/1', 'pass/65536', 'block/1', 'block/65536') {
        $sent{"/$way/$i"} = (http("/$way/$i", timeout => 90))[2] // '';
    }
}

# a line is written when its request is done, which may be behind the answer

my %said;

for (1 .. 1800) {
    %said = map { my ($at, $what) = /^(\S+) (\S*)$/;
                  defined $at ? ($at, $what =~ s/-//gr) : () }
            split /\n/, read_file("$root/logs/sent.log");
    last if keys %said >= keys %sent;
    select undef, undef, undef, 0.05;
}

is(keys %said, keys %sent, 'each was sent');

my ($bad, $good) = map { encode('UTF-8', $_) } '震惊', '二';

for my $i (0 .. $#forms) {
    my ($f, @wrong) = $forms[$i];

    for my $size (1, 65536) {
        my $body = $sent{"/pass/$size/$i"};
        my $error = $said{"/pass/$size/$i"} // '';

        if ($f->{what} eq 'read') {
            push @wrong, "pass, $size: said $error" if $error ne ',';
            push @wrong, "pass, $size: it is there" if $body =~ /$bad/;
            push @wrong, "pass, $size: the other has gone" if $body !~ /$good/;
            push @wrong, "block, $size: not the same"
                if $sent{"/block/$size/$i"} ne $body;
            next;
        }

        push @wrong, "pass, $size: said nothing" if $error =~ /^,/;
        push @wrong, "block, $size: said nothing"
            if ($said{"/block/$size/$i"} // '') =~ /^,/;
        push @wrong, "block, $size: it leaves"
            if $f->{what} eq 'counted' && $sent{"/block/$size/$i"} =~ /$bad/;
    }

    is("@wrong", '', "$f->{name}: $f->{what}");
}

done_testing();
