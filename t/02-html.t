# Pages: every action, shadow, what stays as it came.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use ModerationTest 'no_plan';

run_tests();

__DATA__

=== TEST 1: a clean page stays as it came
--- config
    location /t {
        moderation enforce;
        moderation_policy $TEST_NGINX_POLICY;
        default_type text/html;
        return 200 "<ul class=cards><li><b>one</b></li >\r\n<LI><b>two</LI></ul><!-- </ul> -->";
    }
--- response_body eval
"<ul class=cards><li><b>one</b></li >\r\n<LI><b>two</LI></ul><!-- </ul> -->"



=== TEST 2: block takes the element, and nothing else
--- config
    location /t {
        moderation enforce;
        moderation_policy $TEST_NGINX_POLICY;
        default_type text/html;
        return 200 "<p>a</p><ul class='cards'> <li><b>a BLOCKWORD b</b></li> <li><b>two</b></li> </ul><p>z</p>";
    }
--- response_body chop
<p>a</p><ul class='cards'>  <li><b>two</b></li> </ul><p>z</p>



=== TEST 3: mask keeps the width and the rest of the element
--- config
    location /t {
        moderation enforce;
        moderation_policy $TEST_NGINX_POLICY;
        default_type text/html;
        return 200 "<ul class='cards'><li id=1><b>call maskword now</b><i>maskword</i></li></ul>";
    }
--- response_body chop
<ul class='cards'><li id=1><b>call ******** now</b><i>maskword</i></li></ul>



=== TEST 4: tag writes three attributes
--- config
    location /t {
        moderation enforce;
        moderation_policy $TEST_NGINX_POLICY;
        default_type text/html;
        return 200 "<ul class='cards'><li id=1><b>tagword</b></li></ul>";
    }
--- response_body_like chop
^<ul class='cards'><li(?=[^>]* data-moderation-label="rumor")(?=[^>]* data-moderation-suggestion="review")(?=[^>]* data-moderation-rule="suite\.tag")[^>]* id=1><b>tagword</b></li></ul>$



=== TEST 5: hold leaves the item out
--- config
    location /t {
        moderation enforce;
        moderation_policy $TEST_NGINX_POLICY;
        default_type text/html;
        return 200 "<ul class='cards'><li><b>holdword</b></li><li><b>x</b></li></ul>";
    }
--- response_body chop
<ul class='cards'><li><b>x</b></li></ul>



=== TEST 6: a rule in shadow leaves the page
--- config
    location /t {
        moderation enforce;
        moderation_policy $TEST_NGINX_POLICY;
        default_type text/html;
        return 200 "<ul class='cards'><li><b>shadowword</b></li></ul>";
    }
--- response_body chop
<ul class='cards'><li><b>shadowword</b></li></ul>



=== TEST 7: a location in shadow leaves the page
--- config
    location /t {
        moderation shadow;
        moderation_policy $TEST_NGINX_POLICY;
        default_type text/html;
        return 200 "<ul class='cards'><li><b>blockword</b></li></ul>";
    }
--- response_body chop
<ul class='cards'><li><b>blockword</b></li></ul>



=== TEST 8: every item gone
--- config
    location /t {
        moderation enforce;
        moderation_policy $TEST_NGINX_POLICY;
        default_type text/html;
        return 200 "<ul class='cards'><li><b>blockword</b></li><li><b>blockword</b></li></ul>";
    }
--- response_body chop
<ul class='cards'></ul>



=== TEST 9: the body is one item: nothing is left
--- config
    location /t {
        moderation enforce;
        moderation_policy $TEST_NGINX_POLICY;
        default_type text/html;
        return 200 "<ul class='cards'><li><b>blockword";
    }
--- response_body chop
<ul class='cards'>



=== TEST 10: an empty body
--- config
    location /t {
        moderation enforce;
        moderation_policy $TEST_NGINX_POLICY;
        default_type text/html;
        return 200 "";
    }
--- response_body chop



=== TEST 11: errors have bodies, too
--- config
    location /t {
        moderation enforce;
        moderation_policy $TEST_NGINX_POLICY;
        default_type text/html;
        return 404 "<ul class='cards'><li><b>blockword</b></li></ul>";
    }
--- error_code: 404
--- response_body chop
<ul class='cards'></ul>



=== TEST 12: 204 has none
--- config
    location /t {
        moderation enforce;
        moderation_policy $TEST_NGINX_POLICY;
        default_type text/html;
        return 204;
    }
--- error_code: 204
--- response_body chop



=== TEST 13: JSON: exactly one comma goes with an element
--- config
    location /t {
        moderation enforce;
        moderation_policy $TEST_NGINX_POLICY;
        default_type application/json;
        return 200 '{"list":[{"title":"a"},{"title":"blockword"},{"title":"c"}]}';
    }
--- response_body chop
{"list":[{"title":"a"},{"title":"c"}]}
