# Pages that were broken into, as many ways as are known, each with what has to
# be found in it; and honest pages of all kinds of sites, with the same guards,
# in which nothing may be found.
#
# Each line behind __DATA__ is one page: its name, where the bytes stand in the
# page, what has to be found, the bytes.  {S} is three links to elsewhere, {K}
# three of the site's own.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";

use Encode qw(decode encode);
use File::Temp qw(tempdir);
use ModerationTest;
use Test::More;

my $ctl = "$ModerationTest::build/moderationctl";
my $dir = tempdir(CLEANUP => 1);

my $policy = <<'END';
schema: 1
policy: attacks
pages:
  - name: home
    match: {host: "www.example.cn", path: "/"}
    require:
      - id: entry
        selector: 'a[href*="12377.cn"]'
        insert: '<p><a href="https://www.12377.cn/">12377</a></p>'
    guard:
      title: '^示例直播$'
      description: '^示例'
      before_html: record
      hidden_links: 3
      hosts: [example.cn, "*.example.cn", "*.12377.cn"]
      action: record
    tests:
END

my %part = (
    before => '', after => '', html => '',
    title => '<title>示例直播</title>',
    description => '<meta name="description" content="示例直播，一起看">',
    head => '', body => '',
    entry => '<a href="https://www.12377.cn/">举报 12377</a>');

sub page {
    my ($where, $text) = @_;
    my %p = (%part, $where => $text);

    return $text if $where eq 'whole';

    return qq{$p{before}<!DOCTYPE html>\n<html lang="zh"><head><meta charset="utf-8">}
        . "$p{title}$p{description}$p{head}</head>\n<body><h1>示例直播</h1>\n"
        . qq{<p>正在直播 <a href="/room/1">一号房间</a></p>\n$p{body}\n}
        . "<footer>$p{entry}</footer></body></html>$p{after}";
}

my $links = join '', map { qq{<a href="https://spam$_.test/">k$_</a>} } 1 .. 3;
my $own = join '', map { qq{<a href="/k$_">k$_</a>} } 1 .. 3;
my @pages;
my $attacks = 0;

