package ModerationTest::Server;

# An nginx with the module, raw HTTP clients and a scripted upstream.

use strict;
use warnings;

use Exporter 'import';
use File::Path qw(make_path remove_tree);
use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Socket qw(SOL_SOCKET SO_RCVBUF);
use Time::HiRes qw(sleep time);

use ModerationTest 'base';

our @EXPORT = qw(start_nginx http http_raw http_open http_read split_response
                 dechunk start_upstream spew worker_pid rss moderationctl
                 write_file read_file error_log start_log nginx_t held
                 go_on lines_of);

our $root = "$ModerationTest::build/t/$ModerationTest::name";
our ($nginx_pid, $port, @children, $checked);


sub write_file {
    my ($name, $data) = @_;

    open my $f, '>:raw', $name or die "$name: $!";
    print $f $data;
    close $f or die "$name: $!";
}

sub read_file {
    my ($name) = @_;

    open my $f, '<:raw', $name or die "$name: $!";
    local $/;
    my $data = <$f>;
    close $f;

    return defined $data ? $data : '';
}

sub moderationctl {
    return "$ModerationTest::build/moderationctl";
}


# the configuration; http is the content of http {}, where %%PORT%% is the
# port to listen on and %%UP%% that of the upstream

sub write_conf {
    my (%o) = @_;

    remove_tree($root) unless $o{keep};
    make_path("$root/logs", "$root/html");

    my $http = $o{http};
    my $main = $o{main} || '';
    my $up = $ENV{TEST_NGINX_UPSTREAM_PORT};

    $port = $ENV{TEST_NGINX_PORT};

    for ($http, $main) {
        s/%%PORT%%/$port/g;
        s/%%UP%%/$up/g;
        s/%%ROOT%%/$root/g;
        s/%%POLICY%%/$ENV{TEST_NGINX_POLICY}/g;
        s/%%FIXTURES%%/$ENV{TEST_NGINX_FIXTURES}/g;
    }

    my $load = $o{no_load} || $ModerationTest::static ? ''
               : "load_module $ModerationTest::module;";
    my $postpone = $ENV{TEST_NGINX_POSTPONE_OUTPUT};

    $postpone = defined $postpone ? "postpone_output $postpone;" : '';

    # root's home, where the clone may lie, is closed to other users

    my $user = $> == 0 && $main !~ /^\s*user\s/m ? 'user root;' : '';

    write_file("$root/nginx.conf", <<EOF);
daemon off;
worker_processes @{[$o{workers} || 1]};
error_log $root/logs/error.log @{[$o{log} || 'info']};
pid $root/logs/nginx.pid;
@{[$o{before} || '']}
$load
$user
$main
events { worker_connections 512; }
http {
    access_log off;
    client_body_temp_path $root/tmp_body;
    proxy_temp_path $root/tmp_proxy;
    fastcgi_temp_path $root/tmp_fastcgi;
    scgi_temp_path $root/tmp_scgi;
    uwsgi_temp_path $root/tmp_uwsgi;
    $postpone
$http
}
EOF
}


# nginx -t: (exit status, what it said)

sub nginx_t {
    write_conf(@_);

    my $out = `$ENV{TEST_NGINX_BINARY} -t -e stderr -p $root -c $root/nginx.conf 2>&1`;

    return ($? >> 8, $out);
}


sub start_nginx {
    my (%o) = @_;

    stop_nginx();
    write_conf(%o);

    $checked = 0;
    $nginx_pid = fork;
    die "fork: $!" unless defined $nginx_pid;

    if ($nginx_pid == 0) {
        open STDERR, '>>', "$root/logs/stderr.log";
        open STDOUT, '>>', "$root/logs/stderr.log";
        exec $ENV{TEST_NGINX_BINARY}, '-p', $root, '-c', "$root/nginx.conf",
             '-e', "$root/logs/error.log"
            or POSIX::_exit(127);
    }

    my $end = time + ModerationTest::patience(10);

    while (time < $end) {
        my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                      PeerPort => $port);
        return if $s;

        if (waitpid($nginx_pid, POSIX::WNOHANG()) == $nginx_pid) {
            $nginx_pid = undef;
            last;
        }

        sleep 0.05;
    }

    Test::More::BAIL_OUT("nginx does not start:\n"
                         . read_file("$root/logs/stderr.log")
                         . error_log());
}


sub stop_nginx {
    return unless $nginx_pid;

    kill 'QUIT', $nginx_pid;

    for (1 .. 600 * $ModerationTest::slow) {
        if (waitpid($nginx_pid, POSIX::WNOHANG()) == $nginx_pid) {
            $nginx_pid = undef;
            return;
        }

        kill 'TERM', $nginx_pid if $_ == 40 * $ModerationTest::slow;
        sleep 0.05;
    }

    kill 'KILL', $nginx_pid;
    waitpid $nginx_pid, 0;
    $nginx_pid = undef;
}


sub error_log {
    return -e "$root/logs/error.log" ? read_file("$root/logs/error.log") : '';
}


# lines of the error log that must never be there; one check, called last

sub start_log {
    stop_nginx();

    my @bad = grep { /\[(alert|crit|emerg)\]/ } split /\n/, error_log();

    Test::More::is(join("\n", @bad), '', 'no alert, crit or emerg');
}


sub worker_pid {
    my $kids = `ps -o pid= --ppid $nginx_pid`;
    my @pids = $kids =~ /(\d+)/g;

    return @pids ? $pids[0] : $nginx_pid;
}


