#!/usr/bin/perl
#
# moderationctl scan as people use it: a table, folders, HAR files, a server,
# and exit statuses that a script can rely on.

use strict;
use warnings;
use utf8;
use File::Temp 'tempdir';
use IO::Socket::INET;
use MIME::Base64;
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
    return "$dir/$name";
}

sub scan {
    my ($args) = @_;
    my $out = `$tool scan --policy $dir/policy.yaml $args 2>$dir/stderr`;
    my $rc = $? >> 8;
    utf8::decode($out);
    open my $f, '<:utf8', "$dir/stderr" or die $!;
    return ($rc, $out, join '', <$f>);
}

spew('policy.yaml', <<'END');
schema: 1
policy: p
slots:
  - {name: home.first, type: html, match: li.card,
     fields: {title: h3, room: "@data-room"}}
  - {name: home.rest, type: html, match: li.rest, fields: {title: h3}}
rules:
  - {id: one.block, label: gambling, match: {in: [title], terms: [时时彩]}}
  - {id: one.tag, label: clickbait, suggestion: review, action: tag,
     match: {in: [title], terms: [震惊]}}
END

mkdir "$dir/site";
mkdir "$dir/site/more";
my $a = spew('site/a.html', "<ul><li class=card data-room=7><h3>画画</h3>"
    . "<li class=card data-room=8><h3>时\x{200b}时彩\x{1b}[31m</h3>"
    . "<li class=rest><h3>震惊</h3></ul>");
spew('site/more/b.html', '<li class=card data-room=9><h3>读书</h3>');
spew('site/.hidden.html', '<li class=card><h3>时时彩</h3>');
my $empty = spew('empty.html', '<p>nothing');

my ($rc, $out, $err) = scan("--format text --lang zh $a");
like($out, qr/^  8 +\S.* +移除 +one\.block \(/m, 'in Chinese: what became of it');
like($out, qr/^位置 +条目 +放行 +标记 +打码 +待复审 +移除 +超出条数 +没有看$/m, 'and the summary');
is((scan("--format text --lang zh $empty"))[1] =~ /没有一个 slot 找到条目/, 1, 'nothing found');

my $long = spew('long.html', '<li class=card><h3>'
    . join('，', map { '时' . "\x{200b}" x $_ . '时彩' } 1 .. 9) . '</h3>');
like((scan("--format text $long"))[1], qr/one\.block \([^,)]+(?:, [^,)]+){4}, \.\.\.\)/,
     'of many texts of a rule the first five');

