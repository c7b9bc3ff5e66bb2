package ModerationDesk;

# A moderationd with an nginx before it, in a folder of its own: sign-in with
# passwords below /moderation/, and by single sign-on on a second server.
#
#   my $d = ModerationDesk->new(http => $http, server => $locations,
#                               policy => $yaml, roles => $yaml);
#   $d->request(GET => '/moderation/v1/session', user => 'alice')
#                                       -> { status, headers, body, json }
#   $d->post('/moderation/v1/queue/next', { n => 2 }, user => 'alice')
#   $d->scgi([ NAME => value ... ], $body)        straight to the socket
#
# Passwords are the names.  Everything else is ModerationServer's.

use strict;
use warnings;

use parent 'ModerationServer';

use Digest::SHA qw(sha256_hex);
use Fcntl qw(:flock);
use IO::Handle;
use IO::Socket::INET;
use IO::Socket::UNIX;
use JSON::PP ();
use MIME::Base64 qw(encode_base64);
use Time::HiRes qw(sleep time);

our $json = JSON::PP->new->utf8->canonical;

my $roles = <<'END';
users:
  alice: [reviewer]
  bob: [lead, auditor]
  lena: [lead]
  chen: {roles: [reviewer], sites: [a], queues: [first]}
  eve: [viewer]
  tom: [trainee]
  adam: [admin]
  aki: {roles: [inspector], until: 2100-01-01}
  old: {roles: [inspector], until: 2020-01-01}
groups: {moderators: [reviewer]}
END

my $policy = <<'END';
schema: 1
policy: desk
slots:
  - {name: first, type: html, match: "ul#first > li", fields: {title: b}}
reasons:
  - {id: shock, key: 1, label: clickbait, title: {zh: 标题夸张, en: Sensational headline}}
  - {id: ads, key: 2, label: gambling, title: {zh: 引流, en: Advertising}}
rules:
  - {id: r.one, rev: 1, label: clickbait, title: {zh: 规则一, en: Rule one}, match: {in: [title], terms: [alpha]}}
END

my $conf = <<'END';
node: test
sites: {a: {hosts: [localhost, www.example.cn], policy: policy.yaml, language: en}}
origins: ["https://desk.example"]
threads: 8
END

# as the two examples of the documentation; below them what a careless or
# hostile configuration would say

my $sso_servers = <<'END';
    server {                            # says who it is by a cookie
        listen unix:%%DIR%%/sso.sock;
        location / {
            if ($cookie_who = '') { return 401; }
            add_header X-User $cookie_who;
            add_header X-Groups $cookie_groups;
            return 204;
        }
    }
    server {
        listen 127.0.0.1:%%SSOPORT%%;
        location = /sso { internal; proxy_pass http://unix:%%DIR%%/sso.sock;
                          proxy_pass_request_body off;
                          proxy_set_header Content-Length ""; }
        location /moderation/ {
            auth_request /sso;
            auth_request_set $moderation_user $upstream_http_x_user;
            auth_request_set $moderation_groups $upstream_http_x_groups;
            include scgi_params; include %%DIR%%/scgi_secret.conf;
            scgi_param MODERATION_USER $moderation_user;
            scgi_param MODERATION_GROUPS $moderation_groups;
            scgi_pass unix:%%DIR%%/scgi.sock;
        }
    }
END

