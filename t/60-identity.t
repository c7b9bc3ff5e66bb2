# Who asks: sign-in is nginx's, and nothing that a client can send takes part
# in it.  Each attack goes through a real nginx, or straight to the socket
# where nginx would not even pass it on.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationDesk;
use Test::More;

my $d = ModerationDesk->new;
my $session = '/moderation/v1/session';

sub status {
    my ($method, $path, %o) = @_;
    return $d->request($method, $path, %o)->{status};
}

# the two ways in

my $r = $d->request(GET => $session, user => 'alice');
is($r->{status}, 200, 'password: in');
is($r->{json}{user}, 'alice', 'the name');
is_deeply($r->{json}{roles}, [qw(viewer reviewer)], 'roles');
like($r->{json}{token}, qr/^[0-9a-f]{64}$/, 'a token');
is(status(GET => $session), 401, 'no password');
is(status(GET => $session, raw => 'alice:wrong'), 401, 'a wrong one');
is(status(GET => $session, user => 'stranger'), 403, 'a name without a role');
is(status(GET => $session, user => 'old'), 403, 'a role that has ended');
is(status(GET => $session, user => 'aki'), 200, 'one that has not');

$r = $d->request(GET => $session, who => 'bob');
is($r->{json}{user}, 'bob', 'single sign-on: in');
$r = $d->request(GET => $session, who => 'someone', groups => 'x,moderators');
is_deeply($r->{json}{roles}, [qw(viewer reviewer)], 'roles of a group');
is(status(GET => $session, who => 'someone', groups => 'x'), 403,
   'a group that is not known');

# a password under single sign-on says nothing

my $sso = sub {
    my (%o) = @_;
    local $d->{port} = $d->{sso_port};
    return $d->request(GET => $session, %o)->{status};
};

is($sso->(raw => 'alice:x'), 401, 'Authorization under auth_request');
is($sso->(raw => 'bob:bob'), 401, 'with a good password, too');
is($d->request(GET => $session, who => 'eve', raw => 'bob:bob')->{json}{user},
   'eve', 'it does not change who single sign-on says');

# headers of every proxy convention

for my $h ('X-User', 'X-Remote-User', 'Remote-User', 'X-Forwarded-User',
           'X-Auth-Request-User', 'X-WEBAUTH-USER', 'X-Groups', 'Moderation-User',
           'MODERATION_USER', 'Moderation_User', 'X-Moderation-User',
           'MODERATION-SECRET', 'Moderation-Local', 'MODERATION_LOCAL',
           'X-Forwarded-Groups', 'Remote_User', 'Proxy-User', 'Cookie2')
{
    is(status(GET => $session, headers => { $h => 'bob' }), 401,
       "$h without a password");
    is($d->request(GET => $session, user => 'eve', headers => { $h => 'bob' })
       ->{json}{user}, 'eve', "$h beside one");
}

# what is in a name

for my $user ("alice\0", "alice\0MODERATION_GROUPS\0moderators", 'alice bob',
              "al\x{e9}", '', '../alice', 'a' x 65, "alice\n", "alice\0x\0y",
              "eve\0MODERATION_USER\0alice", 'alice,bob', 'local')
{
    (my $name = $user) =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ge;
    like(status(GET => "/raw$session", raw => "$user:x"), qr/^40[13]$/,
         "user \"$name\"");
    is(status(GET => $session, raw => "$user:x"), 401,
       "the same with passwords");
}

is(status(GET => "/raw$session", raw => 'alice:x'), 200,
   '(a configuration that asks for no password lets in whom it names)');

# what nginx itself says wrongly

is(status(GET => "/open$session"), 403, 'no secret');
is(status(GET => "/twice$session"), 403, 'a parameter twice');
is(status(GET => "/unknown$session"), 403, 'an unknown parameter');
is(status(GET => "/local$session"), 403, 'MODERATION_LOCAL beside a secret');

# the path is DOCUMENT_URI

for my $path ('/moderation/public/../v1/session', '/moderation/public/%2e%2e/v1/session',
              '/moderation/public/..%2fv1/session', '/moderation//v1/session',
              '/moderation/public/x/../../v1/session', '/moderation/public/%2e%2e%2fv1%2fsession')
{
    like(status(GET => $path), qr/^40[0134]$/, "$path without a password");
}

is(status(GET => '/moderation/v1/%73ession', user => 'alice'), 200,
   'an escaped path is the path');

my @base = (SCGI => 1, REQUEST_METHOD => 'GET', QUERY_STRING => '');
my @nginx = (@base, MODERATION_SECRET => $d->{secret});
my @in = (@nginx, MODERATION_USER => 'alice');

is($d->scgi([ @in, DOCUMENT_URI => $session ])->{status}, 200, 'the socket');
is($d->scgi([ @in, DOCUMENT_URI => '/moderation/v1/nothing',
              REQUEST_URI => $session ])->{status}, 404,
   'REQUEST_URI is not looked at');
is($d->scgi([ @nginx, DOCUMENT_URI => $session,
              REQUEST_URI => '/moderation/public/x' ])->{status}, 401,
   'nor does it make a call public');
is($d->scgi([ @in, DOCUMENT_URI => '/elsewhere' ])->{status}, 404,
   'another path');