($rc, $out, $err) = scan("--format text $a");
is($rc, 1, 'hits: 1');
like($out, qr/^home\.first\n  7 +画画 +passed\n  8 +时<200B>时彩<001B>\[31m +blocked +one\.block \(时<200B>时彩\)\n/,
     'rows; nothing invisible, nothing that a terminal obeys');
like($out, qr/^home\.rest\n +震惊 +tagged +one\.tag \(震惊\)\n/m,
     'a head where the slot changes');
like($out, qr/^home\.first +2 +1 +- +- +- +1 +- +-$/m, 'the summary');
is($err, '', 'nothing on standard error');

($rc, $out) = scan($a);
like($out, qr/^\{"slot":"home\.first","index":0,/, 'in a pipe: JSON lines');
unlike($out, qr/"file"/, 'one body has no name');

# a field whose selector finds nothing in any item is said, as a slot is

my $redesigned = spew('redesigned.html', "<ul><li class=card data-room=7><h4>时时彩</h4>"
    . "<li class=card data-room=8><h4>画画</h4><li class=rest><h3>读书</h3></ul>");

($rc, $out, $err) = scan("--format text $redesigned");
like($out, qr/^home\.first: field title has no text in any of 2 items: look at its selector$/m,
     'a field without a text is said');
is(scalar(() = $out =~ /has no text/g), 1, 'and no other');
like((scan("--format text --lang zh $redesigned"))[1],
     qr/^home\.first 的字段 title 在 2 个条目里都没有文字：请看它的选择器$/m, 'in Chinese');
($rc, $out, $err) = scan($redesigned);
is($err, '{"warning":"empty_field","slot":"home.first","field":"title","items":2,'
   . '"detail":"home.first: field title has no text in any of 2 items: look at its selector"}' . "\n",
   'a JSON line on standard error');
like((scan("--lang zh $redesigned"))[2], qr/"items":2,"detail":"home\.first 的字段 title /,
     'its detail in Chinese');
is((scan("--slot home.rest $redesigned"))[2], '', 'of the slot that is asked for');
is((scan("--apply $redesigned"))[2], '', 'not with --apply');
is((scan("$redesigned $a"))[2], '', 'one text somewhere is enough');

# several bodies

($rc, $out) = scan("$dir/site");
is($rc, 1, 'a folder');
is(join(' ', $out =~ /"file":"\Q$dir\E\/site\/([^"]+)"/g),
   'a.html a.html a.html more/b.html', 'by name, hidden files left out');

($rc, $out) = scan("--format text $dir/site $empty");
like($out, qr/^\Q$dir\E\/site\/more\/b\.html\n\nhome\.first\n  9 +读书 +passed\n/m,
     'text names the file');
like($out, qr/^3 bodies, 4 items$/m, 'and counts them');

symlink "$dir/site", "$dir/site/loop" or die $!;
($rc, $out) = scan("$dir/site");
is(scalar(() = $out =~ /\n/g), 4, 'a link to a folder is not followed');
unlink "$dir/site/loop";

($rc, $out, $err) = scan("$a $dir/absent.html $dir/site/more/b.html");
is($rc, 2, 'a file that is not there: 2');
like($err, qr/absent\.html: No such file/, 'it is said');
is(scalar(() = $out =~ /\n/g), 4, 'the others are read');

my $body = '<li class=card data-room=5><h3>时时彩</h3>';
utf8::encode($body);
my $har = spew('a.har', '{"log":{"entries":[
    {"request":{"url":"http://x.test/1"},"response":{"content":
        {"mimeType":"text/html","text":"<li class=card data-room=4><h3>读书</h3>"}}},
    {"request":{"url":"http://x.test/2"},"response":{"content":
        {"mimeType":"text/html","encoding":"base64","text":"'
    . encode_base64($body, '') . '"}}},
    {"request":{"url":"http://x.test/3"},"response":{"content":{}}}]}}');
($rc, $out) = scan($har);
is($rc, 1, 'a HAR file');
like($out, qr/"file":"\Q$har\E#0 http:\/\/x\.test\/1",.*"room":"4"/,
     'an answer in it');
like($out, qr/"file":"\Q$har\E#1 http:\/\/x\.test\/2",.*one\.block/,
     'base64, too');

($rc, $out, $err) = scan(spew('bad.har', '{"log":'));
is($rc, 2, 'a broken HAR file: 2');
like($err, qr/bad\.har:1:7: /, 'file:line:column');

# a server, in a charset of its own

my $listen = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1')
    or die $!;
my $port = $listen->sockport;
my $pid = fork // die $!;

if ($pid == 0) {
    for (1 .. 2) {
        my $c = $listen->accept or exit 1;
        my $get = <$c>;
        while (<$c> =~ /\S/) {}
        my $page = "<li class=card data-room=6><h3>\xca\xb1\xca\xb1\xb2\xca</h3>";
        print $c $get =~ m{ /page } ? "HTTP/1.1 200 OK\r\n"
            . "Content-Type: text/html; charset=GBK\r\n"
            . "Content-Length: " . length($page) . "\r\n"
            . "Connection: close\r\n\r\n$page"
            : "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n"
            . "Connection: close\r\n\r\n";
        close $c;
    }
    exit 0;
}

($rc, $out) = scan("--url http://127.0.0.1:$port/page");
is($rc, 1, 'a URL');
like($out, qr/时时彩/, 'in the charset that its header names');
($rc, $out) = scan("--url http://127.0.0.1:$port/absent");
is($rc, 3, 'an answer without items');
waitpid $pid, 0;
close $listen;
($rc, $out, $err) = scan("--url http://127.0.0.1:$port/page");
is($rc, 2, 'no server: 2');
like($err, qr/127\.0\.0\.1:$port/, 'and which');
($rc, $out, $err) = scan('--url file:///etc/hostname');
is($rc, 2, 'no http: 2');

# a number before all lists of a document counts what they lost together

spew('counts.yaml', <<'END');
schema: 1
policy: p
slots:
  - {name: all, type: json, match: "$.c[*].all[*]", count: "$.n", fields: {title: "$.t"}}
rules:
  - {id: one, label: rumor, match: {in: [title], terms: [震惊]}}
END

sub counted {
    my ($body) = @_;
    my $out = `$tool scan --policy $dir/counts.yaml --type json --apply @{[spew('counts.json', $body)]}`;
    utf8::decode($out);
    return $out;
}

my ($bad, $good) = ('{"t":"震惊"}', '{"t":"二"}');

is(counted(qq({"n":4,"c":[{"all":[$bad,$good]},{"all":[$good,$bad]}]})),
   qq({"n":2,"c":[{"all":[$good]},{"all":[$good]}]}), 'one before all lists');
is(counted(qq({"c":[{"all":[$bad,$good]},{"all":[$good,$bad]}],"n":4})),
   qq({"c":[{"all":[$good]},{"all":[$good]}],"n":2}), 'one behind them');
is(counted(qq({"n":2,"c":[{"all":[$bad,$good]}]}\n{"n":1,"c":[{"all":[$good]}]}\n)),
   qq({"n":1,"c":[{"all":[$good]}]}\n{"n":1,"c":[{"all":[$good]}]}\n), 'documents');

# statuses and mistakes

is((scan("$dir/site/more/b.html"))[0], 0, 'no hit: 0');
($rc, $out) = scan("--format text $empty");
is($rc, 3, 'no slot found anything: 3');
like($out, qr/^no slot found anything/m, 'and it is said');
($rc, $out, $err) = scan("--slot home.frist $a");
is("$rc $err", "2 moderationctl: unknown slot \"home.frist\" (did you mean \"home.first\"?)\n",
   'an unknown slot');
($rc, $out, $err) = scan("--slot zzzzzz $a");
like($err, qr/there are: home\.first, home\.rest$/m, 'or all there are');
($rc, $out, $err) = scan("--lang zh --slot home.frist $a");
like($err, qr/没有 slot“home\.frist”（是不是“home\.first”？）/, 'in Chinese');
($rc, $out, $err) = scan("--apply $a $empty");
is($rc, 2, '--apply of two bodies');

# bench says what a text costs that is made to cost much, and a plain one

sub bench {
    my ($title) = @_;
    my $page = spew('bench.html', "<ul><li class=card><h3>$title</h3></ul>");
    my $json = `$tool bench --policy $dir/policy.yaml --type html $page`;
    return map { $json =~ /"$_":(\d+)/ ? $1 : -1 }
           qw(worst_steps_per_char limited);
}

my @worst = bench('时时(shí)' x 2000);
my @plain = bench('平常的一天' x 800);

cmp_ok($worst[0], '>', $plain[0], 'bench: steps of a hostile text');
cmp_ok($plain[0], '>=', 0, 'bench: steps of a plain one');

# the same of a file with a text a line, for the matcher alone

my $lines = spew('bench.txt', ('时时(shí)' x 2000) . "\nordinary\n\n");
my $cost = `$tool bench --policy $dir/policy.yaml --texts $lines`;
like($cost, qr/"texts":2,"text_bytes":24008,/, 'bench: texts, and no empty one');
my ($worst) = $cost =~ /"worst_steps_per_char":(\d+)/;
cmp_ok($worst, '>', 0, 'bench: the worst of them');
cmp_ok($plain[0], '<', 4, 'and they are few');
is($plain[1], 0, 'it is read to its end');

done_testing();
