# What people and programs do to the files of a policy while nginx runs: no
# half of anything is ever live, and what is saved is seen.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Digest::SHA qw(sha256_hex);
use File::Path qw(make_path);
use ModerationServer;
use Test::More;
use Time::HiRes qw(sleep time utime);

my @words = qw(alpha beta gamma delta);
my $page = '<ul>' . join('', map { "<li class=card><b>$_</b></li>" } @words)
           . '</ul>';

sub slots {
    return "schema: 1\npolicy: files\nslots:\n"
           . "  - {name: card, type: html, match: li.card, "
           . "fields: {title: b}}\n";
}

sub rule {
    my ($id, $term) = @_;
    return "  - {id: r.$id, rev: 1, label: clickbait, "
           . "match: {in: [title], terms: [$term]}}\n";
}

sub policy { return slots() . "rules:\n" . rule('one', @_) }

# the page less some cards
sub without {
    my $p = $page;
    for my $w (@_) {
        $p =~ s{<li class=card><b>$w</b></li>}{};
    }
    return $p;
}

my $locations = 'location = /status { moderation_status; }
    location / { moderation enforce; moderation_policy %%DIR%%/pol check=1s; }';

sub server {
    my (%o) = @_;

    return ModerationServer->new(
        workers => 1, http => 'moderation_zone zone=m:1m;',
        server => $locations,
        %o, files => { 'html/index.html' => $page, %{ $o{files} } });
}

sub raw {
    my ($s, $name, $text) = @_;
    open my $f, '>', "$s->{dir}/$name" or die "$name: $!";
    print $f $text;
    close $f;
    chmod 0644, "$s->{dir}/$name";
}

sub live { my ($s, @w) = @_; $s->everywhere(without(@w)) }

# changes come as a person or a program makes them: where the machine leaves
# more time between two of them than a look waits, what is between them is whole

my ($late, $last);

sub hand {
    my ($seconds) = @_;

    sleep $seconds if $seconds;
    my $now = time;
    $late = 1 if defined $last && $now - $last > 0.9;
    $last = $now;
}

sub hands { ($late, $last) = (0); hand() }

# the changes that went live; must not be more than those that were whole

sub reloads { my ($s) = @_; return $s->policy('pol')->{reloads} }


# two files that belong together, copied with a pause between: rsync

