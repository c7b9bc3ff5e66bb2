# docs/deploy.md and the READMEs: each of their configurations is one that nginx
# takes.

use strict;
use warnings;
use Cwd 'getcwd';
use File::Temp 'tempdir';
use Test::More;

my $build = $ENV{MODERATION_BUILD} || 'build';
$build = getcwd() . "/$build" if $build !~ m{^/};
my $nginx = $ENV{TEST_NGINX_BINARY} || 'nginx';
my $module = "$build/ngx_http_moderation_filter_module.so";  # none in a static build
my $modules = $ENV{NGINX_MODULES} || '/usr/lib/nginx/modules';
my $top = getcwd();
my $dir = tempdir(CLEANUP => 1);

chmod 0755, $dir;
mkdir "$dir/$_" for qw(tmp cache logs);

# and of the READMEs, whose load_module line stands for where it is installed

my $text = '';
for my $page ('docs/deploy.md', 'README.md', 'docs/zh/README.md') {
    open my $f, '<', $page or die "$page: $!";
    local $/;
    $text .= "## $page\n" . <$f>;
}

my $n = 0;
my $title = '';

while ($text =~ /^## ([^\n]+)\n|^```nginx\n(.*?)^```/msg) {
    my $conf = $2;
    $title = $1 if defined $1;
    next if !defined $conf;

    $conf =~ s{/etc/moderation/homepage}{$top/rules/homepage}g;
    $conf =~ s{/var/cache/nginx/pages}{$dir/cache}g;
    $conf =~ s{include fastcgi_params}{include /etc/nginx/fastcgi_params}g
        if -e '/etc/nginx/fastcgi_params';

    $conf =~ s{/tmp/moderation}{$dir/tmp/images}g;
    $conf =~ s{/var/log/nginx/}{$dir/tmp/}g;
    $conf =~ s{listen 80;}{listen 127.0.0.1:8080;};

    # a whole file loads its modules itself; one that is not here is not tried

    my $whole = $conf =~ /^load_module/;
    if ($whole && !-e $module) {
        note("$title: the module is in nginx itself");
        next;
    }
    my ($missing) = grep { !-e "$modules/$_" }
        grep { !/moderation/ } $conf =~ m{^load_module modules/(\S+);}mg;
    if ($missing) {
        note("$title: no $missing here");
        next;
    }
    $conf =~ s{^load_module \S*moderation_filter_module\.so}{load_module $module}m;
    $conf =~ s{^load_module modules/}{load_module $modules/}mg;
    my $paths = join '', map { "    ${_}_temp_path $dir/tmp/$_;\n" }
        qw(client_body proxy fastcgi uwsgi scgi);
    $conf =~ s/^(http .)\n/$1\n$paths/m;

    open my $c, '>', "$dir/nginx.conf" or die $!;
    print $c $whole ? (($> == 0 ? "user root;\n" : ''), "pid $dir/nginx.pid;\n", $conf)
        : ((-e $module ? "load_module $module;\n" : ''),
        ($> == 0 ? "user root;\n" : ''), "pid $dir/nginx.pid;\n",
        "events {}\nhttp {\n", map({ "${_}_temp_path $dir/tmp/$_;\n" }
            qw(client_body proxy fastcgi uwsgi scgi)),
        "moderation_image_path $dir/tmp/images;\n", $conf, "}\n");
    close $c;

    my $out = `$nginx -t -p $dir -c $dir/nginx.conf -e $dir/error.log 2>&1`;
    is($?, 0, $title) or diag $out;
    $n++;

    # a compressor behind the filter would be read packed: the other order of
    # the two lines is refused

    next if !$whole;
    my ($first, $second) = $conf =~ /^(load_module \S+;)$/mg;
    next if !defined $second;
    $conf =~ s/^\Q$first\E\n\Q$second\E$/$second\n$first/m;
    open $c, '>', "$dir/nginx.conf" or die $!;
    print $c ($> == 0 ? "user root;\n" : ''), "pid $dir/nginx.pid;\n", $conf;
    close $c;
    $out = `$nginx -t -p $dir -c $dir/nginx.conf -e $dir/error.log 2>&1`;
    like($out, qr/must be loaded after "ngx_http_(?:brotli|zstd)_filter_module"/,
         "$title: in the other order");
}

cmp_ok($n, '>=', -e $module ? 9 : 6, 'configurations');

# nginx compiles the module itself where it is built in (--add-module), and says
# nothing of GNU to the compiler

my @sources = glob 'ngx_module/engine/*/*.c ngx_module/{ledger,places,messages}/*.c';
my $said = `gcc -fsyntax-only -Wall -Werror -Ingx_module/engine -Ingx_module @sources 2>&1`;
is($?, 0, 'sources by the flags of nginx') or diag $said;

done_testing();
