# A short form of `make soak-reload`: reloads under load, without a judgement on
# times.  See t/soak/reload.

use strict;
use warnings;

use FindBin;

$ENV{SOAK_RELOADS} //= 20;
$ENV{SOAK_TERMS} //= 20_000;
$ENV{SOAK_TURNS} //= 1;
$ENV{SOAK_STEADY} //= 3;
$ENV{SOAK_START} //= 100_000;
$ENV{SOAK_TIMES} //= 0;
$ENV{SOAK_CLIENT} //= 1;

exec $^X, "$FindBin::Bin/soak/reload" or die "$FindBin::Bin/soak/reload: $!";
