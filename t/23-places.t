# Where the reader is: moderation_geoip2, moderation_jurisdiction,
# moderation_client; databases that change while nginx runs, also into what is
# none; and the place of an account and a site.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";

use Encode qw(encode);
use ModerationServer;
use Test::More;
use Time::HiRes qw(sleep);

my $fixture = "$FindBin::Bin/fixtures/places/GeoIP2-City-Test.mmdb";
my $ctl = "$ModerationTest::build/moderationctl";

plan skip_all => 'no MaxMind::DB::Writer (libmaxmind-db-writer-perl)'
    unless eval { require MaxMind::DB::Writer::Tree; 1 };

sub slurp { open my $f, '<:raw', $_[0] or die "$_[0]: $!"; local $/; <$f> }

# a database with provinces, cities and districts, as there are for sale

sub database {
    my (%o) = @_;

    my $tree = MaxMind::DB::Writer::Tree->new(
        ip_version => $o{version} || 6, record_size => $o{size} || 24,
        database_type => 'Test-Districts', languages => ['zh-CN'],
        description => { en => 'made by a test' },
        map_key_type_callback => sub {
            $_[0] eq 'subdivisions' ? ['array', 'map']
            : $_[0] =~ /^(country|city|district|names)$/ ? 'map'
            : 'utf8_string'
        });

    my %nets = (
        '1.2.0.0/16' => ['CN', '广东', '深圳', '南山'],
        '1.3.0.0/16' => ['CN', '广东', '广州', '天河'],
        '1.4.0.0/16' => ['CN', '四川'],
        '1.5.0.0/16' => ['US'],
        ($o{version} || 6) == 6
            ? ('2400:1::/32' => ['CN', '广东', '深圳', '福田']) : (),
        %{ $o{nets} || {} });

    for my $net (sort keys %nets) {
        my ($country, $sub, $city, $district) = @{ $nets{$net} };
        $tree->insert_network($net, {
            country => { iso_code => $country },
            $sub ? (subdivisions => [{ names => { 'zh-CN' => $sub } }]) : (),
            $city ? (city => { names => { 'zh-CN' => $city } }) : (),
            $district ? (district => { names => { 'zh-CN' => $district } })
                      : () });
    }

    my $data = '';
    open my $f, '>:raw', \$data or die;
    $tree->write_tree($f);
    close $f;

    return $data;
}

my $good = database();
my $map = encode('UTF-8', "# names to codes\n广东\tGD\n四川\tSC\n"
                          . "深圳\tShenzhen\n广州\tGuangzhou\n");

my $policy = encode('UTF-8', <<'EOF');
schema: 1
policy: places
places: {广东: CN-GD, 深圳: CN-GD/Shenzhen}
slots:
  - {name: card, type: html, match: li, fields: {title: b, place: i}}
rules:
  - {id: r.gd, label: rumor, jurisdiction: {of: reader, in: [CN-GD]},
     match: {in: [title], terms: [provinceword]}}
  - {id: r.sz, label: rumor, jurisdiction: {of: reader, in: [CN-GD/Shenzhen]},
     match: {in: [title], terms: [cityword]}}
  - {id: r.ns, label: rumor, jurisdiction: {of: reader, in: [CN-GD/Shenzhen/南山]},
     match: {in: [title], terms: [districtword]}}
  - {id: r.account, label: rumor, jurisdiction: {of: account, in: [CN-GD]},
     match: {in: [title], terms: [accountword]}}
  - {id: r.site, label: rumor, jurisdiction: {of: site, in: [CN-SC]},
     match: {in: [title], terms: [siteword]}}
  - {id: r.any, label: rumor, jurisdiction: [CN-GD],
     match: {in: [title], terms: [anyword]}}
EOF

my $page = encode('UTF-8', join '', map { "<li><b>$_->[0]</b><i>$_->[1]</i></li>" }
    ['provinceword', ''], ['cityword', ''], ['districtword', ''],
    ['accountword', 'IP属地：广东'], ['accountword 2', 'CN-GD/Foshan'],
    ['accountword 3', '四川'], ['accountword 4', ''], ['siteword', ''],
    ['anyword', ''], ['anyword', '四川'], ['fine', '']);

