# moderation_debug: what was decided, told to one client.  moderation_tags:
# what a tag says.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::INET;
use ModerationServer;
use Test::More;

my $page = '<ul><li class=card><b>fine</b><li class=card><b>wordblock</b>'
           . '<li class=card><b>wordtag</b></ul>';

my $s = ModerationServer->new(
    http => 'moderation_zone zone=m:1m; types { text/html html; '
            . 'application/json json; image/png png; } error_log '
            . '%%DIR%%/debug.log notice; map $arg_debug $debug { '
            . 'default $arg_debug; }',
    server => 'moderation_policy %%DIR%%/p.yaml check=0;
        location = /status { moderation_status; }
        location / { moderation enforce; moderation_debug $debug; }
        location /shadow/ { alias %%DIR%%/html/; moderation shadow;
            moderation_debug on; }
        location /off/ { alias %%DIR%%/html/; moderation_debug on; }
        location /label/ { alias %%DIR%%/html/; moderation enforce;
            moderation_tags label; }
        location /none/ { alias %%DIR%%/html/; moderation enforce;
            moderation_tags off; }',
    files => { 'html/index.html' => $page, 'html/plain.png' => 'x',
               'html/feed.json' => '{"list":[{"t":"wordtag"},{"t":"a"}]}',
               'p.yaml' => <<'END' });
schema: 1
policy: "debug, it"
slots:
  - {name: card, type: html, match: li.card, fields: {title: b}}
  - {name: feed, type: json, match: '$.list[*]', fields: {title: $.t}}
rules:
  - {id: r.block, label: gambling, match: {in: [title], terms: [wordblock]}}
  - {id: r.tag, label: clickbait, action: tag, suggestion: review,
     match: {in: [title], terms: [wordtag]}}
END

# one request over HTTP/1.1, which has trailers

sub ask {
    my ($path) = @_;
    my $c = $s->connect;
    print $c "GET $path HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
             . "TE: trailers\r\n\r\n";
    local $/;
    return scalar <$c>;
}

my $quiet = ask('/index.html');
unlike($quiet, qr/X-Moderation/i, 'nobody else is told');
unlike(ask('/index.html?debug=0'), qr/X-Moderation/i, '0 is nobody, too');

my $told = ask('/index.html?debug=1');
like($told, qr/^X-Moderation: mode=enforce; policy=debug%2C%20it\@[0-9a-f]{32}\r$/mi,
     'the header: mode and policy, escaped');
like($told, qr/^0\r\nX-Moderation-Decisions: card;item=1;action=block;rule=r\.block, card;item=2;action=tag;rule=r\.tag\r\n\r\n\z/m,
     'the trailer: decisions');
my ($body) = $told =~ /\r\n\r\n(.*)/s;
like($body, qr/fine/, 'the body is there');
unlike($body, qr/wordblock/, 'and filtered');

my $log = do { open my $f, '<', "$s->{dir}/debug.log" or die $!; local $/; <$f> };
like($log, qr/\[notice\].*moderation: slot "card" item 1 at \d+: block by "r\.block" rev \d+ in mode 2 at \d+: "wordblock"/,
     'a line an item');
is(scalar(() = $log =~ /moderation: slot/g), 2, 'for that request alone');

like(ask('/plain.png?debug=1'), qr/^X-Moderation: mode=off; skip=type\r$/mi,
     'why something was not read') or diag(ask('/plain.png?debug=1'));
like(ask('/off/index.html'), qr/^X-Moderation: mode=off; skip=off\r$/mi,
     'off');
like(ask('/shadow/index.html'), qr/^X-Moderation: mode=shadow; policy=/mi,
     'shadow');

# tags

like($quiet, qr/<li data-moderation-label="clickbait" data-moderation-suggestion="review" data-moderation-rule="r\.tag" class=card>/,
     'tags are full');
like(ask('/label/index.html'), qr/<li data-moderation-label="clickbait" data-moderation-suggestion="review" class=card>/,
     'label: without the rule');
like(ask('/label/feed.json'), qr/\{"t":"wordtag","moderation":\{"suggestion":"review","label":"clickbait"\}\}/,
     'in JSON, too');
like(ask('/none/index.html'), qr/<li class=card><b>wordtag<\/b>/,
     'off: no tag');
unlike(ask('/none/index.html'), qr/wordblock/, 'other actions stay');
my $page_items = sub {
    my $n = 0;
    $n += $_->{items} for grep { $_->{rule} eq 'r.tag'
                                 && $_->{slot} eq 'card' }
        @{ $s->status->{rules} };
    return $n;
};
my $n = $page_items->();
ask('/none/index.html');
is($page_items->(), $n + 1, 'and the hit is counted');

done_testing();