is($d->scgi([ @in ])->{status}, 403, 'none');
is($d->scgi([ @in, DOCUMENT_URI => $session, '' => 'x' ])->{status}, 403,
   'a parameter without a name');
is($d->scgi([ @in, DOCUMENT_URI => $session, DOCUMENT_URI => $session ])
   ->{status}, 403, 'a path twice');
is($d->scgi([ @in, DOCUMENT_URI => $session, HTTP_ORIGIN => 'a',
              HTTP_ORIGIN => 'b' ])->{status}, 403, 'a header that is read, twice');
is($d->scgi([ @in, DOCUMENT_URI => $session, HTTP_X => 'a', HTTP_X => 'b' ])
   ->{status}, 200, 'one that is not');
is($d->scgi([ @base, MODERATION_SECRET => 'f' x 64, MODERATION_USER => 'alice',
              DOCUMENT_URI => $session ])->{status}, 403, 'a wrong secret');
is($d->scgi([ @base, MODERATION_SECRET => substr($d->{secret}, 0, 63),
              MODERATION_USER => 'alice', DOCUMENT_URI => $session ])
   ->{status}, 403, 'a part of it');
is($d->scgi([ @base, MODERATION_SECRET => '', MODERATION_USER => 'alice',
              DOCUMENT_URI => $session ])->{status}, 403, 'an empty one');
is($d->scgi([ @base, MODERATION_LOCAL => 1, DOCUMENT_URI => $session ])
   ->{json}{user}, 'local', 'moderationctl, as the owner of the daemon');
is($d->scgi([ @base, DOCUMENT_URI => $session ])->{status}, 403,
   'the owner without saying so');

# bytes that are no request

for my $b ('', 'x', '5:', ':,', '0:,', '99999999:', '12:CONTENT_LENG',
           "24:CONTENT_LENGTH\0-1\0SCGI\0001\0,", "24:CONTENT_LENGTH\0000\0SCGI\0001\0,x",
           "30:CONTENT_LENGTH\x{0}9999999\0SCGI\0001\0,", "16:SCGI\0001\0ABCDEFG\0h,")
{
    is($d->socket_bytes($b)->{json}, undef, 'no request: ' . length $b);
}

is($d->scgi([ @in, DOCUMENT_URI => $session ])->{status}, 200,
   'the daemon is there still');

# changes are meant

my $lang = '/moderation/v1/session/language';
my $meant = { 'Content-Type' => 'application/json',
              'Sec-Fetch-Site' => 'same-origin',
              'X-Moderation-Token' => $d->token('alice') };

sub change {
    my ($h, %o) = @_;
    my %headers = (%$meant, %$h);

    delete $headers{$_} for grep { !defined $headers{$_} } keys %headers;
    return $d->request(POST => $lang, user => $o{user} || 'alice',
                       headers => \%headers, body => '{"lang":"en"}')
           ->{status};
}

is(change({}), 200, 'a change');
is(change({ 'X-Moderation-Token' => undef }), 403, 'without a token');
is(change({ 'X-Moderation-Token' => 'f' x 64 }), 403, 'with another');
is(change({ 'X-Moderation-Token' => $d->token('bob') }), 403,
   'with that of somebody else');
is(change({ 'Sec-Fetch-Site' => undef }), 403, 'from nowhere');
is(change({ 'Sec-Fetch-Site' => 'cross-site' }), 403, 'from another site');
is(change({ 'Sec-Fetch-Site' => 'same-site' }), 403, 'from a neighbour');
is(change({ 'Sec-Fetch-Site' => undef, Origin => 'https://evil.example' }),
   403, 'from another origin');
is(change({ 'Sec-Fetch-Site' => undef, Origin => 'https://desk.example' }),
   200, 'from one of origins');
is(status(GET => $lang, user => 'alice'), 405, 'GET changes nothing');

# what every answer says

$r = $d->request(GET => '/moderation/ledger', user => 'eve');
is($r->{status}, 200, 'a screen');
like($r->{headers}, qr/Content-Security-Policy: default-src 'none'/, 'its policy');
unlike($r->{headers}, qr/unsafe/, 'nothing unsafe in it');
like($r->{headers}, qr/X-Content-Type-Options: nosniff/, 'nosniff');
like($r->{headers}, qr/Cache-Control: private, no-store/, 'not stored');
unlike($r->{body}, qr/ style=| on[a-z]+=|<style|javascript:/, 'nothing inline');
is(status(GET => '/moderation/nothing', user => 'eve'), 404, 'no screen');
is(status(GET => '/moderation/static/console.css', user => 'eve'), 200, 'style');
is(status(GET => '/moderation/static/..%2froles.yaml', user => 'eve'), 404,
   'nothing else');

# roles change without a restart, and a bad file leaves them

$d->write('roles.yaml', "users: {alice: [viewer, leed]}\n");
ok($d->until_true(sub { $d->daemon_log =~ /did you mean "lead"/ }),
   'a bad file is refused, with the nearest word');
is(status(GET => $session, user => 'alice'), 200, 'the old roles stay');
$d->write('roles.yaml', "users: {eve: [viewer]}\n");
ok($d->until_true(sub { status(GET => $session, user => 'alice') == 403 }),
   'a new file counts');

$d->stop;
done_testing;
