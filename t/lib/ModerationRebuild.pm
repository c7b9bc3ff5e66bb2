package ModerationRebuild;

# A store made again from the ledger beside the one that was: all tables, row
# by row.
#
#   same_store($desk)       -> ''; or what differs
#
# Twice: with the old store at hand all columns have to be the same; from the
# ledger alone all that are public.  What is left out stands here, and in
# docs/moderationd.md.

use strict;
use warnings;

use Exporter 'import';

our @EXPORT_OK = qw(same_store);

# what is nothing of the record: where reading is, who is at a card, what an
# alarm that stands counts just now

my %passing = (
    segment => '*', card => 'claimed claim_until', 
    counter => \q{name NOT IN ('claim', 'outbox', 'bulk')}, meta => \q{key = 'events'},
    alarm => \q{ended <> 0},
);

# from the ledger alone: what is private or was never told to it

my %private = (
    private => '*', person => '*', rule_text => '*', outbox => '*',
    baseline => '*', cover => '*', again => '*', near_name => '*', hold => '*',
    card => \q{kind <> 'again'},
    version => \q{card NOT IN (SELECT card FROM card WHERE kind = 'again')},
    review => \q{state <> 'again' AND card NOT IN (SELECT card FROM card WHERE kind = 'again')},
    review_ => 'person reason note',
    account => 'person reason', account_was => 'person reason', orders => 'target reference reason person confirmed lifted',
    switches => 'person reason', signature => 'args person second',
    handover => 'person text taken', casefile => 'page reply person',
    report => 'text reporter team who print', alarm_ => 'person',
    mute => 'person', notice => 'reason', gold => 'verdict reason note person',
    gold_answer => 'person verdict reason',
);

# what an erasure took with the private half of a leaf that stands

my %erased = (review => 'reason note', signature => 'args');

sub sql {
    my ($db, $sql) = @_;
    open my $p, '-|', 'sqlite3', '-readonly', $db, $sql or die "sqlite3: $!";
    local $/;
    my $said = <$p> // '';
    close $p;
    die "sqlite3 $db: $sql\n" if $?;
    return $said;
}

sub differ {
    my ($was, $now, $alone) = @_;
    my $out = '';
    my $erased = sql($was, "SELECT EXISTS (SELECT 1 FROM event WHERE type = 'erasure')") > 0;

    for my $t (split /\n/, sql($was, q{SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name})) {
        my (%left, @where, $skip);

        for my $of (map { $_->{$t}, $_->{"${t}_"} } \%passing, $alone ? \%private : (), $erased ? \%erased : ()) {
            next unless defined $of;
            if (ref $of) { push @where, $$of }
            elsif ($of eq '*') { $skip = 1 }
            else { $left{$_} = 1 for split ' ', $of }
        }
        next if $skip;

        my @columns = grep { !$left{$_} } split /\n/, sql($was, "SELECT name FROM pragma_table_info('$t')");
        my $rows = 'SELECT ' . join(', ', map { "quote($_)" } @columns)
                 . " FROM %s.$t" . (@where ? ' WHERE ' . join(' AND ', @where) : '');

        for my $way (['was', 'now', 'is missing'], ['now', 'was', 'is new']) {
            my ($a, $b, $what) = @$way;
            my $said = sql($was, "ATTACH '$was' AS was; ATTACH '$now' AS now; "
                           . sprintf($rows, $a) . ' EXCEPT ' . sprintf($rows, $b) . ' LIMIT 5');
            $out .= "$t: $_ $what\n" for split /\n/, $said;
        }
    }

    return $out;
}

sub same_store {
    my ($d) = @_;
    my $tool = ($ENV{MODERATION_BUILD} || 'build') . '/moderationctl';
    my ($dir, $store) = ($d->{dir}, "$d->{dir}/store.db");
    my $out = '';

    unlink glob("$dir/again.db*"), glob("$dir/alone.db*");

    my $said = `$tool store rebuild -c $dir/moderationd.yaml --to $dir/again.db 2>&1`;
    return "store rebuild: $said" if $? != 0 || $said !~ /^private parts: as in/m;
    $out .= differ($store, "$dir/again.db", 0);

    rename $store, "$dir/gone.db" or die;
    $said = `$tool store rebuild -c $dir/moderationd.yaml --to $dir/alone.db 2>&1`;
    my $rc = $?;
    rename "$dir/gone.db", $store;
    return $out . "from the ledger alone: $said" if $rc != 0;

    return $out . (join '', map { "alone: $_\n" } split /\n/, differ($store, "$dir/alone.db", 1));
}

1;
