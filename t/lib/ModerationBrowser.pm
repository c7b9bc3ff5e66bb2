package ModerationBrowser;

# What a suite needs that drives Chromium: (folder of node modules, folder of
# pictures), or the suite is left out and says so; under CI that is an error.
#
#   my ($modules, $pictures) = ModerationBrowser::needs();

use strict;
use warnings;

use ModerationTest;
use Test::More;

sub needs {
    my $modules = $ENV{MODERATION_NODE} || "$ModerationTest::build/node/node_modules";
    my $pictures = $ENV{MODERATION_PICTURES} || "$ModerationTest::build/pictures";

    for my $need ('/usr/bin/chromium', "$modules/playwright-core", "$modules/axe-core") {
        next if -e $need;
        BAIL_OUT("no $need") if $ENV{CI};
        plan skip_all => "no $need: make test-deps installs it";
    }

    system 'mkdir', '-p', $pictures;

    return ($modules, $pictures);
}

1;
