# HTML that is not a plain list of cards: templates that are shown, fragments,
# values inside values, scripts with states; each cut at every byte by the
# upstream, and in buffers of one byte, must leave as it does whole.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";

use Encode qw(encode);
use Test::More;
use ModerationTest::Server;

my $root = "$ModerationTest::build/t/forms";
mkdir $root;
my $policy = "$ModerationTest::build/t/forms.yaml";

write_file($policy, encode('UTF-8', <<'EOF2'));
schema: 1
policy: forms
slots:
  - {name: card, type: html, match: "li.card, tr.card", fields: {t: "b"}}
  - {name: area, type: html, within: {html: "textarea, code"}, match: "li.card", fields: {t: b}}
  - {name: frame, type: html, within: {html: "iframe@srcdoc"}, match: "li.card", fields: {t: b}}
  - {name: page, type: json, within: {html: "#app@data-page"}, match: "$..rooms[*]", fields: {t: "$.t"}}
  - {name: call, type: html, within: {script: document.write}, match: "li.card", fields: {t: b}}
  - {name: state, type: script, script: "self.S", match: "$..rooms[*]", fields: {t: "$.t"}}
  - {name: flight, type: script, script: "self.__next_f", match: "$..rooms[*]", fields: {t: "$.t"}}
  - {name: flat, type: script, script: "script.flat", match: "$..rooms[*]", fields: {t: "$.t"}}
rules:
  - {id: gone, label: rumor, match: {in: [t], terms: [震惊, 도박]}}
  - {id: star, label: rumor, action: mask, match: {in: [t], terms: [微信]}}
EOF2

my $bad = '<li class=card><b>震惊</b></li>';
my $ok = '<li class=card><b>二</b></li>';
my $in = '{"rooms":[{"t":"震惊"},{"t":"二"}]}';
my $out = '{"rooms":[{"t":"二"}]}';