my $db = '%%DIR%%/places.mmdb check=200ms map=%%DIR%%/map '
         . 'path=country.iso_code-subdivisions.0.names.zh-CN'
         . '/city.names.zh-CN/district.names.zh-CN';

my $s = ModerationServer->new(workers => 2,
    http => "moderation_zone zone=m:1m; moderation_policy %%DIR%%/p.yaml;
        moderation_geoip2 $db;
        set_real_ip_from 127.0.0.1; real_ip_header X-Real;
        log_format place '\$moderation_jurisdiction';",
    server => 'moderation enforce; moderation_jurisdiction geoip2 site=CN-SC;
        access_log %%DIR%%/logs/place.log place;
        location = /status { moderation off; moderation_status; access_log off; }
        location / { }
        location /cached { alias %%DIR%%/html/index.html;
            default_type text/html; add_header Cache-Control
            "public, max-age=60, s-maxage=600"; }
        location /kept { alias %%DIR%%/html/index.html;
            default_type text/html; moderation_private off;
            add_header Cache-Control "public, max-age=60"; }
        location /client { alias %%DIR%%/html/index.html;
            default_type text/html; moderation_client $http_x_client; }
        location /named { alias %%DIR%%/html/index.html;
            default_type text/html; moderation_jurisdiction $http_x_place; }
        location /nowhere { alias %%DIR%%/html/index.html;
            default_type text/html; moderation_jurisdiction off; }',
    files => { 'p.yaml' => $policy, 'places.mmdb' => $good, 'map' => $map,
               'html/index.html' => $page });

# the words of the cards that are left

sub left {
    my ($path, %h) = @_;

    return join ' ', $s->get($path, %h)->{body} =~ /<b>([^<]*)/g;
}

my $account = 'accountword 3 accountword 4';

my %want = (
    '1.2.3.4' => "$account anyword fine",
    '1.3.3.4' => "cityword districtword $account anyword fine",
    '1.4.3.4' => "provinceword cityword districtword $account anyword anyword fine",
    '1.5.3.4' => "provinceword cityword districtword $account anyword anyword fine",
    '9.9.9.9' => "provinceword cityword districtword $account anyword anyword fine",
    '10.1.1.1' => "provinceword cityword districtword $account anyword anyword fine",
    '2400:1::5' => "districtword $account anyword fine",
    '::ffff:1.2.3.4' => "$account anyword fine",
);

for my $ip (sort keys %want) {
    for (1 .. 2) {
        is(left('/index.html', 'X-Real' => $ip), $want{$ip}, "a reader at $ip");
    }
}

is(left('/client', 'X-Client' => '1.2.3.4'), $want{'1.2.3.4'},
   'moderation_client');
is(left('/client', 'X-Client' => 'nonsense'), $want{'9.9.9.9'},
   'an address that is none: unknown');
is(left('/named', 'X-Place' => 'cn-gd/shenzhen/x'),
   "districtword $account siteword anyword fine",
   'a place from a variable; no site is inherited');
is(left('/nowhere', 'X-Real' => '1.2.3.4'),
   "provinceword cityword districtword $account siteword anyword anyword fine",
   'off');

my $log = $s->get('/index.html', 'X-Real' => '1.2.3.4');
$s->until(3, sub { slurp("$s->{dir}/logs/place.log") =~ /Nanshan|南山|\\xE5/ });
like(slurp("$s->{dir}/logs/place.log"), qr/^CN-GD\/Shenzhen\//m,
     '$moderation_jurisdiction');


# caches

like($s->get('/cached')->{headers},
     qr/^Cache-Control: private, max-age=60\r?$/m,
     'what depends on the place is private');
unlike($s->get('/cached')->{headers}, qr/public|s-maxage/, 'and not public');
like($s->get('/kept')->{headers}, qr/^Cache-Control: public, max-age=60/m,
     'moderation_private off');
unlike($s->get('/nowhere')->{headers}, qr/^Cache-Control/m,
       'no jurisdiction, no field');


# databases that change

