package ModerationServer;

# A real nginx with workers, in a folder of its own, for tests that change
# files while it runs: reload, status, brakes.  (Suites of one request a block
# use Test::Nginx, see ModerationTest.pm.)
#
#   my $s = ModerationServer->new(http => $http, server => $locations,
#                                 workers => 2, files => { name => text });
#   $s->get('/path')            -> { status, headers, body }
#   $s->write('policy.yaml', $text); $s->log; $s->stop
#   $s->status                  -> moderation_status, decoded
#   $s->policy('policy.yaml')   -> its entry of the policies there
#
# In configuration texts %%DIR%% stands for the folder, %%PORT%% for the port.

use strict;
use warnings;

use File::Basename qw(dirname);
use File::Path qw(make_path remove_tree);
use File::Temp qw(tempdir);
use IO::Socket::INET;
use JSON::PP ();
use POSIX ();
use Time::HiRes qw(sleep time);

use ModerationTest 'base';

sub tool { return "$ModerationTest::build/moderationctl" }

sub free_port { return ModerationTest::free_port() }

sub new {
    my ($class, %o) = @_;
    my $self = bless { %o }, $class;

    $self->{dir} = tempdir('moderation-XXXXXX', TMPDIR => 1, CLEANUP => 1);
    chmod 0755, $self->{dir};
    make_path("$self->{dir}/logs");
    chmod 0777, "$self->{dir}/logs";
    $self->{port} = free_port();
    $self->write($_, $o{files}{$_}) for sort keys %{ $o{files} || {} };
    $self->configure($o{http} || '', $o{server} || '');

    return $self if $o{no_start};

    my ($rc, $out) = $self->run_nginx();
    $self->{start_output} = $out;
    die "nginx does not start:\n$out\n" . $self->log if $rc != 0;
    $self->wait_up;

    return $self;
}

sub configure {
    my ($self, $http, $server) = @_;
    my $workers = $self->{workers} || 1;
    my $group = defined getgrnam('nobody') ? 'nobody' : 'nogroup';
    my $user = $> == 0 ? "user nobody $group;" : '';
    my $mp = defined $self->{master_process}
             ? "master_process $self->{master_process};" : '';
    my $main = $self->{main} || '';
    my $load = $ModerationTest::static ? ''
               : "load_module $ModerationTest::module;";

    my $text = <<"EOF";
$user
$load
worker_processes $workers;
pid %%DIR%%/nginx.pid;
error_log %%DIR%%/logs/error.log info;
daemon on;
$mp
$main
events { worker_connections 512; }
http {
    access_log off;
    default_type text/html;
    add_header X-Worker \$pid always;
    client_body_temp_path %%DIR%%/body;
    proxy_temp_path %%DIR%%/proxy;
    fastcgi_temp_path %%DIR%%/fastcgi;
    uwsgi_temp_path %%DIR%%/uwsgi;
    scgi_temp_path %%DIR%%/scgi;
    moderation_image_path %%DIR%%/images;
    $http
    server {
        listen 127.0.0.1:%%PORT%%;
        root %%DIR%%/html;
        $server
    }
}
EOF
    $text =~ s/%%DIR%%/$self->{dir}/g;
    $text =~ s/%%PORT%%/$self->{port}/g;
    $self->write('nginx.conf', $text);
}

# whole or not at all, as an editor that renames does
sub write {
    my ($self, $name, $text) = @_;
    my $file = "$self->{dir}/$name";

    make_path(dirname($file));
    $text =~ s/%%DIR%%/$self->{dir}/g;
    utf8::encode($text) if utf8::is_utf8($text);
    open my $f, '>:raw', "$file.tmp~" or die "$file: $!";
    print $f $text;
    close $f or die "$file: $!";
    chmod 0644, "$file.tmp~";
    rename "$file.tmp~", $file or die "$file: $!";
}

sub run_nginx {
    my ($self, @args) = @_;
    my $out = `$ENV{TEST_NGINX_BINARY} -p $self->{dir} -c $self->{dir}/nginx.conf -e $self->{dir}/logs/error.log @args 2>&1`;

    return ($? >> 8, $out);
}

# it listens, and a master has workers: it blocks its signals before it forks
# them, and one that comes earlier is only seen with the next one

sub wait_up {
    my ($self) = @_;
    my $master = ($self->{master_process} // 'on') ne 'off';

    return 1 if defined $self->until(10, sub {
        IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                              PeerPort => $self->{port})
        && (!$master || $self->workers) });
    die "nginx does not listen\n" . $self->log;
}

sub connect {
    my ($self) = @_;

    return IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                 PeerPort => $self->{port}, Timeout => 90);
}

sub get {
    my ($self, $path, %headers) = @_;
    my $s = $self->connect or return { status => 0, body => '',
                                       headers => '' };
    my $host = delete $headers{Host} || 'localhost';
    my $h = join '', map { "$_: $headers{$_}\r\n" } sort keys %headers;

    print $s "GET $path HTTP/1.0\r\nHost: $host\r\n$h\r\n";

    return answer_of($s);
}

