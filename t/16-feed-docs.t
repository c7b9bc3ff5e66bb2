# docs/feeds.md: each of its examples, with the rules it shows, gives what it
# says.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";

use Encode qw(decode encode);
use Test::More;
use ModerationTest::Server;

open my $f, '<:encoding(UTF-8)', "$FindBin::Bin/../docs/feeds.md" or die $!;
my $doc = do { local $/; <$f> };
close $f;

my $dir = "$ModerationTest::build/t/feed-docs";
mkdir $dir;

my ($rules) = $doc =~ /<!-- rules -->\n```yaml\n(.*?)```/s;
ok(defined $rules, 'the rules');

my $n = 0;

while ($doc =~ /<!--\ example:\ (\w+)(?:\ (\S+))?\ -->\n
                ```yaml\n(.*?)```\n
                (?:```yaml\n(.*?)```\n)?
                ```text\n(.*?)```\n
                ```text\n(.*?)```\n/gsx)
{
    my ($type, $charset, $slots, $rule, $in, $want)
        = ($1, $2, $3, $4 // '', $5, $6);

    write_file("$dir/p.yaml", encode('UTF-8', $rules . $rule =~ s/^(?=.)/  /mgr
                                     . "slots:\n" . $slots =~ s/^/  /mgr));
    write_file("$dir/in", encode('UTF-8', $in));

    if ($charset) {
        system('sh', '-c', "iconv -f utf-8 -t $charset $dir/in > $dir/x"
               . " && mv $dir/x $dir/in") == 0 or die "iconv $charset";
    }

    my $cmd = "$ModerationTest::build/moderationctl scan --apply"
              . " --policy $dir/p.yaml --type $type"
              . ($charset ? " --charset $charset" : '') . " $dir/in";
    my $got = `$cmd 2>&1` || '';

    if ($charset) {
        write_file("$dir/out", $got);
        $got = `iconv -f $charset -t utf-8 $dir/out`;
    }

    $n++;
    is(decode('UTF-8', $got), $want, "example $n: $type "
       . ($slots =~ /name: (\w+)/)[0]);
}

is($n, () = $doc =~ /<!-- example:/g, 'all examples have slot, body, result');
cmp_ok($n, '>=', 12, 'and there are some');

done_testing();