my $locations = <<'END';
    location /moderation/ {
        auth_basic "moderation"; auth_basic_user_file %%DIR%%/passwords;
        include scgi_params; include %%DIR%%/scgi_secret.conf;
        scgi_param MODERATION_USER $remote_user;
        scgi_pass unix:%%DIR%%/scgi.sock;
    }
    location /moderation/public/ {
        auth_basic off;
        include scgi_params; include %%DIR%%/scgi_secret.conf;
        scgi_pass unix:%%DIR%%/scgi.sock;
    }
    location /open/ {
        rewrite ^/open(/.*) $1 break;
        include scgi_params; scgi_param MODERATION_USER alice;
        scgi_pass unix:%%DIR%%/scgi.sock;
    }
    location /local/ {
        rewrite ^/local(/.*) $1 break;
        include scgi_params; include %%DIR%%/scgi_secret.conf;
        scgi_param MODERATION_LOCAL 1;
        scgi_pass unix:%%DIR%%/scgi.sock;
    }
    location /twice/ {
        rewrite ^/twice(/.*) $1 break;
        include scgi_params; include %%DIR%%/scgi_secret.conf;
        scgi_param MODERATION_USER eve; scgi_param MODERATION_USER alice;
        scgi_pass unix:%%DIR%%/scgi.sock;
    }
    location /raw/ {
        rewrite ^/raw(/.*) $1 break;
        include scgi_params; include %%DIR%%/scgi_secret.conf;
        scgi_param MODERATION_USER $remote_user;
        scgi_param MODERATION_GROUPS "";
        scgi_pass unix:%%DIR%%/scgi.sock;
    }
    location /unknown/ {
        rewrite ^/unknown(/.*) $1 break;
        include scgi_params; include %%DIR%%/scgi_secret.conf;
        scgi_param MODERATION_USER alice; scgi_param MODERATION_ROLE admin;
        scgi_pass unix:%%DIR%%/scgi.sock;
    }
END

sub new {
    my ($class, %o) = @_;
    utf8::encode($o{policy}) if $o{policy} && utf8::is_utf8($o{policy});
    my $names = join '', map { "$_:{PLAIN}$_\n" }
                (qw(alice bob lena chen eve tom adam aki old stranger),
                 map { "r$_" } 1 .. 8);
    my $sso_port = ModerationServer::free_port();
    my $secret = sha256_hex(rand() . $$ . time);
    my $http = ($o{http} || '') . $sso_servers;

    $http =~ s/%%SSOPORT%%/$sso_port/g;

    my $self = $class->SUPER::new(%o, http => $http,
        server => ($o{server} || '') . $locations,
        no_start => 1, files => { %{ $o{files} || {} },
            'passwords' => $names, 'roles.yaml' => $o{roles} || $roles,
            'policy.yaml' => $o{policy} || $policy,
            'scgi_secret.conf' => "scgi_param MODERATION_SECRET $secret;\n",
            'id.key' => 'moderation-id-key-1 ' . sha256_hex($secret) . "\n",
            'moderationd.yaml' => $o{conf} || $conf });

    $self->{sso_port} = $sso_port;
    $self->{secret} = $secret;
    system 'cp', '/etc/nginx/scgi_params', "$self->{dir}/scgi_params";
    mkdir "$self->{dir}/spool", 0770;

    $self->before_start if $self->can('before_start');
    $self->start_daemon unless $o{no_daemon};

    my ($rc, $out) = $self->run_nginx;
    die "nginx does not start:\n$out\n" . $self->log if $rc != 0;
    $self->wait_up;

    return $self;
}

sub start_daemon {
    my ($self, %env) = @_;
    my $pid = fork;

    if ($pid == 0) {
        $ENV{$_} = $env{$_} for keys %env;
        open STDERR, '>>', "$self->{dir}/daemon.log";
        exec $ENV{MODERATIOND} || "$ModerationTest::build/moderationd", '-c',
             "$self->{dir}/moderationd.yaml" or exit 127;
    }

    $self->{daemon} = $pid;

    # the socket's name is there a moment before it is listened to

    $self->until_true(sub {
        die "moderationd does not start:\n" . $self->daemon_log
            if waitpid($pid, 1) == $pid;
        IO::Socket::UNIX->new(Peer => "$self->{dir}/scgi.sock") })
        or die "moderationd does not listen:\n" . $self->daemon_log;

    chmod 0666, "$self->{dir}/scgi.sock";       # the test's nginx is nobody
}

sub stop_daemon {
    my ($self, $signal) = @_;

    return unless $self->{daemon};
    kill $signal || 'TERM', $self->{daemon};
    waitpid $self->{daemon}, 0;
    $self->{daemon} = undef;
    unlink "$self->{dir}/scgi.sock";
}