sub escaped { (my $s = shift) =~ s/([<>"&])/'&#' . ord($1) . ';'/ge; $s }
sub quoted { (my $s = shift) =~ s/(["\\])/\\$1/g; qq("$s") }

my %forms = (
    'shadow root' => ["<r-l><template shadowrootmode=open>$bad$ok</template></r-l>",
                      "<r-l><template shadowrootmode=open>$ok</template></r-l>"],
    'turbo' => ["<turbo-stream action=append><template>$bad$ok</template></turbo-stream>",
                "<turbo-stream action=append><template>$ok</template></turbo-stream>"],
    'a pattern' => ["<template>$bad</template>$bad", "<template>$bad</template>"],
    'rows' => ['<tr class=card><td><b>震惊</b><tr class=card><td><b>二</b>',
               '<tr class=card><td><b>二</b>'],
    'a segment' => [qq(<template id="B:0"></template><div hidden id="S:0">$bad$ok</div><script>\$RC("B:0","S:0")</script>),
                    qq(<template id="B:0"></template><div hidden id="S:0">$ok</div><script>\$RC("B:0","S:0")</script>)],
    'textarea' => ["<textarea>" . escaped("$bad$ok") . "</textarea>",
                   "<textarea>" . escaped($ok) . "</textarea>"],
    'a comment' => ["<code><!-- $bad$ok --></code>", "<code><!-- $ok --></code>"],
    'srcdoc' => ['<iframe srcdoc="' . escaped("$bad$ok") . '"></iframe>',
                 '<iframe srcdoc="' . escaped($ok) . '"></iframe>'],
    'an attribute' => ['<div id=app data-page="' . escaped($in) . '"></div>',
                       '<div id=app data-page="' . escaped($out) . '"></div>'],
    'document.write' => ["<script>document.write('<ul>$bad$ok</ul>')</script>",
                         "<script>document.write('<ul>$ok</ul>')</script>"],
    'a state' => ["<script>self.S=T=$in;f(1)</script>",
                  "<script>self.S=T=$out;f(1)</script>"],
    'pushed' => ["<script>(self.S=self.S||[]).push($in,$in)</script>",
                 "<script>(self.S=self.S||[]).push($out,$out)</script>"],
    'flight' => ['<script>self.__next_f.push([1,"5:{\"rooms\":[{\"t\":\"震"])</script><p>'
                 . '<script>self.__next_f.push([1,"惊\"},{\"t\":\"二\"}]}\n"])</script>',
                 '<script>self.__next_f.push([1,"5:{\"rooms\":["])</script><p>'
                 . '<script>self.__next_f.push([1,"{\"t\":\"二\"}]}\n"])</script>'],
    'flight, a row of text' => [
        '<script>self.__next_f.push([1,' . quoted('2:T6,震惊') . '])</script>'
        . '<script>self.__next_f.push([1,"3:' . substr(quoted('{"rooms":[{"t":"$2"}]}'), 1, -1) . '\n"])</script>',
        '<script>self.__next_f.push([1,' . quoted('2:T6,震惊') . '])</script>'
        . '<script>self.__next_f.push([1,"3:' . substr(quoted('{"rooms":[]}'), 1, -1) . '\n"])</script>'],
    'flat' => ['<script class=flat>[{"rooms":1},[2,4],{"t":3},"震惊",{"t":5},"二"]</script>',
               '<script class=flat>[{"rooms":1},[4],{"t":3},"",{"t":5},"二"]</script>'],
    'blocks' => ['<li class=card><b>震</b><p>惊</p></li>' . $bad,
                 '<li class=card><b>震</b><p>惊</p></li>'],
    'hidden text' => ['<li class=card><b>震<i style="display:none">x</i>惊</b></li>' . $ok, $ok],
    'letters of Hangul' => ['<li class=card><b>ㄷㅗㅂㅏㄱ</b></li>' . $ok, $ok],
    'masks in an attribute' => ['<div id=app data-page="' . escaped('{"rooms":[{"t":"加微信"}]}') . '"></div>',
                                '<div id=app data-page="' . escaped('{"rooms":[{"t":"加＊＊"}]}') . '"></div>'],
);

# the upstream sends each form in two pieces, cut where the path says

my @names = sort keys %forms;

start_upstream(sub {
    my ($s, $path) = @_;
    my ($i, $cut) = $path =~ m{/(\d+)/(\d+)$};
    my $body = encode('UTF-8', $forms{$names[$i]}[0]);

    syswrite $s, "HTTP/1.1 200 OK\r\nConnection: close\r\n"
                 . "X-Accel-Buffering: no\r\n"
                 . "Content-Type: text/html; charset=utf-8\r\n\r\n"
                 . substr($body, 0, $cut);
    select undef, undef, undef, 0.002;
    syswrite $s, substr($body, $cut);
});

for my $i (0 .. $#names) {
    write_file("$root/form$i.html", encode('UTF-8', $forms{$names[$i]}[0]));
}

start_nginx(http => <<"EOF2");
    moderation_policy $policy;
    moderation enforce;
    charset utf-8;
    server { listen %%PORT%%;
        location /1/ { alias $root/; types { text/html html; }
            output_buffers 1 1; sendfile off; postpone_output 0; }
        location /cut/ { proxy_pass http://127.0.0.1:%%UP%%; }
    }
EOF2

for my $i (0 .. $#names) {
    my ($from, $to) = map { encode('UTF-8', $_) } @{$forms{$names[$i]}};
    my (undef, undef, $body) = http("/1/form$i.html");
    is($body, $to, "$names[$i]: buffers of one byte");

    my @wrong;

    for my $cut (1 .. length($from) - 1) {
        (undef, undef, $body) = http("/cut/$i/$cut");
        push @wrong, $cut if $body ne $to;
    }

    is("@wrong", '', "$names[$i]: cut at every byte");
}

done_testing();