sub answer_of {
    my ($s) = @_;
    my $answer = '';

    while (sysread $s, my $buf, 65536) {
        $answer .= $buf;
    }

    my ($head, $body) = split /\r\n\r\n/, $answer, 2;
    my ($status) = ($head // '') =~ m{^HTTP/1\.\d (\d+)};

    return { status => $status || 0, headers => $head // '',
             body => $body // '' };
}

# what the status location says (at /status)
sub status {
    my ($self) = @_;

    return JSON::PP->new->utf8->decode($self->get('/status')->{body});
}

# the entry of a policy, by the end of its path
sub policy {
    my ($self, $name) = @_;
    my ($p) = grep { $_->{path} =~ /\Q$name\E$/ }
              @{ $self->status->{policies} };

    return $p;
}

# code is run, and waits until the files of a policy have been looked at
# ("looks"), or read ("digests"), so often after it; what => number.  So what has
# not happened by then does not
sub after {
    my ($self, $name, $what, $times, $code) = @_;

    my $from = $self->policy($name)->{$what};
    $code->() if $code;
    return defined $self->until(30, sub {
        $self->policy($name)->{$what} >= $from + $times });
}

# every worker: connections that are open at the same time, so that not one of
# them takes all, until each worker has answered (the header X-Worker says who,
# where a location has no headers of its own); all must have that body
sub everywhere {
    my ($self, $want, $path) = @_;
    my $n = $self->{workers} || 1;
    my %seen;

    for my $round (1 .. 20) {
        my @open = map { $self->connect || () } 1 .. 3 * $n;

        print $_ "GET " . ($path || '/index.html')
                 . " HTTP/1.0\r\nHost: localhost\r\n\r\n" for @open;

        for (map { answer_of($_) } @open) {
            return 0 if $_->{body} ne $want;
            $seen{$1} = 1 if $_->{headers} =~ /^X-Worker: (\d+)/m;
        }

        return 1 if $round > 1 && (!%seen || keys %seen >= $n);
    }

    return 1;
}

# all workers have the same version of a policy, by the status: few connections
# may all go to one of them
sub settled {
    my ($self, $file) = @_;
    my $p = $self->policy($file) or return 0;
    my %generation = map { $_->{generation} => 1 } @{ $p->{workers} };

    return @{ $p->{workers} } == ($self->{workers} || 1)
           && keys %generation == 1;
}

# a page that stays open: what has come of it, and more with each read
sub open_page {
    my ($self, $path) = @_;
    my $s = $self->connect or die "connect: $!";

    syswrite $s, "GET $path HTTP/1.1\r\nHost: localhost\r\n"
                 . "Connection: close\r\n\r\n";
    return $s;
}

# kB of resident memory that is its own, of a process
sub memory {
    my ($self, $pid) = @_;

    open my $f, '<', "/proc/$pid/status" or return 0;
    local $/;
    return <$f> =~ /^RssAnon:\s+(\d+)/m ? $1 : 0;
}

sub log {
    my ($self) = @_;

    open my $f, '<:raw', "$self->{dir}/logs/error.log" or return '';
    local $/;
    return scalar(<$f>) // '';
}

# waits until code says yes; the seconds that took, or undef
sub until {
    my ($self, $seconds, $code) = @_;
    my $from = time;

    while (time - $from < ModerationTest::patience($seconds)) {
        return time - $from if $code->();
        sleep 0.03;
    }

    return undef;
}

sub pid {
    my ($self) = @_;

    open my $f, '<', "$self->{dir}/nginx.pid" or return undef;
    my $pid = <$f>;
    return defined $pid && $pid =~ /(\d+)/ ? $1 : undef;
}

sub workers {
    my ($self) = @_;
    my $master = $self->pid or return ();
    my @w;

    for my $stat (glob '/proc/[0-9]*/stat') {
        open my $f, '<', $stat or next;
        my $line = <$f> // next;
        push @w, $1 if $line =~ /^(\d+) \(.*\) \S (\d+)/ && $2 == $master;
    }

    return @w;
}

# code takes the workers away; waits until there are as many others, and none of
# those

sub renew {
    my ($self, $code) = @_;
    my %had = map { $_ => 1 } $self->workers;

    $code->();
    return $self->until(10, sub {
        my @now = $self->workers;
        return @now == ($self->{workers} || 1) && !grep { $had{$_} } @now;
    });
}

sub hup { my ($self) = @_; kill 'HUP', $self->pid }

sub stop {
    my ($self) = @_;
    my $pid = $self->pid or return;

    kill 'TERM', $pid;
    return 1 if defined $self->until(10, sub { !kill 0, $pid });
    kill 'KILL', $pid;
}

sub DESTROY {
    my ($self) = @_;
    local ($?, $@, $!);
    $self->stop if $self->{dir};
}

1;