while (<DATA>) {
    $_ = decode('UTF-8', $_) unless utf8::is_utf8($_);
    chomp;
    next if /^\s*(#|$)/;

    my ($name, $where, $found, $text) = split /\s*\|\s*/, $_, 4;

    $text =~ s/\{S\}/$links/g;
    $text =~ s/\{K\}/$own/g;
    $text =~ s/\\n/\n/g;
    $text =~ s/\\t/\t/g;
    $text =~ s/\{(\d+) x (.)\}/$2 x $1/ge;

    # of three hidden links each is a link, too

    $found =~ s/\bblock\b/link, hidden_links/;
    $attacks += $found ne '';
    push @pages, [$name, $where, $found, page($where, $text)];
}

# one policy with all of them as its tests

my $n = 0;

for (@pages) {
    my (undef, undef, $found, $text) = @$_;
    my $file = sprintf 'p%03d.html', $n++;

    open my $f, '>', "$dir/$file" or die $!;
    print $f encode('UTF-8', $text);
    close $f;

    $policy .= "      - {page: $file" . ($found eq '' ? '' : ", found: [$found]") . "}\n";
}

open my $f, '>', "$dir/p.yaml" or die $!;
print $f encode('UTF-8', $policy);
close $f;

my $first = 2 + (() = $policy =~ /^(?!      - \{page).*\n/gm) - 1;
my %said;

for (split /\n/, decode('UTF-8', `$ctl check $dir/p.yaml 2>&1`)) {
    push @{ $said{$1} }, $2 if /p\.yaml:(\d+):\d+: page "home": (.*?)(?: \[|$)/;
    diag $_ unless /page "home": /;
}

for my $i (0 .. $#pages) {
    my ($name, undef, $found) = @{ $pages[$i] };
    my $said = join '; ', @{ $said{$first + $i} || [] };

    is($said, '', "$name: " . ($found eq '' ? 'nothing is found' : $found));
}

cmp_ok($attacks, '>=', 80, 'so many attacks');
cmp_ok(@pages - $attacks, '>=', 30, 'and so many honest pages');

done_testing();

__DATA__

# titles and descriptions

another title | title | title | <title>keyword keyword</title>
a title in references | title | title | <title>&#107;&#x65;yword</title>
one more word behind it | title | title | <title>示例直播 keyword</title>
a title with a look-alike | title | title | <title>示例真播</title>
a title before the title | title | title | <title>keyword</title><title>示例直播</title>
a title in capitals | title | title | <TITLE LANG=zh>keyword</TITLE >
an empty title | title | title | <title></title>
no title | title | title |
a title in a comment | title | title | <!--><title>keyword</title><!-- <title>示例直播</title> -->
a title behind the end of a script that is none | title | title | <script>"</script ><title>keyword</title><script>"</script><title>示例直播</title>
a title in the body | title | title | <meta name=a><body><title>keyword</title>
a title of a drawing does not count | title | title | <svg><title>示例直播</title></svg><title>keyword</title>
a title in a template does not count | title | title | <template><title>示例直播</title></template><title>keyword</title>
another description | description | description | <meta name="description" content="keyword keyword">
a description in capitals and references | description | description | <META CONTENT="&#107;eyword" NAME=&#100;escription>
no description | description | description |

# before the document

a word | before | before_html | keyword
a block of links | before | before_html, block | <div style="display:none">{S}</div>
a script | before | before_html | <script>var a = 1</script>
behind a comment | before | before_html | <!-- a --><b>keyword</b>
an end tag and text | before | before_html | </div>keyword

# blocks of links, hidden by attributes and inline styles

display | body | block | <div style="display:none">{S}</div>
display, in capitals | body | block | <DIV STYLE="COLOR:RED;DISPLAY : NONE !IMPORTANT">{S}</DIV>
display, escaped | body | block | <div style="display:\6eone">{S}</div>
display, a comment in it | body | block | <div style="dis/**/play:none;display:/*a*/none">{S}</div>
display, references | body | block | <div style="&#100;isplay&colon;none">{S}</div>
display, without quotes | body | block | <div style=display:none>{S}</div>
display, single quotes | body | block | <div class='a'style='display:none'>{S}</div>
visibility | body | block | <div style="visibility:hidden">{S}</div>
visibility: collapse | body | block | <div style="visibility:collapse">{S}</div>
content-visibility | body | block | <div style="content-visibility:hidden">{S}</div>
opacity | body | block | <div style="opacity:0.0">{S}</div>
opacity, next to nothing | body | block | <div style="opacity:.01">{S}</div>
opacity in per cent | body | block | <div style="opacity:1%">{S}</div>
opacity as a filter | body | block | <div style="filter:opacity(0%)">{S}</div>
a font of no size | body | block | <div style="font-size:0">{S}</div>
a font of one pixel | body | block | <div style="font-size:1px">{S}</div>
a font, short | body | block | <div style="font:0/0 a">{S}</div>
off the screen | body | block | <div style="position:absolute;left:-9999px">{S}</div>
off the screen, fixed, in em | body | block | <div style="position:fixed;top:-999em">{S}</div>
off the screen, by the width of it | body | block | <div style="position:absolute;left:-200vw">{S}</div>
off the screen, relative | body | block | <div style="position:relative;right:9999px">{S}</div>
off the screen, calculated | body | block | <div style="position:absolute;top:calc(-9999px + 1em)">{S}</div>
off the screen, inset | body | block | <div style="position:absolute;inset:-9999px auto auto -9999px">{S}</div>
off the screen, translated | body | block | <div style="transform:translateX(-9999px)">{S}</div>
off the screen, translate | body | block | <div style="translate:-9999px 0">{S}</div>
off the screen, margin | body | block | <div style="margin-left:-9999px">{S}</div>
indented | body | block | <div style="text-indent:-9999px">{S}</div>
no size | body | block | <div style="width:0;height:0;overflow:hidden">{S}</div>
a pixel high | body | block | <div style="height:1px;overflow:hidden">{S}</div>
max-height | body | block | <div style="max-height:0;overflow:clip">{S}</div>
lines of no height | body | block | <div style="line-height:0;overflow:hidden">{S}</div>
scale() | body | block | <div style="transform:scale(0)">{S}</div>
scale | body | block | <div style="scale:0">{S}</div>
zoom | body | block | <div style="zoom:0.01">{S}</div>
turned away | body | block | <div style="transform:rotateX(90deg)">{S}</div>
clipped | body | block | <div style="position:absolute;clip:rect(0 0 0 0)">{S}</div>
clip-path | body | block | <div style="clip-path:inset(50%)">{S}</div>
clip-path, a circle | body | block | <div style="clip-path:circle(0)">{S}</div>
clip-path, a polygon | body | block | <div style="clip-path:polygon(0 0,0 0,0 0)">{S}</div>
no colour | body | block | <div style="color:transparent">{S}</div>
no colour in the fourth part | body | block | <div style="color:rgba(0,0,0,0)">{S}</div>
the colour of what is behind | body | block | <div style="color:#fff;background:#FFFFFF">{S}</div>
the colour of what is behind, by name | body | block | <div style="background-color:white;color:#fff">{S}</div>
behind the page | body | block | <div style="position:absolute;z-index:-1">{S}</div>
hidden | body | block | <div hidden>{S}</div>
hidden, a value | body | block | <div hidden="false">{S}</div>
a marquee | body | block | <marquee height=1 width=1>{S}</marquee>
a marquee that is fast | body | block | <marquee scrollamount="9999">{S}</marquee>
a closed dialog | body | block | <dialog>{S}</dialog>
closed details | body | block | <details>{S}</details>
without scripts | body | block | <noscript>{S}</noscript>
in a video | body | block | <video>{S}</video>
in a canvas | body | block | <canvas>{S}</canvas>
in a table that is hidden | body | block | <table style="display:none"><tr><td>{S}</td></tr></table>
each in a block of its own | body | link, hidden_links | <i hidden><a href="//spam1.test">k</a></i><i style="font-size:0"><a href="//spam2.test">k</a></i><b style="opacity:0"><a href="//spam3.test">k</a></b>
each link hidden itself | body | link, hidden_links | <a hidden href="//spam1.test">k</a><a style="display:none" href="//spam2.test">k</a><a style="font-size:0" href="//spam3.test">k</a>

# by style sheets

a class | body | block | <style>.k9{display:none}</style><div class="a k9 b">{S}</div>
an id | body | block | <style>#k9{position:absolute;top:-9999px}</style><div id=k9>{S}</div>
a name | body | block | <style>blink{display:none}</style><blink>{S}</blink>
a class in a class | body | block | <style>.w .k9{display:none}</style><div class=w><p class=k9>{S}</p></div>
a child | body | block | <style>.w > div{display:none}</style><section class=w><div>{S}</div></section>
a variable | body | block | <style>:root{--d:none}.k9{display:var(--d)}</style><div class=k9>{S}</div>
a variable that is said later | body | block | <style>.k9{display:var( --d )}html{color:red;--d:none}</style><div class=k9>{S}</div>
a variable that is not said | body | block | <style>.k9{display:var(--e, none)}</style><div class=k9>{S}</div>
colours by variables | body | block | <style>:root{--a:#fff;--b:white}.k9{color:var(--a);background:var(--b)}</style><div class=k9>{S}</div>
three around each other | body | block | <style>.u section>.w .k9{display:none}</style><div class=u><section><div class=w><b><i class=k9>{S}</i></b></div></section></div>
an id and a class | body | block | <style>#w .k9{display:none}</style><div id=w><p class=k9>{S}</p></div>
a sheet for screens | body | block | <style media=screen>.k9{display:none}</style><div class=k9>{S}</div>
a sheet in a sheet | body | block | <style>@supports (display:block){@media screen{@layer a{.k9{display:none}}}}</style><div class=k9>{S}</div>
colours | body | block | <style>.k9{color:#fff;background:#fff}</style><div class=k9>{S}</div>
a rule behind a bad one | body | block | <style>}.x{color:red}.k9{display:none}</style><div class=k9>{S}</div>

# where it leads

a link | body | link | <a href="https://spam.test/">k</a>
without a scheme | body | link | <a href=//spam.test>k</a>
a tab in the scheme | body | link | <a href="ht\ttps://spam.test/">k</a>
a line end in the slashes | body | link | <a href="/\n/spam.test/">k</a>
backslashes | body | link | <a href="\\spam.test/">k</a>
a slash and a backslash | body | link | <a href="/\spam.test/">k</a>
slashes in references | body | link | <a href="&sol;&#47;spam.test">k</a>
a colon in a reference | body | link | <a href="https&colon;//spam.test">k</a>
too many slashes | body | link | <a href="https:////spam.test/">k</a>
one slash | body | link | <a href="http:/spam.test/">k</a>
white space before it | body | link | <a href=" &#1;&Tab;//spam.test/">k</a>
a user that looks like a host | body | link | <a href="https://www.example.cn@spam.test/">k</a>
a user and a password | body | link | <a href="https://www.example.cn:443@spam.test/">k</a>
a long password | body | link | <a href="https://www.example.cn:{600 x 1}@spam.test/">k</a>
a long user with slashes written otherwise | body | link | <a href="https://www.example.cn%2f{600 x a}@spam.test/">k</a>
a user behind a backslash | body | link | <a href="https://spam.test\@www.example.cn/">k</a>
a question mark as a host's end | body | link | <a href="https://spam.test?.example.cn/">k</a>
a fragment as a host's end | body | link | <a href="https://spam.test#.example.cn/">k</a>
the host as a beginning | body | link | <a href="https://www.example.cn.spam.test/">k</a>
the host as an end | body | link | <a href="https://badexample.cn/">k</a>
a port | body | link | <a href="https://spam.test:443/">k</a>
a trailing dot | body | link | <a href="https://spam.test./">k</a>
Cyrillic letters | body | link | <a href="https://www.ехаmple.cn/">k</a>
punycode | body | link | <a href="https://xn--exmple-4nf.cn/">k</a>
an ideographic full stop | body | link | <a href="https://spam。test/">k</a>
numbers | body | link | <a href="http://3232235777/">k</a>
IPv6 | body | link | <a href="http://[2001:db8::1]/">k</a>
percent signs in the host | body | link | <a href="https://spam%2etest/">k</a>
the first of two attributes | body | link | <a href="//spam.test" href="/">k</a>
no space between attributes | body | link | <a title="a"href="//spam.test/">k</a>
an area of a map | body | link | <map><area href="//spam.test/"></map>
a link in a drawing | body | link | <svg><a xlink:href="//spam.test/"><text>k</text></a></svg>
a link in a drawing, in capitals | body | link | <svg><A HREF="//spam.test/"><text>k</text></A></svg>
a link that a drawing animates | body | link | <svg><a><set attributeName="href" to="//spam.test/"/><text>k</text></a></svg>
a link that a drawing animates, values | body | link | <svg><a href="/"><animate attributeName="xlink:href" values="/;//spam.test/"/></a></svg>
a link in mathematics | body | link | <math><mtext href="//spam.test/"><a href="//spam.test/">k</a></mtext></math>
ping | body | link | <a href="/" ping="/p //spam.test/p">k</a>
a base | head | base | <base href="//spam.test/">
a base with a target | head | base | <base target=_blank href="https://spam.test/">
a canonical | head | style | <link rel=canonical href="https://spam.test/">
a style sheet | head | style | <link rel="StyleSheet" href="https://spam.test/a.css">
an import | head | style | <style>@import "//spam.test/a.css";</style>
an import, url() | head | style | <style>@IMPORT url( //spam.test/a.css );</style>
a refresh | head | refresh | <meta http-equiv=refresh content="0;url=//spam.test/">
a refresh without url= | head | refresh | <meta http-equiv="refresh" content="0; //spam.test/">
a refresh with a comma, in references | head | refresh | <meta content="0,&#117;rl='https://spam.test/'" http-equiv="REFRESH">
a refresh with dots | head | refresh | <meta http-equiv=refresh content="0.5.5 ;URL = https:spam.test">
a refresh without scripts | head | refresh | <noscript><meta http-equiv=refresh content="0;url=https://spam.test/"></noscript>
a refresh in the body | body | refresh | <p><meta http-equiv=refresh content="1;url=https://spam.test/">
a script | body | script | <script src="//spam.test/a.js"></script>
a script behind the document | after | script | <script src="//spam.test/a.js"></script>
a script of a module | head | script | <script type=module async src=https://spam.test/a.js></script>
a script in an address | body | script | <script src="data:text/javascript,a()"></script>
a script in an address, in base64 | body | script | <script src=" DATA:;base64,YQ=="></script>
a script in a drawing | body | script | <svg><script xlink:href="//spam.test/a.js"></script></svg>
a frame | body | frame | <iframe src="https://spam.test/"></iframe>
a frame of its own text | body | frame | <iframe srcdoc="&lt;a href=https://spam.test/&gt;k&lt;/a&gt;"></iframe>
a frame of its own text, twice | body | frame | <iframe srcdoc="<script src=&amp;#47;&amp;#47;spam.test></script>"></iframe>
a frame of its own text, backslashes | body | frame | <iframe srcdoc="<a href='\\spam.test'>k</a>"></iframe>
a frame of its own text, no slashes | body | frame | <iframe srcdoc="<a href='https:spam.test'>k</a>"></iframe>
a frame of its own text, escapes of a script | body | frame | <iframe srcdoc="<script>location='\x2f\x2fspam.test'</script>"></iframe>
a frame in an address | body | frame | <iframe src="data:text/html,<h1>k"></iframe>
a frame by a script | body | frame | <iframe src="javascript:location.href='//spam.test'"></iframe>
an old frame | body | frame | <embed src="//spam.test/">
an object | body | frame | <object data="//spam.test/"></object>
an object in an address | body | frame | <object data="data:text/html;base64,PGE+"></object>
a parameter of an object | body | frame | <object type="application/x-a"><param name="movie" value="//spam.test/a.swf"></object>
a form | body | form | <form action="//spam.test/"><input name=q></form>
a button | body | form | <form action="/"><button formaction="//spam.test/">k</button></form>
a picture that sends | body | form | <form action="/"><input type=image formaction="//spam.test/"></form>

# the entry

none | entry | missing:entry | <p>12377</p>
in a comment | entry | missing:entry | <!-- <a href="https://www.12377.cn/">12377</a> -->
in a script | entry | missing:entry | <script>'<a href="https://www.12377.cn/">12377</a>'</script>
in a template | entry | missing:entry | <template><a href="https://www.12377.cn/">12377</a></template>
hidden | entry | missing:entry, hidden:entry | <p hidden><a href="https://www.12377.cn/">12377</a></p>
in the part of closed details that is shown | entry | | <details><summary><a href="https://www.12377.cn/">12377</a></summary>more</details>
in closed details | entry | missing:entry, hidden:entry | <details><summary>more</summary><a href="https://www.12377.cn/">12377</a></details>
in the colour of the ground | entry | missing:entry, hidden:entry | <p style="background:#fff;color:#FFF"><a href="https://www.12377.cn/">12377</a></p>
without a word | entry | missing:entry, hidden:entry | <a href="https://www.12377.cn/"></a>
by a class of the page | entry | missing:entry, hidden:entry | <style>.f a{display:none}</style><p class=f><a href="https://www.12377.cn/">12377</a></p>
in a font of a pixel | entry | missing:entry, hidden:entry | <font style="font-size:1px"><a href="https://www.12377.cn/">12377</a></font>

# honest pages

a news portal | body | | <style>.more{display:none}.tab{display:none}.tab.on{display:block}</style><ul class="nav"><li><a href="/china">国内</a><li><a href="//finance.example.cn/">财经</a></ul><div class="tab on">{K}</div><div class=tab>{K}</div>
a shop with a menu that opens | body | | <style>.sub{visibility:hidden;opacity:0;transition:.3s}.nav:hover .sub{visibility:visible;opacity:1}</style><div class=nav>all<div class=sub>{K}{K}</div></div>
a live site with cards | body | | <ul><li style="background:url(//img.example.cn/1.jpg)"><a href="https://live.example.cn/1" target=_blank><img src="//cdn.test/1.jpg" alt=""><h3>一号</h3></a></ul>
a video site with a player | body | | <video controls poster="//cdn.test/p.jpg"><source src="//cdn.test/1.mp4"><p>Your browser plays no video. <a href="/1.mp4">Take it</a></p></video>{K}
a forum with folded posts | body | | <table><tr><td style="display:none">{K}</table><details><summary>more</summary>{K}</details>
a search page | body | | <form action="/s" method=get><input name=q style="width:0"><button formaction="/s/pic">pictures</button></form><a href="https://m.example.cn:443/s?q=a">mobile</a>
a login page | body | | <form action="https://passport.example.cn/login"><input type=password><a href="/forgot">?</a></form><iframe src="https://passport.example.cn/qr" style="display:none"></iframe>
a blog with an empty icon link | body | | <a class="icon-rss" href="/feed"></a><a href="javascript:void(0)" onclick="go()">up</a><a href="mailto:a@example.org">mail</a><a href="tel:12377">call</a>
a help page of questions | body | | <details><summary>How?</summary><p>So. {K}</p></details><details open><summary>Why?</summary>{K}</details>
a page for readers that hear it | body | | <style>.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip:rect(0,0,0,0)}</style><a class=sr href="#main">skip</a><nav class=sr>{K}</nav>
a carousel | body | | <div style="overflow:hidden;height:300px"><div style="transform:translateX(-1200px);width:6000px">{K}</div></div>
slides of which one is seen | body | | <div style="opacity:0;position:absolute;z-index:-1">{K}</div><div style="opacity:1">{K}</div>
a page that closes a menu beside it | body | | <aside style="position:fixed;left:-300px;width:300px">{K}{K}</aside>
an accordion | body | | <div style="max-height:0;overflow:hidden;transition:max-height .2s">{K}{K}</div>
a dialog for cookies | body | | <dialog id=c><p>We use cookies. {K}</p></dialog><div id=m style="display:none">{K}</div>
a page with a an application that draws itself | body | | <div id=app></div><noscript>Please switch scripts on, or go to <a href="/lite">the light page</a>.</noscript><script src="/static/app.9f3c.js" defer></script><script>window.__S__={"u":"https:\/\/www.example.cn\/a","h":"<b>x<\/b>"}</script>
statistics | head | | <script>var _h=[];(function(){var s=document.createElement("script");s.src="https://hm.stats.test/h.js?1";document.head.appendChild(s)})()</script>
a script that writes its own links | body | | <script>document.write('<a href="/help">help</a><script src="//s1.example.cn/a.js"><\/script>')</script>
a script that compares addresses | body | | <script>if (location.href.indexOf("//other.test/") < 0) { x = '<' + "a" + '>' } // <a href="//other.test/"></script>
a script that holds a template | body | | <script type="text/template"><a href="//{{host}}/{{id}}">{{name}}</a></script>
hints for the browser | head | | <link rel=dns-prefetch href="//cdn.test"><link rel=preconnect href="https://cdn.test"><link rel=icon href="//cdn.test/i.png"><link rel=alternate type="application/rss+xml" href="/feed"><link rel=canonical href="https://www.example.cn/">
dark colours | head | | <style>:root{--bg:#fff;--fg:#111}body{background:var(--bg);color:var(--fg)}@media (prefers-color-scheme:dark){:root{--bg:#111;--fg:#fff}}.btn{color:#fff;background:#07f}.w{color:#fff;background:#fff url(//cdn.test/b.png)}</style>
white on a picture | body | | <div style="color:#fff;background:#fff url(/b.jpg)">{K}</div><h2 style="color:#fff;background-color:#c00">{K}</h2>
text that a gradient fills | body | | <style>.g{color:transparent;background:linear-gradient(red,blue);background-clip:text}</style><h2 class=g>{K}</h2><p style="color:transparent;-webkit-background-clip:text;background-image:url(/a.png)">{K}</p>
a class that another element has | body | | <style>.w .k9{display:none}.w>.k8{display:none}</style><div class=w>a</div><p class=k9>{K}<b><a href="/a">a</a></b></p><div class=w><b class=k8>{K}</b></div>
variables of a dark page | head | | <style>:root{--d:block}.k9{display:var(--d)}h1{color:var(--none);background:var(--nil)}</style>
a page for printers | head | | <style media=print>.k{display:none}</style><style>@media print{nav,footer,h1{display:none}}</style>
an old page of tables | body | | <table width="100%" bgcolor="#ffffff"><tr><td><font color="#ffffff" size=1>.</font><marquee scrollamount=3 width=300 height=20>{K}</marquee><map name=m><area href="/a"></map></table>
a page of 2003 in frames of its own | body | | <iframe src="/top.html" width=0 height=0></iframe><iframe src="about:blank"></iframe><iframe></iframe>
an encyclopaedia | body | | <style>.mw .hide{display:none}.toc .sub li{display:none}.toc.open .sub li{display:block}</style><div class="mw">{K}</div><div class="toc open"><ul class=sub><li>{K}</ul></div><sup><a href="#cite">[1]</a></sup>
documents with folded chapters | body | | <style>.side ul ul{display:none}.side li.open>ul{display:block}</style><div class=side><ul><li class=open><a href="/a">A</a><ul><li>{K}</ul><li><a href="/b">B</a><ul><li>{K}</ul></ul></div>
a page that loads pictures late | body | | <img data-src="//cdn.test/1.jpg" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" alt=a><noscript><img src="//cdn.test/1.jpg"></noscript><div class=lazy data-href="//other.test/">{K}</div>
a page of an office | body | | <a href="https://www.example.cn./">home</a><a href="HTTPS://WWW.EXAMPLE.CN/x">x</a><a href="//www.example.cn?y">y</a><a href="?page=2">2</a><a href="#top">top</a><a href="">self</a><a name=x>anchor</a>
a page with drawings | body | | <svg width=0 height=0 style="position:absolute"><symbol id=a><a href="/x"></a></symbol></svg><svg><use xlink:href="#a"/><a href="/room/1"><text>1</text><animate attributeName="opacity" values="0;1"/></a></svg>
a letter | whole | missing:entry, title, description | <html><body bgcolor="#ffffff"><div style="display:none;max-height:0">a preview</div><table><tr><td>{K}</table></body></html>
text that says how it is done | body | | <pre>&lt;a href="//spam.test/" style="display:none"&gt;</pre><code>&lt;script src=//spam.test&gt;</code><textarea><a href="//spam.test/">k</a></textarea>
the entry as a picture | entry | | <a href="https://www.12377.cn/"><img src="/12377.png" alt="12377"></a>
the entry as a background | entry | | <a class="report-banner" title="12377" href="https://www.12377.cn/"></a>
the entry in words that are bold | entry | | <a href="https://www.12377.cn/"> <b>举报</b></a>
the entry, once hidden and once shown | entry | | <div hidden><a href="https://www.12377.cn/">12377</a></div><a href="https://www.12377.cn/">12377</a>
