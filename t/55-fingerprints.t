# One card, fetched twice: counts, signatures, hosts of pictures and the order of
# a page change, its fingerprint does not; a letter that was swapped for a
# look-alike, an invisible character, another picture or name make another.  In
# a page, a state in it and a feed; on the command line, and from nginx to the
# desk and back.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use List::Util qw(shuffle);
use ModerationReview;
use Test::More;

my @titles = ('Evening of lanterns, part', '今晚八点一起画向日葵 第', '山里的灯 直播第', 'Only night owls know', '徒步第');
my @rooms = map { { id => 7000 + $_, title => "$titles[$_ % 5] " . chr(97 + $_ % 26) . chr(97 + $_ / 26), nick => "nick $_", online => $_ * 17, n => $_ } } 1 .. 40;

# the rooms as they are at a time; what is different at another

sub now {
    my (@r) = @_;
    @r = map { { %$_, online => int rand 1e6, host => 'img' . int(rand 9), sign => sprintf('%08x', rand 2 ** 32), t => int rand 1e9,
                 viewers => int rand 1e4 } } @r;
    return shuffle @r;
}

sub picture { my ($r) = @_; return "//$r->{host}.example.cn/c/" . ($r->{picture} // $r->{n}) . ".jpg?sign=$r->{sign}&t=$r->{t}" }

sub page {
    my (@r) = @_;
    my $cards = join '', map { my $p = picture($_) =~ s/&/&amp;/r;
        qq{<li class="card" id="$_->{id}" data-n="$_->{online}"><a href="/room/$_->{id}?from=$_->{t}"><img data-src="$p"></a>}
        . qq{<h3>$_->{title}</h3><p><i>$_->{nick}</i><em>$_->{online} 人</em><b>$_->{viewers}</b></p></li>\n} } @r;
    my $state = join ',', map { sprintf '{"id":%d,"name":"%s","owner":{"nick":"%s"},"online":%d,"pic":"%s"}', $_->{id}, $_->{title}, $_->{nick},
        $_->{online}, picture($_) } reverse @r;
    return qq{<!doctype html><meta charset="utf-8"><ul>$cards</ul><script>window.__STATE__ = {"t":$r[0]{t},"rooms":[$state]};</script>};
}

sub feed {
    my (@r) = @_;
    my $n = 0;
    return sprintf '{"t":%d,"list":[%s]}', $r[0]{t}, join ',', map { my $r = $_;
        my @m = (sprintf('"rid":"%s"', $r->{id}), sprintf('"room_name":"%s"', $r->{title} =~ s/([^\x00-\x7f])/$n++ % 2 ? sprintf('\u%04x', ord $1) : $1/ger),
                 sprintf('"nick":"%s"', $r->{nick}), sprintf('"hot":"%d万"', $r->{online}), sprintf('"pic":"https:%s"', picture($r)));
        '{' . join(',', shuffle @m) . '}' } @r;
}

# per room: 1 to 4 letters of a title that look like others

my %look = (o => 'о', e => 'е', a => 'а', p => 'р', c => 'с', '日' => '曰', '山' => '⼭', '徒' => '徙', '今' => '令', O => 'О', E => 'Е');
sub swapped {
    my ($title) = @_;
    for my $c (split //, $title) { return $title =~ s/\Q$c\E/$look{$c}/r if $look{$c} }
    die "no look-alike in $title";
}

my $normal = 'normal: {url: {drop: [sign, t], hosts: {"img*.example.cn": img}}}';
my $policy = <<"Y";
schema: 1
policy: prints
slots:
  - {name: first, type: html, match: li.card, item_id: room, fields: {title: h3, room: "\@id", nick: i, cover: "img\@data-src", online: em},
     review: {mode: required, fields: [title, nick, cover], $normal, scope: [first, state, feed], stable: assume}}
  - {name: state, type: script, script: window.__STATE__, match: "\$.rooms[*]", item_id: room, fields: {title: \$.name, room: \$.id, nick: \$.owner.nick, cover: \$.pic},
     review: {mode: required, fields: [title, nick, cover], $normal, scope: [first, state, feed], stable: assume}}
  - {name: feed, type: json, match: "\$.list[*]", item_id: room, fields: {title: \$.room_name, room: \$.rid, nick: \$.nick, cover: \$.pic},
     review: {mode: required, fields: [title, nick, cover], $normal, scope: [first, state, feed], stable: assume}}
Y
my $d = ModerationReview->new(policy => $policy, files => { 'html/index.html' => '', 'html/feed.json' => '' });
my $put = sub {
    my ($to, @r) = @_;
    for ([ "html/$to.html" => page(now(@r)) ], [ "html/$to.json" => feed(now(@r)) ]) {
        my ($name, $body) = @$_;
        utf8::encode($body);
        $d->write($name, $body);
    }
};
my $compare = sub {
    my ($a, $b) = @_;
    my %same;
    for my $type (qw(html json)) {
        my $said = `$ModerationTest::build/moderationctl scan --policy $d->{dir}/policy.yaml --fingerprints $d->{dir}/html/$a.$type $d->{dir}/html/$b.$type 2>&1`;
        $same{$1} = "$2/$3" while $said =~ /^(\w+): (\d+) of (\d+) cards have the same/mg;
    }
    return join ' ', map { "$_ $same{$_}" } sort keys %same;
};
my $shown = sub { my $n = () = $d->get("/$_[0]")->{body} =~ /"(?:id|rid)":"?7\d{3}\b|id="7\d{3}"/g; $n };

my @swapped = map { { %$_, title => swapped($_->{title}) } } @rooms;
my @hidden = map { { %$_, title => substr($_->{title}, 0, 2) . "\x{200b}" . substr($_->{title}, 2) } } @rooms;
$put->(a => @rooms);
$put->(b => @rooms);
$put->(swapped => @swapped);
$put->(hidden => @hidden);
$put->(pictures => map { { %$_, picture => $_->{n} + 1 } } @rooms);
$put->(nicks => map { { %$_, nick => $_->{nick} =~ s/i/і/r } } @rooms);
is($compare->(qw(a b)), 'feed 40/40 first 40/40 state 40/40', 'counts, signatures, hosts, order: one fingerprint');
is($compare->('a', $_), 'feed 0/40 first 0/40 state 0/40', "$_: another") for qw(swapped hidden pictures nicks);

# two cards of one room in a page, in another order

$put->(twice => @rooms, map { { %$_, title => "$_->{title} again" } } @rooms[0 .. 4]);
$put->(twice2 => @rooms, map { { %$_, title => "$_->{title} again" } } @rooms[0 .. 4]);
is($compare->(qw(twice twice2)), 'feed 45/45 first 45/45 state 45/45', 'a room that comes twice');

# through nginx and the desk

$put->(index => @rooms);
is($shown->('index.html'), 0, 'nobody has looked');
is($shown->('index.json'), 0, 'nor in the feed');
is($d->waits(40, 20), 40, 'one card a room waits, out of three slots');
is($d->release_all('alice'), 40, 'all are released');
for my $round (1 .. 3) {
    $put->(index => @rooms);
    is($shown->('index.html'), 80, "fetch $round: page and state show all");
    is($shown->('index.json'), 40, "fetch $round: the feed shows all");
}
is($d->waits(0), 0, 'and nothing waits');
$put->(index => @swapped);
is($shown->('index.html'), 0, 'look-alikes: nothing of the page');
is($shown->('index.json'), 0, 'nor of the feed');
is($d->waits(40, 20), 40, 'all wait again');
$put->(index => @rooms);
is($shown->('index.html'), 80, 'what was released is shown as it was');

$d->stop;
done_testing;
