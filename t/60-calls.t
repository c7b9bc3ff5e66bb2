# Every call by everybody: the table of calls is read from the daemon's source,
# so that a call without a line here is seen.  Each is tried by nobody, with
# every header that could say a name, by each role alone, without a token, from
# another site, by other methods, and with arguments that nobody means.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use ModerationDesk;
use Test::More;

# who may, as docs/api.md says it

my %is = (
    any => [qw(viewer trainee reviewer lead policy auditor inspector admin)],
    desk => [qw(trainee reviewer lead)],
    review => [qw(reviewer lead)],
    lead => ['lead'],
    audit => [qw(auditor inspector)],
    export => [qw(auditor inspector lead)],
    admin => ['admin'],
    sign => [qw(lead admin)],
    public => undef,
);

my $calls = <<'END';
any G static/*, v1/session, v1/health, v1/status, v1/decisions, v1/decisions/*
any G v1/decisions/*/statement, v1/report, reports, v1/events, ledger/*/*
any G ledger/*/*/*/*, ledger/*/*/*/*/*, ledger/*/*/*/*/*/*, ledger/*/*/*/*/*/*/*
any G v1/alarms, rules, alarms, v1/accounts, v1/whatif, whatif, v1/accounts/*
any G v1/orders, v1/pending, (home), accounts, accounts/*, orders, pending
any G people, decisions, decisions/*, ledger
any P v1/session/language, v1/alarms/*/ack
audit G v1/decisions/*/proof
lead G v1/decisions/*/code
export P v1/export
lead P v1/export/case, v1/report/text, v1/report/file, v1/cards/assign
lead P v1/rollback, v1/adopt, v1/accounts/*/state, v1/strikes/*/void, v1/import
lead P v1/orders/*/confirm, v1/orders/*/lift, v1/switch
review P v1/decisions/*/handled, v1/reports/import, v1/cases/*/outcome
review P v1/cards/bulk, v1/orders, v1/handover, v1/handover/*/take
desk G v1/cases, v1/teams, teams, v1/queue, v1/cards/*, v1/cards/*/preview
desk G queue, cards/*, cases, handover, v1/queue/forecast, v1/calibration, calibration
desk P v1/queue/next, v1/cards/*/claim, v1/cards/*/heartbeat, v1/cards/*/drop
desk P v1/cards/*/decide, v1/reviews/*/undo, v1/calibration/*/judge
lead P v1/calibration, v1/calibration/*/end
admin P v1/erase
sign P v1/pending/*/approve
public G public/report, public/report/*, public/reason/*, public/static/*
public P public/report, public/appeal
END

my %who;

for my $line (split /\n/, $calls) {
    my ($who, $method, $paths) = split / /, $line, 3;
    $who{"$method $_"} = $who for split /, */, $paths =~ s/\(home\)//r;
}

my $src = "$FindBin::Bin/../ngx_module/moderationd";
my @calls;
open my $f, '<', "$src/route.c" or die "route.c: $!";
my $rows = 0;
while (<$f>) {
    push @calls, [ $1, $2 ] if /^    \{ '([GP])', "([^"]*)", /;
    $rows++ if /\bmdd_(?:api|page|public)_\w+\s*\}/;
}
close $f;
is(scalar @calls, $rows, 'no row of the table is missed');

cmp_ok(scalar @calls, '>', 80, 'the table of calls');
is_deeply([ sort map { "$_->[0] $_->[1]" } @calls ], [ sort keys %who ],
          'each has a line here');

# every name of an argument that the daemon reads

my %names;