# kB of resident memory

sub rss {
    my ($pid) = @_;

    return read_file("/proc/$pid/status") =~ /^VmRSS:\s+(\d+)/m ? $1 : 0;
}


# clients

sub http_open {
    my ($request, %o) = @_;

    my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                  PeerPort => $o{port} || $port,
                                  Timeout => 90)
        or die "connect: $!";

    if ($o{rcvbuf}) {
        setsockopt $s, SOL_SOCKET, SO_RCVBUF, pack('i', $o{rcvbuf});
    }

    $s->autoflush(1);
    binmode $s;
    syswrite $s, $request;

    return $s;
}


# what comes within the time, up to the end or until the pattern is there

sub http_read {
    my ($s, $timeout, $until) = @_;

    my $data = '';
    my $end = time + $timeout * $ModerationTest::slow;
    my $sel = IO::Select->new($s);

    for ( ;; ) {
        my $left = $end - time;
        last if $left <= 0 || !$sel->can_read($left);

        my $n = sysread $s, my $buf, 1 << 16;
        last if !$n;

        $data .= $buf;
        last if defined $until && $data =~ $until;
    }

    return $data;
}


sub http_raw {
    my ($request, %o) = @_;

    my $s = http_open($request, %o);

    return http_read($s, $o{timeout} || 90);
}


# (status, header text, body, complete) of a GET over its own connection

sub http {
    my ($path, %o) = @_;

    my $method = $o{method} || 'GET';
    my $version = $o{version} || '1.1';
    my $extra = join '', map { "$_\r\n" } @{$o{headers} || []};

    return split_response(http_raw("$method $path HTTP/$version\r\n"
                                   . "Host: localhost\r\n"
                                   . "Connection: close\r\n$extra\r\n", %o),
                          $method);
}


sub split_response {
    my ($raw, $method) = @_;

    my ($head, $body) = split /\r\n\r\n/, $raw, 2;

    $head = '' unless defined $head;
    $body = '' unless defined $body;

    my ($status) = $head =~ m{^HTTP/\S+ (\d+)};
    my $whole = 1;

    if ($head =~ /^Transfer-Encoding: chunked/mi
        && ($method || '') ne 'HEAD')
    {
        ($body, $whole) = dechunk($body);

    } elsif ($head =~ /^Content-Length: (\d+)/mi
             && ($method || '') ne 'HEAD')
    {
        $whole = length $body == $1;
    }

    return ($status || 0, $head, $body, $whole);
}


sub dechunk {
    my ($raw) = @_;

    my ($out, $pos) = ('', 0);

    for ( ;; ) {
        my $eol = index $raw, "\r\n", $pos;
        return ($out, 0) if $eol < 0;

        my $size = hex substr $raw, $pos, $eol - $pos;
        return ($out, 1) if $size == 0;

        $out .= substr $raw, $eol + 2, $size;
        $pos = $eol + 2 + $size + 2;
        return ($out, 0) if $pos > length $raw;
    }
}


# An upstream: a process a connection, one request each (or more with
# keep-alive of the handler's own making).  The handler gets the socket, the
# path and the head of the request.

sub start_upstream {
    my ($handler, %o) = @_;

    my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
                     LocalPort => $o{port} || $ENV{TEST_NGINX_UPSTREAM_PORT},
                     Listen => 64, ReuseAddr => 1)
        or die "upstream: $!";

    my $pid = fork;
    die "fork: $!" unless defined $pid;

    if ($pid) {
        close $listen;
        push @children, $pid;
        return $pid;
    }

    local $SIG{CHLD} = 'IGNORE';
    local $SIG{PIPE} = 'IGNORE';
    $nginx_pid = undef;
    @children = ();

    while (my $s = $listen->accept) {
        my $kid = fork;

        if (defined $kid && $kid == 0) {
            close $listen;
            $s->autoflush(1);
            binmode $s;

            my $head = '';
            while ($head !~ /\r\n\r\n/) {
                last unless sysread $s, $head, 4096, length $head;
            }

            my ($path) = $head =~ m{^\S+ (\S+)};
            $handler->($s, $path || '', $head);
            close $s;
            POSIX::_exit(0);
        }

        close $s;
    }

    POSIX::_exit(0);
}


# an upstream waits at a point that has a name, until the test says go_on

sub held {
    my ($name) = @_;
    my $end = time + ModerationTest::patience(60);

    sleep 0.02 while !-e "$root/go-on-$name" && time < $end;
}

sub go_on { write_file("$root/go-on-$_[0]", '') }


# the lines of a log as soon as there are so many: nginx writes one when it is
# done with a request, which may be behind the answer

sub lines_of {
    my ($file, $n) = @_;
    my $end = time + ModerationTest::patience(60);
    my @lines;

    while (time < $end) {
        @lines = split /\n/, -e $file ? read_file($file) : '';
        last if @lines >= $n;
        sleep 0.02;
    }

    return @lines;
}


# writes all of it

sub spew {
    my ($s, $data) = @_;

    my $pos = 0;

    while ($pos < length $data) {
        my $n = syswrite $s, $data, length($data) - $pos, $pos;
        return 0 unless defined $n;
        $pos += $n;
    }

    return 1;
}


my $owner = $$;

END {
    if ($$ == $owner) {
        my $status = $?;

        stop_nginx();
        kill 'TERM', @children if @children;
        waitpid $_, 0 for @children;
        $? = $status;
    }
}

1;