sub daemon_log {
    my ($self) = @_;
    open my $f, '<', "$self->{dir}/daemon.log" or return '';
    local $/;
    return <$f>;
}

sub stop {
    my ($self) = @_;

    $self->stop_daemon;

    # of any suite: does the store come back from the ledger?
    if ($ENV{MODERATION_REBUILD} && -f "$self->{dir}/store.db" && -d "$self->{dir}/ledger") {
        require ModerationRebuild;
        my $differ = eval { ModerationRebuild::same_store($self) } // $@;
        open my $f, '>>', $ENV{MODERATION_REBUILD};
        print $f "$0: ", $differ eq '' ? "same\n" : "\n$differ";
    }

    $self->SUPER::stop;
}

# options: user (password sign-in), who and groups (single sign-on), headers,
# body, raw (the user:password bytes)
sub request {
    my ($self, $method, $path, %o) = @_;
    my $port = $o{who} ? $self->{sso_port} : $self->{port};
    my %h = %{ $o{headers} || {} };
    my $body = $o{body} // '';

    $h{Authorization} = 'Basic '
                        . encode_base64($o{raw} // "$o{user}:$o{user}", '')
        if $o{user} || defined $o{raw};
    $h{Cookie} = "who=$o{who}" . ($o{groups} ? "; groups=$o{groups}" : '')
        if $o{who};
    $h{'Content-Length'} = length $body
        if $method ne 'GET' && $method ne 'HEAD';

    my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port,
                                  Timeout => 90) or return { status => 0 };
    print $s "$method $path HTTP/1.0\r\nHost: localhost\r\n"
             . join('', map { "$_: $h{$_}\r\n" } sort keys %h)
             . "\r\n$body";

    my $answer = '';
    while (sysread $s, my $buf, 65536) { $answer .= $buf }

    my ($head, $text) = split /\r\n\r\n/, $answer, 2;
    my ($status) = ($head // '') =~ m{^HTTP/1\.\d (\d+)};
    my $r = { status => $status || 0, headers => $head // '',
              body => $text // '' };

    $r->{json} = eval { $json->decode($r->{body}) }
        if $r->{headers} =~ m{application/json};

    return $r;
}

sub token {
    my ($self, $user) = @_;

    return $self->{tokens}{$user} ||=
        $self->request(GET => '/moderation/v1/session',
                       user => $user)->{json}{token};
}

sub post {
    my ($self, $path, $args, %o) = @_;
    my %h = ('Content-Type' => 'application/json',
             'Sec-Fetch-Site' => 'same-origin',
             $o{user} ? ('X-Moderation-Token' => $self->token($o{user})) : (),
             %{ $o{headers} || {} });

    return $self->request(POST => $path, %o, headers => \%h,
                          body => $json->encode($args || {}));
}

# straight to the socket, as whoever runs the test
sub scgi {
    my ($self, $params, $body) = @_;
    my $head = "CONTENT_LENGTH\0" . length($body // '') . "\0";
    my @p = @$params;

    while (@p) { $head .= shift(@p) . "\0" . shift(@p) . "\0" }

    return $self->socket_bytes(length($head) . ":$head," . ($body // ''));
}

sub socket_bytes {
    my ($self, $bytes) = @_;
    my $s = IO::Socket::UNIX->new(Peer => "$self->{dir}/scgi.sock")
            or return { status => 0 };
    print $s $bytes;
    shutdown $s, 1;

    my $answer = '';
    while (sysread $s, my $buf, 65536) { $answer .= $buf }

    my ($fields, $text) = split /\r\n\r\n/, $answer, 2;
    my ($status) = ($fields // '') =~ /^Status: (\d+)/;
    my $r = { status => $status || 0, headers => $fields // '',
              body => $text // '' };

    $r->{json} = eval { $json->decode($r->{body}) };

    return $r;
}

# lines as a worker writes them, into one segment a test; n is put in, and time
# where a line has none; {raw}, if the test sets it, may change their bytes.  As
# a worker does it holds the lock of its segment: one that nobody holds and that
# is quiet for ten seconds is over, and what comes later is not read
sub lines {
    my ($self, @lines) = @_;
    my $z = $self->{zone} ||= substr sha256_hex(rand() . $$), 0, 32;
    my $ms = int(time * 1000);
    my $text = '';

    if (!$self->{segment}) {
        $self->{segment} = sprintf '%d-%d-1-%s.jsonl', $ms, $$,
                                   substr sha256_hex(rand() . 'x'), 0, 16;
        $self->{line} = 0;
        $text = qq({"type":"head","time":$ms,"version":1,"zone":"$z",)
                . qq("place":0,"pid":$$,"boot":"b","segment":"$self->{segment}","module":"m",)
                . qq("key":"00000000","next":0}\n);
    }

    for my $l (@lines) {
        my %l = %$l;
        my $type = delete $l{type} || 'decision';
        my $private = delete $l{private};
        my $n = $self->{line}++;
        my $at = delete $l{time} || $ms;
        my $rest = $json->encode(\%l);

        $rest =~ s/^\{|\}$//g;
        $text .= qq({"type":"$type","time":$at,"n":$n)
                 . ($rest ne '' ? ",$rest" : '')
                 . ($private ? ',"private":' . $json->encode($private) : '')
                 . "}\n";
    }

    $self->{raw}->($text) if $self->{raw};

    my $file = "$self->{dir}/spool/$self->{segment}";

    if (($self->{held}{file} // '') ne $file) {
        open my $f, '>>:raw', $file or die "spool: $!";
        flock $f, LOCK_EX or die "spool: $!";
        $f->autoflush(1);
        $self->{held} = { file => $file, handle => $f };
    }

    print { $self->{held}{handle} } $text;
}

# no more lines come: the segment is nobody's any more
sub end_segment { my ($self) = @_; delete @{$self}{qw(held segment zone)} }

# a card that a worker holds: %o over a title
sub card {
    my ($self, $title, %o) = @_;
    my $item = $o{item} // $title;
    my $source = $o{source};
    utf8::encode($source) if defined $source;
    my $rules = $o{rule} ? [ { id => $o{rule}, rev => 1,
                               label => 'clickbait', action => 'hold',
                               mode => 'enforce' } ] : [];

    my $hash = sub {
        my ($text, $n) = @_;
        utf8::encode($text);
        return substr sha256_hex($text), 0, $n;
    };

    return {
        type => $o{type} || 'decision', mode => $o{mode} || 'enforce',
        id => $hash->("d$item/$title" . ($o{day} || ''), 20),
        slot => $o{slot} || 'first', host => 'www.example.cn', page => '/',
        suggestion => 'review', action => $o{action} || 'hold',
        reason => $o{rule} ? 'rule' : 'review', found_by => 'own',
        automation => 'partial',
        fingerprint => $o{fingerprint} || $hash->("f$item/$title", 32),
        account => $o{account} // $hash->("a$item", 32),
        item => $hash->("i$item", 32),
        rules => $rules, policy => 'desk@0', place => '',
        review => $o{review} || 'none',
        private => { item => $item, account => "acc-$item", path => '/',
                     fields => { title => $title,
                                 nickname => $o{nickname} // 'nick' },
                     hits => $o{hits} || [],
                     $o{cut} ? (cut => JSON::PP::true) : (),
                     defined $source ? (source => encode_base64($source, ''))
                                : () } };
}

# cards into the queue, and waited for
sub cards {
    my ($self, @cards) = @_;
    my $before = $self->waiting;

    $self->lines(@cards);
    return $self->until_true(sub { $self->waiting >= $before + @cards }, 20);
}

sub waiting {
    my ($self) = @_;
    my $q = $self->request(GET => '/moderation/v1/queue?limit=100',
                           user => 'bob')->{json};

    return $q ? scalar @{ $q->{cards} } : 0;
}

# waits until $cond->() is true; its value
sub until_true {
    my ($self, $cond, $seconds) = @_;
    my $end = time + ModerationTest::patience($seconds || 10);

    while (time < $end) {
        my $v = $cond->();
        return $v if $v;
        sleep 0.05;
    }

    return 0;
}

1;
