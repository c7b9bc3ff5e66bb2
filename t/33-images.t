# Files of compiled policies: used at start, mapped by all workers, never
# trusted further than their owner, mode and checksum; and life without them.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use File::Copy qw(copy);
use ModerationServer;
use Test::More;
use Time::HiRes qw(sleep time);

my $page = '<ul>' . join('', map { "<li class=card><b>$_</b></li>" }
                         qw(alpha beta gamma delta)) . '</ul>';

sub policy {
    my ($term) = @_;

    return "schema: 1\npolicy: images\nslots:\n"
           . "  - {name: card, type: html, match: li.card, "
           . "fields: {title: b}}\nrules:\n"
           . "  - {id: r.one, rev: 1, label: clickbait, expires: 2020-01-01, "
           . "match: {in: [title], terms: [nothing]}}\n"
           . "  - {id: r.two, rev: 1, label: clickbait, "
           . "match: {in: [title], groups: {a: {terms: [$term]}, "
           . "b: {list: big.txt}}}}\n";
}

sub without {
    my ($w) = @_;
    (my $p = $page) =~ s{<li class=card><b>$w</b></li>}{};
    return $p;
}

my $big = join '', map { sprintf "w%05dx\n", $_ } 1 .. 3000;

sub server {
    my (%o) = @_;

    return ModerationServer->new(
        workers => 2, http => 'moderation_zone zone=m:1m;',
        server => 'location = /status { moderation_status; }
            location / { moderation enforce;
                moderation_policy %%DIR%%/p.yaml check=400ms; }',
        %o, files => { 'html/index.html' => $page, 'p.yaml' => policy('alpha'),
                       'big.txt' => $big });
}

sub live {
    my ($s, $w, $seconds) = @_;
    return $s->until($seconds || 5, sub { $s->everywhere(without($w)) });
}

sub images { my ($s) = @_; return glob "$s->{dir}/images/*" }


# start

{
    my $s = server();
    my @img = images($s);

    is(scalar @img, 1, 'a start saves the image');
    like($img[0], qr{/[0-9a-f]{16}-[0-9a-f]{32}\.img$}, 'under its digest');
    like($s->{start_output} . $s->log, qr/"r.one" has expired/,
         'a start says which rules have expired');

    open my $i, '<:raw', $img[0] or die "$img[0]: $!";
    sysread $i, my $head, 72;
    chomp(my $engine = `sh $FindBin::Bin/../ngx_module/engine/id`);
    is(unpack('Q<', substr $head, 64, 8), $engine,
       'the engine of the module has the number that the tool has');

    my ($ino, $mode, $uid) = (stat $img[0])[1, 2, 4];
    is($mode & 07777, 0644, 'its mode');
    is($uid, scalar getpwnam('nobody'), 'its owner') if $> == 0;
    ok($s->policy('p.yaml')->{mapped}, 'what compiling left is not kept');
    $s->stop;

    my ($rc, $out) = $s->run_nginx();
    is($rc, 0, 'a second start');
    like($out . $s->log, qr/"r.one" has expired.*"r.one" has expired/s,
         'says it again');
    $s->wait_up;
    ok($s->policy('p.yaml')->{mapped}, 'maps it');
    is((stat $img[0])[1], $ino, 'and does not write it again');
    ok(defined live($s, 'alpha', 2), 'it is the policy');

    # and so does a reload

    $s->write('p.yaml', policy('beta'));
    ok(defined live($s, 'beta'), 'a change');
    my @now = images($s);
    is(scalar @now, 2, 'its image, and the one before');
    like($s->log, qr/is live: .*\n.*"r.one" has expired/,
         'a reload says which rules have expired');
    $s->stop;

    # that of a worker is used by the next start

    my ($new) = grep { $_ ne $img[0] } @now;
    $ino = (stat $new)[1];
    ($rc, $out) = $s->run_nginx();
    $s->wait_up;
    ok(defined live($s, 'beta', 2), 'a start behind a change');
    is((stat $new)[1], $ino, 'uses the image that a worker has saved');
    unlike($s->log, qr/image not used/, 'without a word');
    $s->stop;

    # what it must not use

    my $try = sub {
        my ($what, $change, $say) = @_;
        my $saved = "$s->{dir}/saved";

        copy($new, $saved);
        $change->();
        my ($status, $text) = $s->run_nginx('-t');
        is($status, 0, "$what: nginx -t is content");
        like($text, $say, "$what: says so");
        rmdir $new or unlink $new;
        copy($saved, $new);
        chmod 0644, $new;
        chown scalar getpwnam('nobody'), -1, $new;
    };

    my $not = qr/saved image not used: .*not a file of root or of the worker/;

    $try->('writable by all', sub { chmod 0666, $new }, $not);
    $try->('writable by a group', sub { chmod 0664, $new }, $not);
    $try->('a symbolic link', sub {
        rename $new, "$new.real"; symlink "$new.real", $new },
        qr/saved image not used: .*symbolic links/);
    unlink "$new.real";
    $try->('a folder', sub { unlink $new; mkdir $new },
           qr/saved image not used/);

  SKIP: {
        skip 'root only', 2 if $> != 0;
        $try->('of another user', sub {
            chown scalar getpwnam('daemon'), -1, $new }, $not);
    }

    $try->('empty', sub { truncate $new, 0 }, $not);
    $try->('too short', sub { truncate $new, 1000 },
           qr/saved image not used: .*sizes do not fit/);
    $try->('damaged', sub {
        open my $f, '+<', $new; seek $f, (-s $new) / 2, 0; print $f "\0x\1y";
        close $f }, qr/saved image not used: .*damaged \(checksum\)/);
    $try->('not an image', sub {
        open my $f, '>', $new; print $f 'x' x 100000; close $f },
        qr/saved image not used: .*not an image/);
    $try->('of another engine', sub {
        open my $f, '+<', $new; seek $f, 64, 0; print $f 'other'; close $f },
        qr/saved image not used: .*made by another version/);
    $try->('of another policy', sub { copy($img[0], $new) },
           qr/saved image not used: .*image of another policy/);

    # with a damaged one it starts and saves a good one

    open my $f, '+<', $new; seek $f, 500, 0; print $f 'x' x 50; close $f;
    ($rc, $out) = $s->run_nginx();
    is($rc, 0, 'a start with a damaged image');
    $s->wait_up;
    ok(defined live($s, 'beta', 2), 'reads the YAML');
    $s->stop;
    ($rc, $out) = $s->run_nginx('-t');
    unlike($out, qr/image not used/, 'and mends it');
}

