# Pictures in the preview of a card: fetched by the daemon from listed hosts
# alone, by their first bytes, of a size, inlined; blurred by label; the style of
# the site.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use MIME::Base64 qw(decode_base64);
use ModerationDesk;
use Test::More;

my $png = decode_base64('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==');
my $d = ModerationDesk->new(server => <<'NGINX', policy => <<'POLICY', files => { 'site.css' => "h3{color:red}</style><script>alert(1)</script>" });
    location /img/ { root %%DIR%%/html; }
    location = /img/moved.png { return 302 /img/a.png; }
NGINX
schema: 1
policy: desk
slots:
  - {name: first, type: html, match: li, fields: {title: b, cover: img@src}, review: {mode: required, fields: [title], cover: {field: cover}}}
  - {name: feed, type: json, path: "$.list[*]", fields: {title: "@.t", cover: "@.c"}, review: {mode: required, fields: [title], cover: {field: cover}}}
reasons:
  - {id: shock, key: 1, label: clickbait, title: {zh: 标题夸张, en: Sensational headline}}
rules:
  - {id: r.one, rev: 1, label: clickbait, title: {zh: 规则一, en: Rule one}, match: {in: [title], terms: [alpha]}}
POLICY

sub put { open my $f, '>:raw', "$d->{dir}/html/img/$_[0]" or die "$_[0]: $!"; print $f $_[1]; close $f }
system 'mkdir', '-p', "$d->{dir}/html/img";
put('a.png', $png);
put('x.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>');
put('page.png', '<html>no picture</html>');
put('large.png', $png . 'x' x (2 * 1024 * 1024));
chmod 0755, $d->{dir}, "$d->{dir}/html", "$d->{dir}/html/img";

my $host = "127.0.0.1:$d->{port}";
sub restart {
    my ($images) = @_;
    $d->stop_daemon;
    $d->write('moderationd.yaml', <<"YAML");
node: test
sites: {a: {hosts: [localhost, www.example.cn], policy: policy.yaml, language: en, preview_css: site.css$images}}
threads: 4
YAML
    $d->start_daemon;
}

sub preview {
    my ($id) = @_;
    return $d->request(GET => "/moderation/v1/cards/$id/preview", user => 'alice', headers => { 'Accept-Language' => 'en' });
}

restart(", images: {hosts: [\"$host\"], private: true}");
is($d->request(GET => '/img/a.png')->{status}, 200, 'a picture is there');
my $card = sub { my ($t, $src, %o) = @_; $d->card($t, source => "<li><img alt=\"a cat\" src=\"$src\"><h3>$t</h3></li>", %o) };
my %src = (one => "http://$host/img/a.png?x=1&amp;y=2", svg => "http://$host/img/x.svg", page => "http://$host/img/page.png",
           large => "http://$host/img/large.png", moved => "http://$host/img/moved.png", none => "http://$host/img/none.png",
           other => "http://localhost:$d->{port}/img/a.png", user => "http://a:b\@$host/img/a.png",
           file => 'file:///etc/passwd', script => "javascript:alert(1)", quote => "http://$host/img/&quot;onerror=x");
my $json = $d->card('json', slot => 'feed', source => '{"t":"json"}');
$json->{private}{fields}{cover} = "http://$host/img/a.png";
$d->cards((map { $card->($_, $src{$_}) } sort keys %src), $card->('alpha', $src{one}, rule => 'r.one'), $json);
my %id = map { $_->{fields}{title} => $_->{id} } @{ $d->request(GET => '/moderation/v1/queue?limit=100', user => 'alice')->{json}{cards} };

my $r = preview($id{one});
like($r->{body}, qr{<img alt="a cat" src="data:image/png;base64,iVBORw0KGgo[A-Za-z0-9+/=]+">}, 'a picture of a listed host is in the preview');
like($r->{headers}, qr/sandbox; default-src 'none';.*img-src data:/, 'which fetches nothing itself');
unlike($r->{body}, qr/blur/, 'a card without a label is not blurred');
like($r->{body}, qr{h3\{color:red\}/style>script>}, 'in the style of the site, which no element leaves');
unlike($r->{body}, qr/<script/, 'nor a script');
like(preview($id{alpha})->{body}, qr/img\{filter:blur\(8px\) grayscale\(1\)!important\}img:active/, 'one with a label is, until it is pressed');
like(preview($id{json})->{body}, qr{<img alt="cover" src="data:image/png}, 'the cover that a slot names, where the source is no HTML');

for my $bad (grep { $_ ne 'one' } sort keys %src) {
    my $body = preview($id{$bad})->{body};
    like($body, qr{<span class="no-image">image a cat</span>}, "$bad: none");
    unlike($body, qr/data:image|<img/, "$bad: no element");
}

restart(", images: {hosts: [\"$host\"], blur: [gore]}");
unlike(preview($id{one})->{body}, qr/data:image/, 'no address inside, unless the site says so');
unlike(preview($id{alpha})->{body}, qr/blur/, 'only labels that are listed are blurred');
restart('');
unlike(preview($id{one})->{body}, qr/data:image/, 'without a list nothing is fetched');

$d->stop_daemon;
$d->write('moderationd.yaml', "node: test\nsites: {a: {hosts: [x], images: {hosts: [\"http://x/\"], private: maybe, blurr: []}}}\n");
my $out = `$ModerationTest::build/moderationd -c $d->{dir}/moderationd.yaml -t 2>&1`;
like($out, qr/yaml:2:\d+: .*hosts: names are wanted/, '-t: a host is no URL');
like($out, qr/yaml:2:\d+: .*private: true or false/, '-t: private');
like($out, qr/blurr.*blur/, '-t: an unknown key');

$d->stop;
unlike($d->daemon_log, qr/error|alert/, 'no error in the log');
done_testing;
