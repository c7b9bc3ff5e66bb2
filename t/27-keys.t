# Keys of slots that say where documents stand and what of a place is a text
# (docs/rules.md): what each does, and that it is the key that does it.

use strict;
use warnings;
use utf8;
use File::Temp 'tempdir';
use Test::More;

binmode Test::More->builder->$_, ':utf8'
    for qw(output failure_output todo_output);

my $tool = ($ENV{MODERATION_BUILD} || 'build') . '/moderationctl';
my $dir = tempdir(CLEANUP => 1);

$ENV{LC_ALL} = 'C';

sub spew {
    my ($name, $text) = @_;
    open my $f, '>:utf8', "$dir/$name" or die $!;
    print $f $text;
    close $f or die $!;
}

# what leaves of a body under slots

sub leaves {
    my ($slots, $type, $body, $rule) = @_;
    $slots = join '', map { "  - {name: s$_, $slots->[$_]}\n" } 0 .. $#$slots
        if ref $slots;
    spew('policy.yaml', "schema: 1\npolicy: p\nslots:\n"
         . (ref $_[0] ? $slots : "  - {name: s, $slots}\n")
         . "rules:\n  - {id: one, label: rumor, "
         . ($rule // 'match: {in: [t], terms: [震惊]}') . "}\n");
    spew('body', $body);
    my $out = `$tool scan --policy $dir/policy.yaml --type $type --apply $dir/body 2>$dir/stderr`;
    utf8::decode($out);
    return $out;
}

# within: the documents of the slot stand inside a value, and nowhere else

my $cards = '<li><b>震惊</b></li><li><b>二</b></li>';
my $left = '<li><b>二</b></li>';
my $html = 'type: html, match: li, fields: {t: b}';
my $list = 'match: "$[*]", fields: {t: "$.t"}';

is(leaves("$html, within: {json: \"\$.a.html\"}", 'json',
          qq({"a":{"html":"$cards"},"html":"$cards"})),
   qq({"a":{"html":"$left"},"html":"$cards"}), 'within json: the path, and no other string');
is(leaves("$html, within: {json: \"\$.a.html\"}", 'html', $cards), $cards,
   'not the page itself');
is(leaves("type: json, $list, within: {html: \"div.x\@data-l\"}", 'html',
          q(<div class=x data-l='[{"t":"震惊"},{"t":"二"}]' data-m='[{"t":"震惊"}]'></div>)),
   q(<div class=x data-l='[{"t":"二"}]' data-m='[{"t":"震惊"}]'></div>),
   'within html: an attribute');
is(leaves("type: json, $list, within: {html: \"div\@data-l\"}", 'html',
          '<div data-l="[{&quot;t&quot;:&quot;震惊&quot;},{&quot;t&quot;:&quot;a\"&quot;}]"></div>' =~ s/\\"/&amp;/r),
   '<div data-l="[{&quot;t&quot;:&quot;a&amp;&quot;}]"></div>', 'in references, which stay');
is(leaves("$html, within: {html: textarea}", 'html', "<textarea>$cards</textarea><ul>$cards</ul>"),
   "<textarea>$left</textarea><ul>$cards</ul>", 'within html: the text of an element');
is(leaves("$html, within: {html: code}", 'html', "<code><!--$cards--></code><!--$cards-->"),
   "<code><!--$left--></code><!--$cards-->", 'a comment in it');
is(leaves("$html, within: {script: draw}", 'html', "<script>draw('$cards');paint('$cards')</script>"),
   "<script>draw('$left');paint('$cards')</script>", 'within script: what a function gets');
is(leaves(["$html, within: {json: \"\$.html\"}", "type: json, match: \"\$.l[*]\", fields: {t: \"\$.t\"}"],
          'json', qq({"html":"$cards","l":[{"t":"震惊"},{"t":"二"}]})),
   qq({"html":"$left","l":[{"t":"二"}]}), 'beside a slot of the body');

# templates

my $all = "<p><template shadowrootmode=open>$cards</template></p>"
    . "<turbo-stream><template>$cards</template></turbo-stream><template>$cards</template>";
my $shown = $all =~ s/\Q$cards\E/$left/r =~ s/\Q$cards\E/$left/r;

is(leaves($html, 'html', $all), $shown, 'templates that are shown, by default');
is(leaves("$html, templates: shown", 'html', $all), $shown, 'templates: shown');
is(leaves("$html, templates: all", 'html', $all), $all =~ s/\Q$cards\E/$left/gr, 'templates: all');
is(leaves("$html, templates: none", 'html', "$all$cards"), "$all$left", 'templates: none');

# refs

my $cache = '"R:1":{"t":"震惊"},"R:2":{"t":"二"}';
my $points = '"Q":{"l":[{"__ref":"R:1"},{"__ref":"R:2"}]}';
my $refs = 'type: json, match: "$[\'R:1\',\'R:2\']", fields: {t: "$.t"}';

is(leaves("$refs, refs: \"\$..__ref\"", 'json', "{$points,$cache}"),
   '{"Q":{"l":[{"__ref":"R:2"}]},"R:2":{"t":"二"}}', 'refs before the item go with it');
is(leaves("$refs, refs: \"\$..__ref\"", 'json', "{$cache,$points}"),
   '{"R:2":{"t":"二"},"Q":{"l":[{"__ref":"R:2"}]}}', 'and behind it');
is(leaves($refs, 'json', "{$points,$cache}"), "{$points," . '"R:2":{"t":"二"}}',
   'without refs they stay');
is(leaves("$refs, refs: \"\$.Q.l[*]\"", 'json', '{"Q":{"l":["R:1","R:2"]},' . "$cache}"),
   '{"Q":{"l":["R:2"]},"R:2":{"t":"二"}}', 'names in a list');

# too far before: the texts are masked, since what points has left

my $far = leaves("$refs, refs: \"\$..__ref\"", 'json',
                 "{$points,\"x\":\"" . 'x' x 200_000 . "\",$cache}");
like($far, qr/^\{\Q$points\E,/, 'what has left points still');
like($far, qr/"R:1":\{"t":"＊＊"\},"R:2":\{"t":"二"\}\}$/, 'and the texts of the item are masked');

# join

my $runs = '[{"r":[{"x":"震"},{"x":"惊"}]},{"r":[{"x":"二"}]}]';
my $tags = '[{"r":["震","惊"]},{"r":["二"]}]';
my $runs_left = '[{"r":[{"x":"二"}]}]';
my $tags_left = '[{"r":["二"]}]';

is(leaves('type: json, match: "$[*]", fields: {t: "$.r[*].x"}', 'json', $runs), $runs_left,
   'pieces of a text, by default');
is(leaves('type: json, match: "$[*]", fields: {t: {from: "$.r[*].x", join: false}}', 'json', $runs), $runs,
   'join: false');
is(leaves('type: json, match: "$[*]", fields: {t: "$.r[*]"}', 'json', $tags), $tags,
   'values of a list, by default');
is(leaves('type: json, match: "$[*]", fields: {t: {from: "$.r[*]", join: true}}', 'json', $tags), $tags_left,
   'join: true');

# every

my $many = '<li><i>一</i><i>震惊</i><img alt=x><img alt=y></li><li><i>一</i><img alt=x><img alt=震惊></li>'
    . '<li><i>二</i><img alt=x></li>';

is(leaves('type: html, match: li, fields: {t: {all: [i, "img@alt"]}}', 'html', $many), $many,
   'all: the first match of each selector');
is(leaves('type: html, match: li, fields: {t: {every: [i, "img@alt"]}}', 'html', $many),
   '<li><i>二</i><img alt=x></li>', 'every: each match of each');
is(leaves('type: html, match: li, fields: {t: {every: [i]}}', 'html', '<li><i>震</i><i>惊</i></li>'),
   '<li><i>震</i><i>惊</i></li>', 'they are texts of their own');

# type: xml

my $feed = '<?xml version="1.0"?><rss><item><title/><p>一</p></item>'
    . '<item><title><![CDATA[震惊]]></title></item><item><title>二</title></item></rss>';

is(leaves('type: xml, match: item, fields: {t: title}', 'xml', $feed),
   $feed =~ s/<item><title><!.*?<\/item>//r, 'xml: CDATA is text, <title/> is closed');
isnt(leaves('type: html, match: item, fields: {t: title}', 'html', $feed =~ s/^.*?>//r),
     $feed =~ s/^.*?>//r =~ s/<item><title><!.*?<\/item>//r, 'as HTML it is something else');
is(leaves('type: xml, match: "media\\\\:title", fields: {t: "."}', 'xml',
          '<?xml version="1.0"?><rss><media:title>震惊</media:title><title>震惊</title></rss>'),
   '<?xml version="1.0"?><rss><title>震惊</title></rss>', 'a name with a prefix');
is(leaves($html, 'html', '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body>'
                         . '<li><p/><b>震惊</b></li><li><b>二</b></li></body></html>'),
   '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body><li><b>二</b></li></body></html>',
   'slots of HTML in XHTML');

# gap: block

my $blocks = '<li><div>震</div><div>惊</div></li><li>二</li>';
my $gap = 'match: {in: [t], terms: [震惊]}, gap';

is(leaves('type: html, match: li, fields: {t: "."}', 'html', $blocks), $blocks,
   'nothing matches across blocks');
is(leaves('type: html, match: li, fields: {t: "."}', 'html', $blocks, "$gap: {max: 2, of: [block]}"),
   '<li>二</li>', 'but where the gap has the class block');
is(leaves('type: html, match: li, fields: {t: "."}', 'html', $blocks, "$gap: {max: 2, of: [space, punct, symbol]}"),
   $blocks, 'and no other class');

done_testing();