# an image that is damaged while the others map it

{
    my $s = server();

    # workers that cannot map the published image compile for themselves

    $s->write('p.yaml', policy('beta'));
    ok(defined live($s, 'beta'), 'before');
    my $mess = $> == 0 ? 1 : 0;

    # the folder goes away: nothing can be saved

    rename "$s->{dir}/images", "$s->{dir}/moved";
    $s->write('p.yaml', policy('gamma'));
    ok(defined live($s, 'gamma'), 'no folder: all workers have the change');
    like($s->log, qr/image of ".*p\.yaml" not saved, each worker compiles: /,
         'an error says so');
    is(scalar(() = $s->log =~ /not saved, each worker/g), 1, 'once');
    ok(!$s->policy('p.yaml')->{mapped}, 'nothing is mapped');

    rename "$s->{dir}/moved", "$s->{dir}/images";
    $s->write('p.yaml', policy('delta'));
    ok(defined live($s, 'delta'), 'it is back');
    ok(defined $s->until(2, sub { $s->policy('p.yaml')->{mapped} }),
       'and used again');
}

# a full disk

SKIP: {
    skip 'no root, no mount', 7 if $> != 0;

    my $s = server(no_start => 1);
    my $dir = "$s->{dir}/images";
    mkdir $dir;
    skip 'no mount', 7
        if system("mount -t tmpfs -o size=2m tmpfs $dir 2>/dev/null") != 0;

    eval {
        my ($rc) = $s->run_nginx();
        is($rc, 0, 'starts on a small disk');
        $s->wait_up;
        ok(defined live($s, 'alpha', 2), 'and serves');

        open my $f, '>', "$dir/fill";
        my $n = 0;
        while (defined(my $w = syswrite $f, 'x' x 4096)) {
            $n += $w; last if $n > 4 << 20;
        }
        close $f;

        $s->write('p.yaml', policy('beta'));
        ok(defined live($s, 'beta'), 'full: all workers have the change');
        like($s->log, qr/not saved, each worker compiles: .*No space left/,
             'an error says why');
        is(scalar(grep { /tmp$/ } images($s)), 0, 'no half of a file stays');

        unlink "$dir/fill";
        $s->write('p.yaml', policy('gamma'));
        ok(defined live($s, 'gamma'), 'room again');
        ok(defined $s->until(2, sub { $s->policy('p.yaml')->{mapped} }),
           'saved again');
    };
    diag($@) if $@;
    $s->stop;
    system("umount $dir");
}

# what writers that died have left

{
    my $s = server();
    my ($img) = images($s);
    my $dead = 4_000_000;

    open my $f, '>', "$img.$dead.tmp"; close $f;
    (my $old = $img) =~ s/-[0-9a-f]{32}/'-' . 'ab' x 16/e;
    open $f, '>', $old; close $f;

    $s->write('p.yaml', policy('beta'));
    ok(defined live($s, 'beta'), 'a change');
    ok(defined $s->until(10, sub { !-e "$img.$dead.tmp" }),
       'the rest of a writer that died is gone');
    ok(defined $s->until(10, sub { !-e $old }), 'an image of long ago, too');
    ok(-e $img, 'the one before stays');
}

done_testing();
