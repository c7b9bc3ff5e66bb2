# What pages: and places cost readers, through a real nginx with one worker: a
# page of 256 KB out of t/bench/make_pages.py's home_8m.html, with 10 000 terms.
#
#   pages     with what a homepage has to have and must not have, and without
#   places    with a rule that holds in one province, where the reader is looked
#             up, and without the rule
#
#     python3 t/bench/make_pages.py /tmp/pages
#     PAGES=/tmp/pages prove -v t/bench/pages.pl     ROUNDS=9 SECONDS=1
#
# Cards known: one page again and again; new: 30 pages in turn, so that no card
# is known when it comes again.  On a shared machine processor time says more
# than the clock: user and system time of the worker a request, in turns, median
# of the rounds.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use ModerationServer;
use Test::More;

my $rounds = $ENV{ROUNDS} || 9;
my $seconds = $ENV{SECONDS} || 1;
my $data = $ENV{PAGES} or plan skip_all => 'PAGES is not set';
my $turn = 30;

sub slurp {
    open my $f, '<:raw', $_[0] or die "$_[0]: $!";
    local $/;
    return <$f>;
}

# pages of about 256 KB, each card once

my ($head, $rest) = split /<body>/, slurp("$data/home_8m.html"), 2;
my @cards = $rest =~ /(<li class=.live-card.*?<\/li>\n?)/gs;
my $n = int(@cards / $turn);
my %files = map { my $k = $_;
                  ("html/new_$k.html" => "$head<body><ul>"
                   . join('', @cards[$k * $n .. ($k + 1) * $n - 1])
                   . "</ul>\n") } 0 .. $turn - 1;

my $base = <<'END';
schema: 1
policy: bench
defaults:
  gap: {max: 2, of: [space, punct, symbol, emoji]}
slots:
  - name: cards
    type: html
    match: li.live-card
    fields: {title: h3.title, nick: span.nick, tags: span.tag}
rules:
  - id: bench
    label: spam_contact
    action: block
    match: {in: [title, nick, tags], list: terms.txt}
END

my $pages = <<'END';
pages:
  - name: home
    match: {path: "/page/*"}
    require:
      - id: page.report-entry
        selector: 'a[href*="12377.cn"]'
        insert: '<p><a href="https://www.12377.cn/">12377</a></p>'
        at: body-end
    guard:
      title: '.'
      before_html: record
      hidden_links: 3
      hosts: ["*.example.org", "*.12377.cn"]
      action: record
END

my $place = <<'END';
  - id: place
    label: rumor
    jurisdiction: {of: reader, in: [CN-GD]}
    match: {in: [title], terms: [在这个省才算的词]}
END

my $elsewhere = $place =~ s/^\s+jurisdiction:.*\n//mr;
my $terms = slurp("$data/kw_10000.txt");
my %policy = (plain => $base, page => $base . $pages, place => $base . $place,
              everywhere => $base . $elsewhere);

for my $p (sort keys %policy) {
    $files{"$p/policy.yaml"} = $policy{$p};
    $files{"$p/terms.txt"} = $terms;
}

my $mmdb = $ENV{MMDB} || "$FindBin::Bin/../fixtures/places/GeoIP2-City-Test.mmdb";
my $geo = -e $mmdb ? "moderation_geoip2 $mmdb;" : '';

my $s = ModerationServer->new(files => \%files, workers => 1,
    http => $geo,
    server => 'keepalive_requests 10000000; output_buffers 2 64k;'
        . join '', map { my $j = $geo && /place|everywhere/ ? 'moderation_jurisdiction geoip2;' : '';
        "location /$_/ { alias %%DIR%%/html/; moderation enforce; $j
             moderation_policy %%DIR%%/$_/policy.yaml check=0; }" } sort keys %policy);

sub ticks {
    my ($w) = $s->workers;
    open my $f, '<', "/proc/$w/stat" or die;
    my @s = split ' ', <$f> =~ s/^.*\) //r;
    return $s[11] + $s[12];
}

sub load {
    my ($p, $new) = @_;
    $s->write('turn.lua', "local i = 0\nrequest = function() i = (i + 1) % $turn; "
        . "return wrk.format('GET', '/$p/new_' .. i .. '.html') end\n");
    my $script = $new ? "-s $s->{dir}/turn.lua" : '';
    my $from = ticks();
    my $said = `wrk -t1 -c4 -d${seconds}s $script http://127.0.0.1:$s->{port}/$p/new_0.html 2>&1`;
    my ($k) = $said =~ /(\d+) requests in/ or die $said;
    my ($rate) = $said =~ /Requests\/sec:\s+([\d.]+)/;
    die "errors: $said" if $said =~ /Non-2xx|Socket errors/;
    return ($rate, (ticks() - $from) * 10_000 / $k);
}

sub at {
    my ($share, @of) = @_;
    @of = sort { $a <=> $b } @of;
    return $of[int($share * $#of + 0.5)];
}

for my $row ([ 'pages', 'page', 'plain' ], $geo ? [ 'places', 'place', 'everywhere' ] : ()) {
    my ($name, $with, $none) = @$row;

    for my $new (0, 1) {
        my (@clock, @cpu, @used);
        load($_, $new) for $with, $none;

        for (1 .. $rounds) {
            my ($nr, $nc) = load($none, $new);
            my ($wr, $wc) = load($with, $new);
            push @clock, $wr / $nr;
            push @cpu, $nc / $wc;
            push @used, $wc;
        }

        diag sprintf '%s, cards %s, %d rounds: of without, requests a second %.3f (%.3f to %.3f), processor time %.3f (%.3f to %.3f; %.0f us)',
            $name, $new ? 'new' : 'known', $rounds, at(0.5, @clock), at(0, @clock), at(1, @clock),
            at(0.5, @cpu), at(0, @cpu), at(1, @cpu), at(0.5, @used);
        cmp_ok(at(0.5, @cpu), '>=', 0.9, "$name, cards " . ($new ? 'new' : 'known'));
    }
}

$s->stop;
done_testing;
