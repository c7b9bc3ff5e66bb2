package ModerationTest;

# What all suites share.
#
#   use ModerationTest 'no_plan';       Test::Nginx::Socket with our defaults:
#                                       the module loaded, a free port, a
#                                       server root of its own under build/,
#                                       repeat_each(2), and in each block no
#                                       [alert], [crit] or [emerg]
#   use ModerationTest::Server;         an nginx of one's own, raw clients and
#                                       a scripted upstream, for all that needs
#                                       pauses, aborts, slow readers or sizes

use strict;
use warnings;

use Cwd ();
use File::Basename ();
use File::Path ();
use IO::Socket::INET;
use IO::Socket::UNIX;

our ($top, $build, $module, $name, $static);

# how many times longer things may take (nginx under valgrind)

our $slow = $ENV{MODERATION_SLOW} || 1;

# the seconds that are waited for what has to come: a wait ends when it is
# there, so that many of them cost nothing; but for less than a second, where
# a suite goes on without it

sub patience {
    my ($seconds) = @_;

    return ($seconds < 1 || $seconds > 90 ? $seconds : 90) * $slow;
}

# what is of one UTC day has so many seconds of it left

sub within_a_day {
    my ($seconds) = @_;
    my $left = 86400 - time % 86400;

    sleep $left + 1 if $left <= $seconds * $slow;
}

# a port on which nothing listens, and nothing on the one behind it: below the
# range from which clients take theirs.  Suites that run at once have 100 ports
# each: who has them holds a name that the system takes back when the suite is
# gone (ports and such names are of a network namespace alike).

my ($ports, $block, $next);

sub free_port {
    for (my $n = int rand 200; !$ports; $n = int rand 200) {
        die 'no free ports' if ++$next > 5000;
        $ports = IO::Socket::UNIX->new(Local => "\0moderation-ports-$n",
                                       Listen => 1) or next;
        ($block, $next) = (10000 + 100 * $n, 0);
    }

    for (1 .. 50) {
        my $port = $block + 2 * ($next++ % 50);
        my $s = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
                    LocalPort => $port, Listen => 1, ReuseAddr => 1)
            or next;
        my $t = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
                    LocalPort => $port + 1, Listen => 1, ReuseAddr => 1)
            or next;
        close $s;
        close $t;
        return $port;
    }

    die 'no free port';
}

BEGIN {
    $top = Cwd::abs_path(__FILE__);

    for (1 .. 3) {
        $top = File::Basename::dirname($top);
    }

    $build = $ENV{MODERATION_BUILD} || "$top/build";
    $module = "$build/ngx_http_moderation_filter_module.so";

    $name = File::Basename::basename($0);
    $name =~ s/\.t$//;

    $ENV{PATH} .= ':/usr/sbin:/sbin';
    $ENV{TEST_NGINX_BINARY} ||= 'nginx';

    # a binary with the module built in needs no load_module

    $static = `$ENV{TEST_NGINX_BINARY} -V 2>&1`
              =~ m{--add-module=\Q$top\E/?(\s|$)};
    $ENV{TEST_NGINX_LOAD_MODULES} = $static ? '' : $module;
    $ENV{TEST_NGINX_SERVROOT} = "$build/t/$name";
    $ENV{TEST_NGINX_LOG_LEVEL} ||= 'info';
    $ENV{TEST_NGINX_NO_SHUFFLE} = 1 unless defined $ENV{TEST_NGINX_NO_SHUFFLE};
    $ENV{TEST_NGINX_FIXTURES} = "$top/t/fixtures";
    $ENV{TEST_NGINX_POLICY} = "$top/t/fixtures/glue/policy.yaml";
    $ENV{LANG} = $ENV{LC_ALL} = 'C';
    delete $ENV{http_proxy};

    File::Path::make_path("$build/t");

    if (!$ENV{TEST_NGINX_PORT}) {
        $ENV{TEST_NGINX_PORT} = free_port();
    }

    $ENV{TEST_NGINX_UPSTREAM_PORT} = free_port();
}

sub import {
    my ($class, @args) = @_;

    return if @args && $args[0] eq 'base';

    my $caller = caller;

    require Test::Nginx::Socket;
    eval "package $caller; Test::Nginx::Socket->import(\@args); 1" or die $@;

    Test::Nginx::Socket::repeat_each(2);
    Test::Nginx::Socket::no_shuffle() unless $ENV{TEST_NGINX_RANDOMIZE};
    Test::Nginx::Socket::no_long_string();
    Test::Nginx::Socket::log_level($ENV{TEST_NGINX_LOG_LEVEL});

    Test::Nginx::Socket::add_block_preprocessor(sub {
        my $block = shift;

        if (!defined $block->request && !defined $block->raw_request
            && !defined $block->pipelined_requests
            && !defined $block->must_die)
        {
            $block->set_value('request', "GET /t\n");
        }

        if (!defined $block->no_error_log && !defined $block->must_die) {
            $block->set_value('no_error_log', "[alert]\n[crit]\n[emerg]\n");
        }
    });
}

1;