{
    my $s = server(files => { 'pol/a.yaml' => slots(),
                              'pol/b.yaml' => "rules:\n"
                                              . rule('one', 'alpha'),
                              'pol/c.yaml' => "rules:\n"
                                              . rule('two', 'beta') });

    ok(live($s, 'alpha', 'beta'), 'a folder of three files');

    # rsync writes .name.XXXXXX and renames, file by file

    my $mixed = 0;
    raw($s, 'pol/.b.yaml.Xa81kq', "rules:\n" . rule('one', 'gamma'));
    raw($s, 'pol/.c.yaml.b71Kqa', "rules:\n" . rule('two', 'delta'));
    rename "$s->{dir}/pol/.b.yaml.Xa81kq", "$s->{dir}/pol/b.yaml";
    hands();

    for (1 .. 6) {
        $mixed++ if $s->get('/index.html')->{body} ne without('alpha', 'beta');
        hand(0.07);
    }

    rename "$s->{dir}/pol/.c.yaml.b71Kqa", "$s->{dir}/pol/c.yaml";
    hand();

    ok(defined $s->until(5, sub {
        my $body = $s->get('/index.html')->{body};
        $mixed++ if $body ne without('alpha', 'beta')
                    && $body ne without('gamma', 'delta');
        $body eq without('gamma', 'delta');
    }), 'both files are live');

  SKIP: {
        skip 'the machine was late', 2 if $late;
        is($mixed, 0, 'never one of them alone');
        is(reloads($s), 1, 'one reload for both');
    }

    # a slow writer: half of the YAML is there, and it is no YAML

    my $reloads = reloads($s);
    open my $f, '>', "$s->{dir}/pol/c.yaml"; $f->autoflush(1);
    my $text = "rules:\n" . rule('two', 'beta');
    hands();
    for (my $i = 0; $i < length $text; $i += 12) {
        print $f substr $text, $i, 12;
        hand(0.15);
    }
    close $f;
    ok(defined $s->until(5, sub { live($s, 'gamma', 'beta') }),
       'a file that is written slowly');

  SKIP: {
        skip 'the machine was late', 2 if $late;
        is(reloads($s), $reloads + 1, 'one reload for it');
        unlike($s->log, qr/refused/, 'and no half of it was looked at');
    }

    $reloads = reloads($s);
    my $refused = () = $s->log =~ /refused/g;

    # editors

    for my $name ('.b.yaml.swp', 'b.yaml~', '#b.yaml#', '4913', 'b.yaml.tmp',
                  '.goutputstream-AB12CD', 'b.yaml___jb_tmp___',
                  '.#b.yaml')
    {
        raw($s, "pol/$name", "rules: [\n");
    }
    ok($s->after('pol', digests => 1, sub {
        symlink "someone\@host.1234:1", "$s->{dir}/pol/.#c.yaml" }), 'editors come by');
    is(scalar(() = $s->log =~ /refused/g), $refused, 'files of editors are no policy');
    is(reloads($s), $reloads, 'and load nothing');

    # vim: the old file is renamed, a new one written

    hands();
    rename "$s->{dir}/pol/b.yaml", "$s->{dir}/pol/b.yaml~";
    hand(0.3);
    raw($s, 'pol/b.yaml', "rules:\n" . rule('one', 'alpha'));
    hand();
    unlink "$s->{dir}/pol/b.yaml~";
    ok(defined $s->until(5, sub { live($s, 'alpha', 'beta') }),
       'an editor that renames the old file');
  SKIP: {
        skip 'the machine was late', 1 if $late;
        is(scalar(() = $s->log =~ /refused/g), $refused, 'the moment without it was not seen');
    }

    # a file goes, another comes

    unlink "$s->{dir}/pol/c.yaml";
    ok(defined $s->until(5, sub { live($s, 'alpha') }),
       'a file less is a rule less');

    raw($s, 'pol/d.yaml', "rules:\n" . rule('four', 'delta'));
    ok(defined $s->until(5, sub { live($s, 'alpha', 'delta') }),
       'a new file is a new rule');
}

# digest, not times

{
    my $s = server(files => { 'pol/a.yaml' => policy('alpha') });
    my $file = "$s->{dir}/pol/a.yaml";
    my @st = stat $file;

    ok($s->after('pol', digests => 1, sub { utime time, time, $file }), 'touched: it is read');
    is(reloads($s), 0, 'touched: nothing to do');
    is($s->policy('pol')->{compiles}, 0, 'and nothing compiled');

    # the same size and mtime, other bytes

    raw($s, 'pol/a.yaml', policy('gamma'));
    utime $st[8], $st[9], $file;
    is((stat $file)[7], $st[7], 'the same size');
    ok(defined $s->until(5, sub { live($s, 'gamma') }),
       'other bytes under the same size and mtime are seen');

    # and back: the version before is a version like any other

    raw($s, 'pol/a.yaml', policy('alpha'));
    ok(defined $s->until(5, sub { live($s, 'alpha') }), 'back to the first');
}

# looked at, not read: what the worker reads while it looks six times is less
# than the policy has bytes

{
    my $s = server(files => { 'pol/a.yaml' => policy('alpha')
                                              . "# a remark\n" x 20_000 });
    my ($w) = $s->workers;
    my $count = sub {
        open my $f, '<', "/proc/$w/io" or return;
        return do { local $/; <$f> } =~ /^rchar: (\d+)/m ? $1 : undef;
    };

    ok(live($s, 'alpha'), 'a policy that stays as it is');
    ok(defined $s->until(10, sub { $s->policy('pol')->{digests} }), 'it is read once');
    my $before = $count->();

  SKIP: {
        skip 'what a worker reads cannot be seen', 1 unless defined $before;
        $s->after('pol', looks => 6);
        cmp_ok($count->() - $before, '<', 150_000,
               'is looked at, and not read again');
    }
}

# refused, unreadable, deleted

