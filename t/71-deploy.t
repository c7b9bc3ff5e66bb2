# docs/deploy.md: each of its configurations is one that nginx takes.

use strict;
use warnings;
use Cwd 'getcwd';
use File::Temp 'tempdir';
use Test::More;

my $build = $ENV{MODERATION_BUILD} || 'build';
$build = getcwd() . "/$build" if $build !~ m{^/};
my $nginx = $ENV{TEST_NGINX_BINARY} || 'nginx';
my $top = getcwd();
my $dir = tempdir(CLEANUP => 1);

chmod 0755, $dir;
mkdir "$dir/$_" for qw(tmp cache);

open my $f, '<', 'docs/deploy.md' or die $!;
my $text = do { local $/; <$f> };
my $n = 0;

while ($text =~ /^## ([^\n]+)\n(?:(?!^## ).)*?^```nginx\n(.*?)^```/msg) {
    my ($title, $conf) = ($1, $2);

    $conf =~ s{/etc/moderation/homepage}{$top/rules/homepage}g;
    $conf =~ s{/var/cache/nginx/pages}{$dir/cache}g;
    $conf =~ s{include fastcgi_params}{include /etc/nginx/fastcgi_params}g
        if -e '/etc/nginx/fastcgi_params';

    open my $c, '>', "$dir/nginx.conf" or die $!;
    print $c "load_module $build/ngx_http_moderation_filter_module.so;\n",
        ($> == 0 ? "user root;\n" : ''), "pid $dir/nginx.pid;\n",
        "events {}\nhttp {\n", map({ "${_}_temp_path $dir/tmp/$_;\n" }
            qw(client_body proxy fastcgi uwsgi scgi)),
        "moderation_image_path $dir/tmp/images;\n", $conf, "}\n";
    close $c;

    my $out = `$nginx -t -p $dir -c $dir/nginx.conf -e $dir/error.log 2>&1`;
    is($?, 0, $title) or diag $out;
    $n++;
}

cmp_ok($n, '>=', 6, 'configurations');

done_testing();