my $status = $s->status->{geoip2}[0];
is($status->{type}, 'Test-Districts', 'the status shows the database');
is($status->{reloads}, 0, 'as it was at the start');
my $html = $s->get('/status?format=html')->{body};
like($html, qr{<h2>Databases of places</h2>.*<td>Test-Districts</td>.*<td>live</td>}s,
     'its page for people too');
like($s->get('/status?format=prometheus')->{body},
     qr/^moderation_geoip2_refused\{path="[^"]+"\} 0$/m, 'and the metrics');

sub place_of {
    my ($place, $ip) = @_;

    for (1 .. 8) {
        my $words = left('/index.html', 'X-Real' => $ip);
        return 0 if ($words =~ /provinceword/ ? 0 : 1) != $place;
    }

    return 1;
}

$s->write('places.mmdb', database(nets => { '1.6.0.0/16' => ['CN', '广东'] },
                                  size => 28));
ok(defined $s->until(10, sub { place_of(1, '1.6.1.1') }),
   'another database is live on all workers');
is(() = $s->log =~ /is live: Test-Districts/g, 1, 'one line for all workers');
is($s->status->{geoip2}[0]{reloads}, 1, 'counted once');

my @copies = glob "$s->{dir}/images/geoip2-*";
is(scalar @copies, 1, 'one copy for all workers');

# what is no database: the last good one stays, one line each

my $cut = substr $good, 0, length($good) / 2;
my $foreign = "PK\x03\x04" . 'x' x 3000;

(my $off = $good) =~ s/\A.{6}/\xff\xff\xff\xff\xff\xff/s;
my $type = substr $good, 0;
my $at = index $type, "\0" x 16;
substr($type, $at + 16, 1) = "\x3f";        # a pointer behind the section
(my $circle = $good) =~ s/\A.{3}/\0\0\0/s;  # node 0 leads to node 0
(my $nodes = $good) =~ s/(node_count)./$1\xc4/s;
(my $version = $good) =~ s/(binary_format_major_version)\xa1\x02/$1\xa1\x09/;

my %bad = (empty => '', cut => $cut, foreign => $foreign,
           'a record out of the file' => $off, 'a pointer out of it' => $type,
           'a circle' => $circle, 'a tree that does not fit' => $nodes,
           'another version' => $version,
           'the tail alone' => substr($good, -200));

for my $name (sort keys %bad) {
    isnt($bad{$name}, $good, "$name: it is damaged");

    my $before = () = $s->log =~ /geoip2 "[^"]+" refused/g;
    $s->write('places.mmdb', $bad{$name});
    ok(defined $s->until(10, sub {
        (() = $s->log =~ /geoip2 "[^"]+" refused/g) > $before }),
       "$name: refused");
    sleep 0.6;                          # looks that must say nothing more
    is((() = $s->log =~ /geoip2 "[^"]+" refused/g), $before + 1,
       "$name: one line");
    ok(place_of(1, '1.6.1.1'), "$name: the last good one stays");

    $s->write('x.mmdb', $bad{$name});
    `$ctl geoip2 check $s->{dir}/x.mmdb 2>&1`;
    is($? >> 8, 2, "$name: moderationctl says so, too");
}

unlink "$s->{dir}/places.mmdb";
ok(defined $s->until(10, sub { $s->log =~ /refused.*No such file/ }), 'gone: refused');
ok(place_of(1, '1.6.1.1'), 'the last good one stays');

$s->write('places.mmdb', $good);
ok(defined $s->until(10, sub { place_of(0, '1.6.1.1') && place_of(1, '1.2.1.1') }),
   'a good one is taken again');

# every byte of it another one: whole, or refused, never read out of bounds

{
    my ($whole, $refused, $other) = (0, 0, 0);
    srand 7;

    for my $i (1 .. 150) {
        my $x = $good;
        substr($x, int rand length $x, 1) = chr int rand 256 for 1 .. 1 + $i % 3;
        $s->write('x.mmdb', $x);
        `$ctl geoip2 lookup $s->{dir}/x.mmdb 1.2.3.4 2400:1::1 2>&1`;
        my $rc = $? >> 8;
        $rc == 2 ? $refused++ : $? & 127 ? $other++ : $whole++;
    }

    is($other, 0, "no crash ($whole whole, $refused refused)");
}

# swapped under load, good and bad by turns, also overwritten in place

{
    my $pid = fork;

    if ($pid == 0) {
        for (1 .. 4000) { $s->get('/index.html', 'X-Real' => '1.2.3.4') }
        POSIX::_exit(0);
    }

    my @turn = ($good, $cut, database(size => 32), $off, $foreign,
                database(version => 4), '');

    for my $n (1 .. 200) {
        my $x = $turn[$n % @turn];

        if ($n % 3) {
            $s->write('places.mmdb', $x);
        } else {
            open my $f, '>:raw', "$s->{dir}/places.mmdb";
            print $f $x;
            close $f;
        }

        sleep 0.03;
    }

    kill 'TERM', $pid;
    waitpid $pid, 0;
}

$s->write('places.mmdb', $good);
ok(defined $s->until(15, sub { place_of(1, '1.2.1.1') }), 'and it serves');
unlike($s->log, qr/exited on signal/, 'no worker died');
unlike($s->log, qr/\[(alert|emerg|crit)\]/, 'nothing worse in the log');
$s->stop if $s->can('stop');


# configuration

sub says {
    my ($http, $server, %files) = @_;

    my $c = ModerationServer->new(no_start => 1, http => $http,
                                  server => $server,
                                  files => { 'p.yaml' => $policy,
                                             'places.mmdb' => $good, %files });
    return ($c->run_nginx('-t'))[1];
}

my $pol = 'moderation_policy %%DIR%%/p.yaml; moderation enforce;';

like(says('moderation_geoip2 %%DIR%%/absent.mmdb;', $pol),
     qr/absent\.mmdb": No such file/, 'no file');
like(says('moderation_geoip2 %%DIR%%/x.mmdb;', $pol, 'x.mmdb' => $cut),
     qr/x\.mmdb": not a MaxMind database, or not the whole/, 'half a file');
like(says('moderation_geoip2 %%DIR%%/places.mmdb path=a..b;', $pol),
     qr/an empty name/, 'a bad path');
like(says('moderation_geoip2 %%DIR%%/places.mmdb map=%%DIR%%/m;', $pol,
          m => "one two\n"), qr/line 1: "name TAB code"/, 'a bad map');
like(says('moderation_geoip2 %%DIR%%/places.mmdb nonsense=1;', $pol),
     qr/invalid parameter "nonsense=1"/, 'a bad parameter');
like(says('', "$pol moderation_jurisdiction geoip2;"),
     qr/needs a "moderation_geoip2"/, 'geoip2 without a database');
like(says('', "$pol moderation_jurisdiction here;"),
     qr/it must have a variable/, 'a word that is none');
like(says('', "$pol moderation_client 1.2.3.4;"),
     qr/it must have a variable/, 'a client that is no variable');
like(says('', $pol), qr/\[warn\].*no "moderation_jurisdiction" says it/,
     'rules that can never act are named');


# the tool, with another maker's database

sub lookup {
    my (@args) = @_;
    my $out = `$ctl geoip2 lookup @args 2>&1`;
    return ($? >> 8, $out =~ /"place":"([^"]*)"/g);
}

is(join('|', lookup($fixture, '81.2.69.142')), '0|GB-ENG/London', 'lookup');
is(join('|', lookup($fixture, '81.2.69.142', '10.0.0.1')), '1|GB-ENG/London|',
   'a reserved address has no place');
is(join('|', lookup($fixture, '2001:218::1')), '0|JP', 'IPv6');
is((lookup($fixture, 'x'))[0], 2, 'no address');
is((lookup("$fixture.not", '1.1.1.1'))[0], 2, 'no database');

$s->write('page.html', $page);
my $scan = "$ctl scan --policy $s->{dir}/p.yaml";
my $none = () = `$scan $s->{dir}/page.html` =~ /"rule":"r\.(gd|any)"/g;
my $there = () = `$scan --jurisdiction CN-GD $s->{dir}/page.html` =~ /"rule":"r\.(gd|any)"/g;
my $site = () = `$scan --site CN-SC $s->{dir}/page.html` =~ /"rule":"r\.site"/g;
is("$none $there $site", '0 2 1', 'scan --jurisdiction, --site');

done_testing();