{
    my $s = server(files => { 'pol/a.yaml' => policy('alpha') });

    raw($s, 'pol/a.yaml', policy('beta') . "nonsense: 1\n");
    ok(defined $s->until(5, sub { $s->policy('pol')->{refused} }),
       'refused');
    like($s->policy('pol')->{refused}{error},
         qr{pol/a\.yaml:\d+:\d+: unknown key in policy "nonsense"},
         'file, line, column in the status');
    like($s->policy('pol')->{refused}{hash}, qr/^[0-9a-f]{32}$/,
         'the refused version, too');
    is($s->policy('pol')->{refusals}, 1, 'counted');
    is($s->policy('pol')->{compiles}, 1, 'tried once');
    ok(live($s, 'alpha'), 'the last good one stays');

    raw($s, 'pol/a.yaml', policy('alpha'));
    ok(defined $s->until(5, sub { !$s->policy('pol')->{refused} }),
       'saved as it was: nothing is refused any more');

    unlink "$s->{dir}/pol/a.yaml";
    ok(defined $s->until(5, sub { $s->policy('pol')->{refused} }),
       'an empty folder is refused');
    like($s->policy('pol')->{refused}{error}, qr/no \*\.yaml in this folder/,
         'with its reason');
    ok(live($s, 'alpha'), 'the last good one stays');

    rename "$s->{dir}/pol", "$s->{dir}/gone";
    ok(defined $s->until(5, sub {
        my $r = $s->policy('pol')->{refused};
        $r && $r->{error} =~ /No such file/ }), 'a folder that is gone');
    ok(live($s, 'alpha'), 'the last good one stays');

    make_path("$s->{dir}/pol");
    raw($s, 'pol/a.yaml', policy('beta'));
    ok(defined $s->until(5, sub { live($s, 'beta') }), 'it comes back');
    ok(!$s->policy('pol')->{refused}, 'and nothing is refused');

  SKIP: {
        skip 'root only', 3 if $> != 0;

        raw($s, 'pol/a.yaml', policy('gamma'));
        chmod 0600, "$s->{dir}/pol/a.yaml";
        ok(defined $s->until(5, sub {
            my $r = $s->policy('pol')->{refused};
            $r && $r->{error} =~ /Permission denied/ }),
           'a file that the worker user cannot read is refused');
        ok(live($s, 'beta'), 'the last good one stays');

        chmod 0644, "$s->{dir}/pol/a.yaml";
        ok(defined $s->until(5, sub { live($s, 'gamma') }),
           'readable, it is loaded');

        # root reads it at start

        chmod 0600, "$s->{dir}/pol/a.yaml";
        $s->hup;
        ok(defined $s->until(5, sub { $s->log =~
               /a\.yaml" cannot be read by the worker user "nobody"/ }),
           'a start says that the worker user cannot read it');
    }
}

# git checkout: many files, each removed and written anew

{
    my %files = map { ("pol/$_.yaml" => "rules:\n"
                                        . rule("a$_", "word$_ of many")) }
                1 .. 40;
    my $s = server(files => { %files, 'pol/00.yaml' => slots(),
                              'pol/z.yaml' => "rules:\n"
                                              . rule('z', 'alpha') });

    hands();

    for my $n (1 .. 40, 'z') {
        unlink "$s->{dir}/pol/$n.yaml";
        raw($s, "pol/$n.yaml", "rules:\n"
            . rule($n eq 'z' ? 'z' : "b$n",
                   $n eq 'z' ? 'beta' : "other$n of many"));
        hand(0.02);
    }

    ok(defined $s->until(5, sub { live($s, 'beta') }), 'git checkout');

  SKIP: {
        skip 'the machine was late', 2 if $late;
        is(reloads($s), 1, 'one reload for all files');
        is($s->policy('pol')->{compiles}, 1, 'one compile');
    }
}

# a config map: files are links through ..data, which is swapped

{
    my $s = server(no_start => 1, workers => 2,
                   files => { 'pol/..2026_01/a.yaml' => slots(),
                              'pol/..2026_01/b.yaml'
                                  => "rules:\n" . rule('one', 'alpha'),
                              'pol/..2026_02/a.yaml' => slots(),
                              'pol/..2026_02/b.yaml'
                                  => "rules:\n" . rule('one', 'beta') });
    my $dir = "$s->{dir}/pol";

    symlink '..2026_01', "$dir/..data";
    symlink "..data/$_.yaml", "$dir/$_.yaml" for 'a', 'b';

    my ($rc, $out) = $s->run_nginx();
    is($rc, 0, 'starts') or diag $out;
    $s->wait_up;
    ok(live($s, 'alpha'), 'a config map');

    # what the start had is known by its digest

    ok(defined $s->until(10, sub { $s->policy('pol')->{digests} }), 'read once');

    my $digests = $s->policy('pol')->{digests};
    symlink '..2026_02', "$dir/..data_tmp";
    rename "$dir/..data_tmp", "$dir/..data";
    ok(defined $s->until(5, sub { live($s, 'beta') }), 'swapped');
    is($s->policy('pol')->{digests}, $digests + 1,
       'what is behind a new link is whole: no wait');
    is($s->policy('pol')->{compiles}, 1, 'one compile');
}

# MANIFEST

sub manifest {
    my ($s, @names) = @_;
    my $text = "# made by the release job\n";

    for my $name (@names) {
        open my $f, '<', "$s->{dir}/pol/$name" or die $name;
        local $/;
        $text .= sha256_hex(<$f>) . "  $name\n";
    }
    return $text;
}

{
    my $s = server(files => { 'pol/a.yaml' => slots(),
                              'pol/b.yaml' => "rules:\n"
                                  . "  - {id: r.l, rev: 1, label: clickbait,"
                                  . " match: {in: [title], groups: {w: "
                                  . "{list: lists/w.txt}}}}\n",
                              'pol/lists/w.txt' => "alpha\n" });

    ok($s->after('pol', digests => 1, sub {
        $s->write('pol/MANIFEST', manifest($s, 'a.yaml', 'b.yaml', 'lists/w.txt')) }),
       'a MANIFEST is read');
    is(reloads($s), 0, 'a MANIFEST alone changes nothing');

    # as long as it does not fit nothing is loaded, whatever it waits for

    ok($s->after('pol', digests => 2, sub { raw($s, 'pol/lists/w.txt', "beta\n") }),
       'the list is looked at again and again');
    ok(live($s, 'alpha'), 'a list that is not the listed one: not loaded');
    unlike($s->log, qr/refused/, 'and not refused at once');

    raw($s, 'pol/c.yaml', "rules:\n" . rule('c', 'gamma'));
    $s->write('pol/MANIFEST', manifest($s, 'a.yaml', 'b.yaml',
                                       'lists/w.txt'));
    ok($s->after('pol', digests => 2), 'so is all of it');
    ok(live($s, 'alpha'), 'a file that is not listed: not loaded');

    $s->write('pol/MANIFEST', manifest($s, 'a.yaml', 'b.yaml', 'c.yaml',
                                       'lists/w.txt'));
    ok(defined $s->until(5, sub { live($s, 'beta', 'gamma') }), 'whole: loaded');

    # half of it, for long

    raw($s, 'pol/lists/w.txt', "delta\n");
    ok(defined $s->until(20, sub { $s->policy('pol')->{refused} }),
       'ten seconds half: refused');
    like($s->policy('pol')->{refused}{error},
         qr{lists/w\.txt: not as line 5 of MANIFEST says}, 'with its reason');
    my @said = $s->log =~ /refused, the last good/g;
    $s->after('pol', looks => 4);
    is(scalar(() = $s->log =~ /refused, the last good/g), scalar @said,
       'said once');

    $s->write('pol/MANIFEST', manifest($s, 'a.yaml', 'b.yaml', 'c.yaml',
                                       'lists/w.txt'));
    ok(defined $s->until(5, sub { live($s, 'delta', 'gamma') }),
       'and loaded when it fits');

    $s->write('pol/MANIFEST', "nonsense\n");
    my ($rc, $out) = $s->run_nginx('-t');
    isnt($rc, 0, 'nginx -t: not a MANIFEST');
    like($out, qr{MANIFEST:1:1: not a line of sha256sum}, 'with its line');

    $s->write('pol/MANIFEST', manifest($s, 'a.yaml'));
    ($rc, $out) = $s->run_nginx('-t');
    isnt($rc, 0, 'nginx -t: half a folder');
    like($out, qr{[bc]\.yaml: not in MANIFEST}, 'says of what');
}

done_testing();
