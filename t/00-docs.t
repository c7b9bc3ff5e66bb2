# The documentation says what is there: every box of docs/checklist.md names
# tests that exist, every directive and variable is described and tested.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;

my $top = "$FindBin::Bin/..";

sub slurp {
    my ($name) = @_;
    open my $f, '<', "$top/$name" or return '';
    local $/;
    return <$f>;
}

# boxes: "| box | `t/file: text`, ... |"; the text has to stand in the file

my $boxes = 0;

for my $line (split /\n/, slurp('docs/checklist.md')) {
    next unless $line =~ /^\|/ && $line !~ /^\| (---|box)/;

    my (undef, $box, $tests) = split /\s*\|\s*/, $line, 3;
    my @refs = $tests =~ /`([^`]+)`/g;

    $boxes++;
    ok(@refs > 0, "a test for: $box");

    for (@refs) {
        my ($file, $text) = split /: /, $_, 2;
        my $src = slurp($file);
        my $plain = $text;

        ok($src ne '' && defined $plain && index($src, $plain) >= 0,
           "$file has \"" . (defined $plain ? $plain : '?') . '"');
    }
}

cmp_ok($boxes, '>', 25, 'the checklist is there');

my $module = slurp('ngx_module/nginx/ngx_http_moderation_filter_module.c');
my $vars = slurp('ngx_module/nginx/ngx_http_moderation_vars.c');
my $docs = slurp('docs/directives.md');
my $suites = join '', map { s{^\Q$top/}{}; slurp($_) } glob "$top/t/*.t";

for ($module =~ /ngx_string\("(moderation\w*)"\),\s*\n\s*NGX_HTTP_/g) {
    like($docs, qr/^## $_$/m, "$_: described");
    like($docs, qr/^    Syntax:   $_\b/m, "$_: its syntax");
    like($suites, qr/\b$_\b/, "$_: tested");

    # as nginx.org has it: syntax, default, context, since; then a sentence
    # that says what the directive does

    like($docs, qr/^\#\#\ $_\n\n(?:\ {4}.*\n)*?\ {4}Syntax:\ .*\n(?:\ {14,}.*\n)*
                   \ {4}Default:\ .*\n(?:\ {14,}.*\n)*\ {4}Context:\ .*\n
                   \ {4}Since:\ \ \ \ \d+\.\d+\.\d+\n\n
                   (?:Sets|Enables|Specifies|Defines)\ /mx, "$_: in nginx's form");
}

for ($vars =~ /ngx_http_moderation_var\("(\w+)"/g) {
    like($docs, qr/`\$moderation_$_`/, "\$moderation_$_: described");
    like($suites, qr/\$moderation_$_\b/, "\$moderation_$_: tested");
}

# links between documents

for my $doc ('README.md', map { s{^\Q$top/}{}r } glob "$top/docs/*.md") {
    my $dir = $doc =~ m{^(.*/)} ? $1 : '';
    my $text = slurp($doc);

    while ($text =~ /\]\(([^)#:\s]+)(?:#[^)]*)?\)/g) {
        ok(-e "$top/$dir$1", "$doc: $1 is there");
    }
}

done_testing();
