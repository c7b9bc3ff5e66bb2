# Random JSON documents, random elements and members of them taken out by a
# rule, through nginx: what leaves, parsed by JSON::PP, is the document without
# them.  Thousands of lists: pretty or not, empty, nested, all, first, last or
# one of them removed; strings escaped or not.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";

use Encode qw(decode encode);
use JSON::PP;
use Test::More;
use ModerationTest::Server;

my $json = JSON::PP->new->canonical->allow_nonref;
my $root = $ModerationTest::Server::root;

srand 20261125;

# path, and whether the value at the end of the keys @_ is an item of it

my %path = (
    list => ['$..list[*]', sub { @_ > 1 && $_[-2] eq 'list' }],
    odd => ['$..list[1::2]', sub { @_ > 1 && $_[-2] eq 'list'
                                   && $_[-1] =~ /^\d*[13579]\z/ }],
    some => ["\$..['list','map']['a',0,2]",
             sub { @_ > 1 && $_[-2] =~ /^(?:list|map)\z/
                   && $_[-1] =~ /^[a02]\z/ }],
    map => ['$[*].map[*]', sub { @_ == 3 && $_[1] eq 'map' }],
    all => ['$..*', sub { @_ > 0 }],
    docs => ['$[*]', sub { @_ == 1 }],
);

sub word {
    my @w = ('', 'a', '中文', '"', '\\', "\n", '/', '😀', ',', ']', '}', '{"x":');
    return join '', map { $w[rand @w] } 0 .. rand 3;
}

# ['o', [key, value], ..], ['a', value, ..], ['s', text] or ['n', number]

sub value {
    my ($depth) = @_;
    my $r = rand;

    if ($depth != 0) {
        return ['s', word()] if $depth > 5 || $r < .2;
        return ['n', (qw(0 -1 12 true false null))[rand 6]] if $r < .35;
    }

    my $n = rand() < .2 ? 0 : int rand 5;
    return ['a', map { value($depth + 1) } 1 .. $n] if $r < .6;

    my @names = ('list', 'map', 'a', 'b', word());
    my %k = map { ($names[rand @names] => 1) } 1 .. $n;
    my @m = map { [$_, value($depth + 1)] } sort keys %k;
    splice @m, int rand(@m + 1), 0,
        ['title', ['s', rand() < .4 ? 'x震惊' . word() : word()]];
    return ['o', @m];
}

sub text {
    my ($v, $form) = @_;
    my $sp = sub { $form->{space} && rand() < .4
                   ? (' ', "\n", "\t", "\r\n  ")[rand 4] : '' };
    my $s = sub { $form->{ascii} && rand() < .7
                  ? JSON::PP->new->ascii->allow_nonref->encode("$_[0]")
                  : $json->encode("$_[0]") };
    my ($kind, @in) = @$v;

    return $s->($in[0]) if $kind eq 's';
    return $in[0] if $kind eq 'n';
    return '[' . $sp->() . join(',', map { $sp->() . text($_, $form)
                                           . $sp->() } @in) . ']'
        if $kind eq 'a';
    return '{' . $sp->() . join(',', map { $sp->() . $s->($_->[0]) . $sp->()
        . ':' . $sp->() . text($_->[1], $form) . $sp->() } @in) . '}';
}

# without what is to go; undef: the value itself goes

my $removed = 0;

sub left {
    my ($v, $is, @keys) = @_;
    my ($kind, @in) = @$v;

    if ($kind eq 'o' && $is->(@keys)
        && grep { $_->[0] eq 'title' && $_->[1][1] =~ /震惊/ } @in)
    {
        $removed++;
        return undef;
    }

    return $v unless $kind =~ /[oa]/;

    my @out;
    for my $i (0 .. $#in) {
        my $x = $kind eq 'a' ? left($in[$i], $is, @keys, $i)
                             : left($in[$i][1], $is, @keys, $in[$i][0]);
        push @out, $kind eq 'a' ? $x : [$in[$i][0], $x] if defined $x;
    }
    return [$kind, @out];
}

my (%body, %want, $locations);
my @sizes = (1, 11, 4096);

for my $name (sort keys %path) {
    write_file("$ModerationTest::build/t/removal-$name.yaml", encode('UTF-8',
        <<"EOF"));
schema: 1
policy: removal
slots:
  - {name: s, type: json, match: "$path{$name}[0]", fields: {title: "\$.title"}}
rules:
  - {id: r, label: rumor, match: {in: [title], terms: [震惊], boundary: none}}
EOF

    for my $size (@sizes) {
        $locations .= "location /$name/$size/ { moderation enforce;\n"
            . " moderation_policy $ModerationTest::build/t/removal-$name.yaml;"
            . " alias $root/html/; sendfile off; output_buffers 1 $size; }\n";
    }

    for my $i (0 .. 19) {
        my $doc = ['a', map { value(0) } 1 .. 70];
        $body{"$name-$i"} = encode('UTF-8',
            text($doc, { space => $i & 1, ascii => $i & 2 }));
        $want{"$name-$i"} = $json->encode($json->decode(text(
            left($doc, $path{$name}[1]), {})));
    }
}

start_nginx(http => <<"EOF");
    types { application/json json; }
    server { listen %%PORT%%;
$locations
    }
EOF

write_file("$root/html/$_.json", $body{$_}) for keys %body;

for my $name (sort keys %path) {
    for my $i (0 .. 19) {
        my $first;

        for my $size (@sizes) {
            my $got = (http("/$name/$size/$name-$i.json", timeout => 90))[2];
            $first //= $got;
            ok($got eq $first, "$name $i: the same bytes, buffers of $size");
        }

        my $plain = eval { $json->encode($json->decode(decode('UTF-8',
                                                              $first))) };
        is($plain, $want{"$name-$i"}, "$path{$name}[0], document $i")
            or diag $body{"$name-$i"};
    }
}

cmp_ok($removed, '>', 1000, "$removed values were to go");

done_testing();
