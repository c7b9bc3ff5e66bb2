package ModerationHostile;

# Pages and feeds that cost as much as 256 KB can, a way each, and a policy that
# looks at them: t/38-turns.t and t/bench/turns.pl send them through nginx.
#
#   for (ModerationHostile::bodies()) { my ($name, $ext, $text) = @$_; ... }

use strict;
use warnings;

my $size = 256 * 1024;

# a text over and over, up to a size

sub fill {
    my ($unit, $n) = @_;
    $n ||= $size;
    return substr($unit x (1 + $n / length $unit), 0, $n);
}

# cards, each with a number: one that came before is only compared

sub cards {
    my ($len, $unit) = @_;
    my $text = fill($unit, $len);
    return '<ul>' . join('', map { "<li class=card id=$_><b>$text$_</b></li>" }
                             1 .. $size / ($len + 40)) . '</ul>';
}

sub bodies {
    my $signs = "|\xe2\x82\xac";
    my @html = (
        'signs, cards of 4 KB' => cards(4096, $signs),
        'signs, cards of 200 bytes' => cards(200, $signs),
        'signs, cards of 60 KB' => cards(60_000, $signs),
        'two signs that may be letters' => cards(2000, '|!'),
        'brackets that may hold readings' =>
            cards(2000, "\xe9\x87\x8d(ch\xc3\xb3ng)"),
        'regexes, texts of 60 bytes' => cards(60, 'a'),
        'regexes, texts of 2 KB' => cards(2000, 'a'),
        'cards in one another, never closed' => fill('<li class=card><div><b>|$'),
        'divs never closed, end tags that close none' =>
            '<div>' x 5000 . fill('</p></span></x>'),
        'formatting elements, misnested' => fill('<b><i><a href=x><u></b></i>'),
        'tables with texts that do not belong there' =>
            fill('<table>x<tr>y<td>z<table>'),
        'attributes, thousands in one tag' => '<li class=card '
            . join(' ', map { "a$_=$_" } 1 .. 25_000) . '><b>x</b>',
        'the same attributes over and over' =>
            fill('<li class=card class=card id=x id=y><b>x</b>'),
        'hidden texts in one another' =>
            fill('<li class=card><b><span style="display:none">|$<i hidden>'),
        'character references' => cards(4000, '&notit;&amp&#x7c;&#36;'),
        'a comment' => '<!--' . fill('- ->'),
        'JSON in scripts' =>
            fill('<script>var s={"a":[{"t":"|$"},{"t":"\u007c\u20ac"}]};</script>'),
        'a script that never ends' => '<script>' . fill('var a="\\"+/[/]/.b;'),
    );
    my @json = (
        'arrays in arrays' => fill('['),
        'objects in objects' => fill('{"items":[{"title":'),
        'items with texts of escapes' => '{"items":['
            . join(',', map { '{"title":"' . '\u007c\u20ac' x 300 . "$_\"}" } 1 .. 70) . ']}',
        'items of 40 bytes' => '{"items":['
            . join(',', map { '{"title":"|$|$|$|$|$|$|$|$|$|$|$' . "$_\"}" } 1 .. 6500) . ']}',
        'documents in strings' => '{"items":[{"title":"'
            . fill('{\\\\\\"a\\\\\\":', $size - 40) . '"}]}',
        'members with the same name' => '{"items":[{'
            . '"title":"|$",' x ($size / 13) . '"a":1}]}',
    );
    my @out;

    push @out, [shift @html, 'html', shift @html] while @html;
    push @out, [shift @json, 'json', shift @json] while @json;

    return @out;
}

sub term {
    my ($n) = @_;
    return 'le' . join '', map { (qw(l e s i))[$n / 4 ** $_ % 4] } 0 .. 3;
}

# terms that hostile texts nearly are, with all folds, and regexes that are slow

sub policy {
    my $all = 'width, case, hant, gloss, digits, invisible, confusable, '
              . 'repeat, leet';
    my $rules = join '', map {
        "  - {id: r.$_, label: clickbait, fold: [$all], gap: {max: 2, of: "
        . '[space, punct, symbol]}, match: {in: [title], terms: ['
        . term($_) . 'qq, ' . term($_ + 60) . "qq]}}\n" } 1 .. 60;

    return <<'END' . $rules;
schema: 1
policy: hostile
slots:
  - {name: card, type: html, match: li.card, fields: {title: b}}
  - {name: item, type: json, match: '$.items[*]', fields: {title: $.title}}
  - {name: state, type: script, script: s, match: '$.a[*]', fields: {title: $.t}}
rules:
  - {id: r.0, label: clickbait, match: {in: [title], terms: [alpha]}}
  - {id: r.regex, label: clickbait, match: {in: [title], regex: ['(a+)+b', '(x?a)*bd$']}}
END
}

1;