for my $file (glob "$src/{,*/}*.c") {
    open $f, '<', $file or die "$file: $!";
    local $/;
    my $text = <$f>;
    $names{$1} = 1 while $text =~ /mdd_arg\w*\(\s*w,\s*"(\w+)"/g;
    $names{$1} = 1 while $text =~ /json_object_get\(\s*w->args,\s*"(\w+)"/g;
}

delete @names{qw(token back lang)};
cmp_ok(scalar keys %names, '>', 40, 'arguments');

# a user a role

my @roles = @{ $is{any} };
my $d = ModerationDesk->new(roles => "users:\n  bob: [lead]\n"
    . join '', map { "  u-$_: {roles: [$_], until: 2100-01-01}\n" } @roles);
my @nginx = (SCGI => 1, QUERY_STRING => '', MODERATION_SECRET => $d->{secret});

$d->cards(map { $d->card("card $_") } 1 .. 3);

# straight to the socket, as nginx says it
sub call {
    my ($method, $path, $user, %o) = @_;
    my %h = (CONTENT_TYPE => 'application/json', HTTP_ACCEPT_LANGUAGE => 'en',
             $method eq 'POST' ? (HTTP_SEC_FETCH_SITE => 'same-origin') : (),
             %{ $o{headers} || {} });

    return $d->scgi([ @nginx, REQUEST_METHOD => $method, DOCUMENT_URI => $path,
                      defined $user ? (MODERATION_USER => "u-$user") : (),
                      map { $_ => $h{$_} } sort keys %h ], $o{body} // '{}');
}

my %token = map { $_ => call(GET => '/moderation/v1/session', $_)->{json}{token} }
            @roles;

sub path {
    my ($pattern) = @_;
    my $path = "/moderation/$pattern";

    $path =~ s/static\/\*/static\/console.css/;
    $path =~ s/\*/x1/g;

    return $path;
}

sub with {
    my ($role, %h) = @_;
    return (headers => { HTTP_X_MODERATION_TOKEN => $token{$role}, %h });
}

my @forged = map { ($_ => 'u-lead') }
    qw(X-User X-Remote-User Remote-User X-Forwarded-User X-Auth-Request-User
       Moderation-User MODERATION_USER X-Moderation-User X-Groups
       Moderation-Secret MODERATION_SECRET Moderation-Local MODERATION_LOCAL);

# by nobody, and by each role

for my $c (@calls) {
    my ($m, $pattern) = @$c;
    my $method = $m eq 'G' ? 'GET' : 'POST';
    my $path = path($pattern);
    my $allowed = $is{ $who{"$m $pattern"} };
    my %may = map { $_ => 1 } @{ $allowed || [] };
    my (@wrong, $r);

    my $try = sub {
        my ($what, $want, $got) = @_;
        push @wrong, "$what: $got->{status}" unless $got->{status} =~ $want;
    };

    for my $h ({}, { @forged }) {
        $try->('nobody', $allowed ? qr/^401$/ : qr/^(?:200|201|400|404)$/,
               $d->request($method => $path, headers => {
                   'Content-Type' => 'application/json',
                   'Sec-Fetch-Site' => 'same-origin', %$h }, body => '{}'));
    }

    for my $role (@roles) {
        $r = call($method, $path, $role, with($role));

        if (!$allowed || $may{$role}) {
            $try->($role, qr/^(?:200|201|202|204|303|304|400|404|409|410)$/, $r);

        } else {
            $try->($role, qr/^403$/, $r);
            push @wrong, "$role: $r->{json}{error}"
                if $r->{json} && $r->{json}{error} ne 'forbidden';
        }
    }

    # a change is meant: the token, and its own site

    if ($m eq 'P' && $allowed) {
        my $role = $allowed->[0];
        my ($other) = grep { $_ ne $role } @roles;

        for my $h ([ 'no token', HTTP_X_MODERATION_TOKEN => '' ],
                   [ 'a wrong token', HTTP_X_MODERATION_TOKEN => 'f' x 64 ],
                   [ 'another token', HTTP_X_MODERATION_TOKEN => $token{$other} ],
                   [ 'another site', HTTP_SEC_FETCH_SITE => 'cross-site' ],
                   [ 'a neighbour', HTTP_SEC_FETCH_SITE => 'same-site' ],
                   [ 'a link', HTTP_SEC_FETCH_SITE => 'none' ],
                   [ 'a form of another site', HTTP_SEC_FETCH_SITE => 'cross-site',
                     CONTENT_TYPE => 'application/x-www-form-urlencoded' ],
                   [ 'another origin', HTTP_SEC_FETCH_SITE => '',
                     HTTP_ORIGIN => 'https://desk.example.evil.example' ])
        {
            my ($what, @h) = @$h;
            $r = call(POST => $path, $role, with($role, @h));
            $try->($what, qr/^403$/, $r);
            push @wrong, "$what: $r->{json}{error}"
                if $r->{json} && $r->{json}{error} ne 'token';
        }
    }

    # other methods change nothing

    for my $other (qw(PUT DELETE PATCH OPTIONS TRACE get),
                   $m eq 'P' ? () : 'POST', '')
    {
        next if $other eq 'POST' && grep { $who{"P $_"} && path($_) eq $path }
                                    map { $_->[1] } @calls;
        my $role = $allowed ? $allowed->[0] : 'viewer';
        $try->("method '$other'", qr/^40[035]$/,
               call($other, $path, $role, with($role)));
    }

    is_deeply(\@wrong, [], "$method /$pattern: $who{\"$m $pattern\"}");
}

# what nobody means

my $deep = '[' x 500 . ']' x 500;
my @values = (
    [ 'nothing', '""' ], [ 'null', 'null' ], [ 'true', 'true' ],
    [ 'a huge number', '9223372036854775807' ],
    [ 'a number below all', '-9223372036854775808' ],
    [ 'a huge number as text', '"9223372036854775807"' ],
    [ 'a fraction', '1e308' ], [ 'minus one', '-1' ],
    [ 'a long time', '"99999999999999999d"' ],
    [ 'a list', '[[],{},"",-1,null]' ], [ 'a deep list', $deep ],
    [ 'an object', '{"kind":{"value":[]},"value":0}' ],
    [ 'objects', '[{"kind":"item","value":-1},{"kind":"","decision":9,"text":{}}]' ],
    [ 'a path', '"../../../../etc/passwd%00"' ],
    [ 'SQL', q("' OR 1=1; DROP TABLE cards; --") ],
    [ 'markup', '"<script>alert(1)</script>\"\'><img src=x onerror=y>"' ],
    [ 'line ends', '"a\r\nSet-Cookie: x=y\r\n\r\n"' ],
    [ 'Unicode', '"\u202e\u2066\ufeff\ufffe\uffff\ud83d\ude00'
                 . 'e' . "\x{301}" x 400 . '\u2028"' ],
    [ 'long text', '"' . '長' x 2700 . '"' ],
    [ 'a hash', '"' . 'f' x 32 . '"' ], [ 'percent', '"%s%n%d%%"' ],
);

for my $v (@values) {
    my ($what, $value) = @$v;
    utf8::encode($value);
    my $body = '{' . join(',', map { qq("$_":$value) } sort keys %names) . '}';
    (my $escaped = $value) =~ s/^"|"$//g;
    $escaped =~ s/\\r/\r/g;
    $escaped =~ s/\\n/\n/g;
    $escaped =~ s/\\"/"/g;
    $escaped = substr $escaped, 0, 120;         # a request has 64 KiB of headers
    $escaped =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ge;
    my $query = join '&', map { "$_=$escaped" } sort keys %names;
    my @wrong;

    for my $c (@calls) {
        my ($m, $pattern) = @$c;
        my $allowed = $is{ $who{"$m $pattern"} };
        my $path = path($pattern);

        for my $role ($allowed ? $allowed->[-1] : undef) {
            my $r = $m eq 'P'
                ? call(POST => $path, $role, body => $body,
                       $role ? with($role) : ())
                : $d->scgi([ SCGI => 1, QUERY_STRING => $query,
                             MODERATION_SECRET => $d->{secret},
                             REQUEST_METHOD => 'GET', DOCUMENT_URI => $path,
                             $role ? (MODERATION_USER => "u-$role") : () ]);

            push @wrong, "$m $pattern: $r->{status}"
                unless $r->{status} =~ /^[234]/;
            push @wrong, "$m $pattern: a header" if $r->{headers} =~ /Set-Cookie/;
            push @wrong, "$m $pattern: markup"
                if $r->{headers} =~ m{text/html} && $r->{body} =~ /<script>alert|<img src=x/;
        }
    }

    is_deeply(\@wrong, [], "every argument is $what");
}

# bodies that are no arguments

for my $b ('', '[]', '"x"', '{', '{"a":1,"a":2}', '{"a":"\u0000"}',
           '{"a":"\ud800"}', "{\"a\":\"\xff\"}", "\xef\xbb\xbf{}", $deep,
           '{"a":' x 3000, '{"a":1e999}', '{}' . ' ' x 100000, '{} {}')
{
    my $r = call(POST => '/moderation/v1/orders', 'lead', with('lead'), body => $b);
    like($r->{status}, qr/^4/, 'no arguments: ' . substr(JSON::PP->new->ascii->allow_nonref->encode($b), 0, 40));
}

# what is not read to its end

$SIG{PIPE} = 'IGNORE';
is($d->scgi([ @nginx, REQUEST_METHOD => 'GET', DOCUMENT_URI => '/moderation/v1/session',
              HTTP_X => 'x' x 200000 ])->{status}, 400, 'a head without end');
call(POST => '/moderation/v1/import', 'lead', with('lead'), body => 'x' x 20_000_000);

# an item, an account and a handover that nobody knows

is_deeply(call(GET => '/moderation/v1/decisions', 'viewer')->{json}{decisions}[3], undef,
          'three decisions');
for my $by (qw(item account)) {
    my $row = call(GET => '/moderation/v1/decisions', 'viewer')->{json}{decisions}[0];
    my $r = $d->scgi([ SCGI => 1, QUERY_STRING => "$by=$row->{$by}&limit=5", REQUEST_METHOD => 'GET',
                       MODERATION_SECRET => $d->{secret}, MODERATION_USER => 'u-viewer',
                       DOCUMENT_URI => '/moderation/v1/decisions' ]);
    is_deeply([ map { $_->{id} } @{ $r->{json}{decisions} } ], [ $row->{id} ],
              "decisions of one $by");
}

is(call(POST => '/moderation/v1/handover/x/take', 'lead', with('lead'))->{status}, 409,
   'a handover that is none');

is(call(GET => '/moderation/v1/session', 'viewer')->{status}, 200,
   'the daemon is there still');
is($d->until_true(sub { call(GET => '/moderation/v1/health', 'viewer')->{status} == 200 }),
   1, 'and well');
is(waitpid($d->{daemon}, 1), 0, 'the same one');

my $q = call(GET => '/moderation/v1/queue', 'lead');
is(scalar @{ $q->{json}{cards} }, 3, 'no card has gone');

$d->stop;
done_testing;
