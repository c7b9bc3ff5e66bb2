/*
 * commands.c - every command of moderationctl with its options, once.
 *
 * A new command is a row here and a function; an option that a command takes
 * stands in its list (t/46-cli.t tries each).
 */

#include "cli.h"
#include "commands.h"

#include <stddef.h>


static const cli_option_t  check_options[] = {
    { "--format", "text|json|github", "how findings are printed (text)" },
    { "--lang", "en|zh", "the language of the messages (LC_ALL, LANG)" },
    { "--base", "OLD", "the policy as it was: changed rules need a higher "
      "rev" },
    { "--variants", NULL, "disguise the text of every hit test and say what "
      "is still seen" },
    { "--corpus", "FILE", "neutral text, a line each: what the rules hit in "
      "it; may be given again" },
    { "--remarks", NULL, "as text, show remarks (info), too: what costs time "
      "or counts twice and is no mistake" },
    { "--watch", NULL, "check again whenever a file of the policy changes, "
      "until a signal ends it" },
    { NULL, NULL, NULL }
};

static const cli_option_t  explain_options[] = {
    { "--codes", NULL, "all codes of messages, and what each means" },
    { "--lang", "en|zh", "the language of the words (LC_ALL, LANG)" },
    { NULL, NULL, NULL }
};

static const cli_option_t  compile_options[] = {
    { "-o", "FILE", "the image to write" },
    { NULL, NULL, NULL }
};

static const cli_option_t  scan_options[] = {
    { "--policy", "POLICY", "a policy file, a folder of them, or an image" },
    { "--type", "html|xml|json|ndjson|jsonp|js|sse|multipart|flight",
      "what the body is (looked at)" },
    { "--charset", "NAME", "its charset, any label of the WHATWG encoding "
      "standard (looked at)" },
    { "--slot", "NAME", "items of this slot only" },
    { "--format", "text|json", "a table for people or JSON lines (text on a "
      "terminal, else json)" },
    { "--lang", "en|zh", "the language of the table (LC_ALL, LANG)" },
    { "--jurisdiction", "PLACE", "where the reader is, as CN-GD/Shenzhen "
      "(unknown)" },
    { "--site", "PLACE", "where the site is (unknown)" },
    { "--account-state", "STATE", "of the accounts of all items: none, "
      "watched, limited, suspended, closed or trusted (unknown)" },
    { "--credit", "N", "of the accounts of all items, 0 to 100 (100 where a "
      "state is given, else unknown)" },
    { "--url", "URL", "read what a server answers to a GET of it" },
    { "--page", "URL", "the body is the page of this host and path (that of "
      "--url)" },
    { "--absent", "ID", "the page was without this requirement the last "
      "time" },
    { "--max-slot", "SIZE", "bytes of one item that are held (64k)" },
    { "--apply", NULL, "print the body as the filter would send it" },
    { "--fingerprints", NULL, "two files, fetches of one page: which cards "
      "have another fingerprint, and for what field" },
    { NULL, NULL, NULL }
};

static const cli_option_t  bench_options[] = {
    { "--policy", "POLICY", "a policy file, a folder of them, or an image" },
    { "--type", "html|xml|json|ndjson|jsonp|js|sse|multipart|flight",
      "what the body is (looked at)" },
    { "--charset", "NAME", "its charset (looked at)" },
    { "--page", "URL", "what it costs, too, to read it as this page" },
    { "--texts", NULL, "FILE has a text a line: the matcher alone, each text "
      "as every field" },
    { NULL, NULL, NULL }
};

static const cli_option_t  learn_options[] = {
    { "-o", "FOLDER", "where learned.txt, learned.yaml and report.txt go" },
    { "--policy", "POLICY", "the policy of --rule" },
    { "--rule", "ID", "the rule to learn for: its folds, exceptions and "
      "groups; what each group weighs is learned, too" },
    { "--from-ledger", "CONF", "take the titles that people have judged at "
      "the desk, too: CONF is the daemon's configuration file; needs" },
    { "--label", "NAME", "what a title was rejected for to get label 1; "
      "released ones get 0" },
    { "--field", "NAME", "the field of the card that is learned from "
      "(title)" },
    { "--precision", "P", "share of hits that shall be right (0.9)" },
    { "--titles", "N", "a fragment stands in so many titles at least (5)" },
    { "--lines", "N", "at most so many lines (1000)" },
    { "--grams", "N", "characters or words of a fragment, at most (4)" },
    { "--folds", "N", "parts of the cross-validation (5)" },
    { "--without", "LIST", "fragments that are left out" },
    { "--keep", "LIST", "an edited list: lines that were changed or added "
      "stay as they are" },
    { NULL, NULL, NULL }
};

static const cli_option_t  kill_options[] = {
    { "--policy", "POLICY", "the policy whose rules are meant" },
    { "--rule", "ID", "hold this rule back; may be given again" },
    { "--label", "NAME", "hold all rules of a label back; may be given "
      "again" },
    { "--all", NULL, "hold every rule back" },
    { "--clear", NULL, "take out what stands in the file first" },
    { NULL, NULL, NULL }
};

static const cli_option_t  ledger_options[] = {
    { "--key", "FILE", "the log's vkey, kept elsewhere than beside the log; "
      "that of another year of the same ledger serves, too" },
    { "--size", "N", "verify: a size that was noted before, with" },
    { "--root", "R", "its root" },
    { "--sample", "N|all", "verify: bundles of entries that are read (1000)" },
    { "--follow", NULL, "cat: goes on with what is written" },
    { "--private", NULL, "cat: private halves of segments, too" },
    { "--before", "N", "prune: entries before this index" },
    { "--dry-run", NULL, "prune: says what would go" },
    { NULL, NULL, NULL }
};

static const cli_option_t  queue_options[] = {
    { "--socket", "PATH", "of moderationd (/run/moderation/scgi.sock)" },
    { "--queue", "NAME", "list: cards of one queue" },
    { "--state", "NAME", "list: waiting, asked, escalated, released, "
      "rejected, adopted (waiting)" },
    { "--version-seen", "N", "decide: the version that was seen (the one "
      "that waits)" },
    { "--reason", "ID", "decide: why; a rejection needs it" },
    { "--note", "TEXT", "decide: a note" },
    { NULL, NULL, NULL }
};

static const cli_option_t  partner_options[] = {
    { "--team", "NAME", "whose reports these are" },
    { "--dry-run", NULL, "only say whether all lines are right" },
    { "--socket", "PATH", "of moderationd (/run/moderation/scgi.sock)" },
    { NULL, NULL, NULL }
};

static const cli_option_t  evidence_options[] = {
    { "--recipient", "TEXT", "export: who gets it" },
    { "--purpose", "TEXT", "export: what for" },
    { "--reference", "TEXT", "export: their reference" },
    { "--item", "HASH", "export: all decisions about an item" },
    { "--account", "ID", "export: all decisions about an account" },
    { "--private", NULL, "export: with texts and raw ids" },
    { "-o", "FILE", "export: a new file (standard output)" },
    { "--key", "FILE", "verify: the key of the ledger, from where it is "
      "published (the one in the tar)" },
    { "--socket", "PATH", "of moderationd (/run/moderation/scgi.sock)" },
    { NULL, NULL, NULL }
};

static const cli_option_t  replay_options[] = {
    { "--policy", "POLICY", "the policy to try: a file, a folder, an image" },
    { "--from", "DAY", "the first day (the first of the record)" },
    { "--to", "DAY", "the last day (the last of the record)" },
    { "--format", "text|json", "a table for people or one JSON object "
      "(text)" },
    { "-c", "FILE", "the daemon's configuration "
      "(/etc/moderation/moderationd.yaml)" },
    { NULL, NULL, NULL }
};

static const cli_option_t  report_options[] = {
    { "--from", "DAY", "the first day (Monday of last week)" },
    { "--to", "DAY", "the last day, it is in the report" },
    { "--week", "WEEK", "a week, as 2026-W48, instead of --from and --to" },
    { "--campaign", "NAME", "a campaign of the configuration, to date" },
    { "--site", "NAME", "one site (all)" },
    { "--size", "N", "up to this size of the ledger (as it is now)" },
    { "--format", "json|html|md|csv", "its form (json)" },
    { "--edition", "internal|public", "for whom (internal)" },
    { "--lang", "en|zh", "its language (LC_ALL, LANG)" },
    { "-o", "FILE", "where it goes (standard output)" },
    { "--socket", "PATH", "of moderationd (/run/moderation/scgi.sock)" },
    { NULL, NULL, NULL }
};

static const cli_option_t  review_options[] = {
    { "--socket", "PATH", "of moderationd (/run/moderation/scgi.sock)" },
    { "--slot", "NAME", "adopt: the slot" },
    { "--seen", "TIME", "adopt: cards seen in this time (24h)" },
    { "--dry-run", NULL, "say what would be done" },
    { NULL, NULL, NULL }
};

static const cli_option_t  open_options[] = {
    { "--socket", "PATH", "of moderationd (/run/moderation/scgi.sock)" },
    { "--tables", "DIR", "the mapped tables, written where the daemon is "
      "down (/var/lib/moderation/verdicts)" },
    { "--for", "TIME", "how long, at most 4h (30m)" },
    { "--site", "NAME", "of one site; without the daemon: of one host" },
    { "--reason", "TEXT", "why, for the record" },
    { NULL, NULL, NULL }
};

static const cli_option_t  store_options[] = {
    { "-c", "FILE", "the daemon's configuration "
      "(/etc/moderation/moderationd.yaml)" },
    { "--to", "FILE", "backup, rebuild: the new store" },
    { NULL, NULL, NULL }
};

static const cli_option_t  witness_options[] = {
    { "--key", "FILE", "the witness's own secret, made where there is none" },
    { "--name", "NAME", "its name in signatures, as of a URL without scheme" },
    { "--state", "FOLDER", "what was seen last; cosigned checkpoints" },
    { "--vkey", "FILE", "the log's key" },
    { NULL, NULL, NULL }
};

static const cli_option_t  probe_options[] = {
    { "--most", "N", "proposals of a page (3)" },
    { NULL, NULL, NULL }
};

static const cli_option_t  geoip2_options[] = {
    { "--path", "PATH", "where the parts of a place stand in a record "
      "(country.iso_code-subdivisions.0.iso_code/city.names.en"
      "/district.names.en)" },
    { "--map", "FILE", "names to codes, \"name TAB code\" a line" },
    { NULL, NULL, NULL }
};

static const cli_option_t  alarms_options[] = {
    { "--policy", "POLICY", "replay: thresholds of its `bursts`" },
    { "--ratio", "R", "how many times the usual is a flood (3)" },
    { "--min", "N", "counts that a flood has at least (20)" },
    { "--series", "N", "simulate: how many counters (256)" },
    { "--weeks", "N", "simulate: how long (10)" },
    { "--seed", "N", "simulate: other counts (1)" },
    { "--rate", "N", "simulate: all of them at N a minute, day and night" },
    { "--burst", "R", "simulate: a rise to R times the usual in each, once a "
      "week" },
    { NULL, NULL, NULL }
};

static const cli_option_t  no_options[] = {
    { NULL, NULL, NULL }
};


const cli_command_t  cli_commands[] = {

    { "check", cmd_check, "lint and inline tests of a policy",
      "[OPTION]... POLICY",
      "Reads the policy, runs the tests that stand in its rules, and names "
      "what works but will hurt. Every message has file, line and column.",
      check_options,
      "0 clean\n1 findings\n2 the policy cannot be used" },

    { "compile", cmd_compile, "the flat image that nginx maps",
      "POLICY -o FILE",
      "Compiles the policy into one file. Every command takes such an image "
      "where it takes a policy, but check, explain and diff.",
      compile_options,
      "0 written\n2 the policy cannot be used, or the file not written" },

    { "explain", cmd_explain, "a rule, or the code of a message, in words",
      "[OPTION]... [ID] POLICY | CODE",
      "Says what the rule needs, where it looks, what it does and why; of a "
      "page of pages:, what it must and must not have. Without ID: all rules "
      "and pages, a line each.\n\n"
      "CODE is what stands in [ ] behind a message: what it means, and what "
      "is to be done.",
      explain_options,
      "0 explained\n2 no such rule or code, or the policy cannot be read" },

    { "diff", cmd_diff, "what changed between two policies",
      "OLD NEW",
      "Rules that came, went or say something else, a line each.",
      no_options,
      "0 nothing changed\n1 something did\n2 a policy cannot be read" },

    { "scan", cmd_scan, "the items of a body, or the body as filtered",
      "--policy POLICY [OPTION]... [FILE|FOLDER|HAR]...",
      "Reads files, each file below a folder, the answers in a HAR file, a "
      "URL, or standard input; finds the items of the policy's slots and "
      "decides them. On a terminal it prints a table and a summary by slot, "
      "else one JSON line an item, in page order, with the name of the file "
      "where there are several.\n\n"
      "A broken body is no error: what could be read is printed, and a line "
      "on standard error says where it breaks.",
      scan_options,
      "0 no hit\n1 hits\n2 the policy or a file cannot be used\n3 no slot "
      "found anything" },

    { "learn", cmd_learn, "a weighted list from labelled titles",
      "[OPTION]... -o FOLDER [FILE]...",
      "Each FILE has a title a line: label (1 or 0), tab, title. Fragments "
      "that stand in enough titles, their places, marks, digits and lengths "
      "are weighed by logistic regression, and a threshold is chosen for the "
      "precision that is wanted, by cross-validation, which is printed. "
      "FOLDER gets the list, a rule with tests, and a report. The same "
      "titles give the same bytes.",
      learn_options,
      "0 learned\n2 a file cannot be used" },

    { "probe", cmd_probe, "slots of a page or feed that nobody has described",
      "[OPTION]... FILE...",
      "Looks for what repeats and has a title in each place: elements of a "
      "page, objects in the lists of a feed (JSON, JSONP, lines of JSON). "
      "Prints proposals as YAML, best first, each with how many there are "
      "and the first titles; `-` is standard input. It is a guess: try it "
      "with `scan`, and correct selectors and fields.",
      probe_options,
      "0 proposals for every file\n1 nothing found in one\n2 a file cannot "
      "be read" },

    { "geoip2", cmd_geoip2, "places of addresses out of a MaxMind database",
      "lookup [OPTION]... DB IP... | check DB",
      "Looks addresses up as nginx does with moderation_geoip2, and prints "
      "one JSON line each. `check` reads every node and value of a database "
      "and says whether nginx would take it.",
      geoip2_options,
      "0 found, or whole\n1 an address has no place\n2 the database cannot "
      "be used" },

    { "bench", cmd_bench, "speed of the engine on a body",
      "--policy POLICY [OPTION]... FILE",
      "Scans FILE again and again and prints one JSON line of medians; mbps "
      "is 10^6 bytes of the body a second on one core, from scanner to "
      "verdict, memcpy_mbps a memcpy of it in the same run; "
      "worst_steps_per_char what the matcher did for a character of the text "
      "that took most, limited items with a text that spent its budget.",
      bench_options,
      "0 measured\n2 the policy or the file cannot be used" },

    { "kill", cmd_kill, "write and check a kill file",
      "--policy POLICY [OPTION]... FILE",
      "Adds lines to the file that nginx watches as `kill=FILE`: the rules "
      "they name run in shadow within seconds. Without a line to add the "
      "file is only checked. Nothing is written where a line names no rule "
      "or label. The rules that are held back are printed.",
      kill_options,
      "0 written, or right as it is\n1 a line names nothing\n2 the policy or "
      "the file cannot be used" },

    { "ledger", cmd_ledger, "the record: printed, checked, proven",
      "cat|verify|prove|gaps|checkpoint|prune DIR [ID|INDEX] [OPTION]...",
      "DIR is a log, or the folder of all of them; for cat a spool folder, "
      "too. Needs no daemon.\n\n"
      "cat prints lines, verify checks signature, tiles and entries, prove "
      "prints the proof of a decision or of a leaf (C2SP tlog-proof), gaps "
      "what is missing, checkpoint the signed sizes, prune takes entries of "
      "old leaves away; their hashes stay.",
      ledger_options,
      "0 ok, nothing missing\n1 it is not what was signed; gaps\n2 it cannot "
      "be read" },

    { "queue", cmd_queue, "cards that wait for a person",
      "[OPTION]... list | show CARD | decide CARD VERDICT | undo REVIEW",
      "Asks a running moderationd as root or as its own user. list prints one "
      "JSON line a card; VERDICT is release, reject, escalate or ask. Who "
      "asks so is `local` in the record, and nobody's second person.",
      queue_options,
      "0 done\n1 refused, the answer says why\n2 no answer" },

    { "review", cmd_review, "adopt what is shown, import earlier decisions",
      "[OPTION]... adopt --slot SLOT | import FILE",
      "adopt asks that cards which are shown now without a hit count as "
      "released; a second person signs it in the console. import takes a CSV "
      "of earlier decisions with the columns kind, id, verdict, source, date, "
      "reason; a second person signs that, too.",
      review_options,
      "0 done, or waiting for a second person\n1 refused\n2 no answer" },

    { "partner", cmd_partner, "reports of a team, as a list",
      "[OPTION]... import FILE --team NAME",
      "Asks a running moderationd as root or as its own user. FILE (- is "
      "standard input) is CSV with a header of reporter, item, page, reason, "
      "text in any order, or JSON: a list of objects with these members. "
      "Where one line is wrong none is taken. The answer has the number of "
      "each report, as a reader gets it.",
      partner_options,
      "0 taken, or right\n1 refused, the answer says why\n2 the file cannot "
      "be used, or no answer" },

    { "evidence", cmd_evidence, "decisions with their proofs, handed over",
      "export [OPTION]... [DECISION]... | verify [OPTION]... TAR",
      "export asks a running moderationd as root or as its own user for a "
      "tar of decisions, what was done about them, proofs and a verifier; "
      "it is a leaf of the ledger that this was done.\n\n"
      "verify checks such a tar without a daemon and unpacks nothing: each "
      "file is what MANIFEST says and no other is there, each proof leads to "
      "a signed checkpoint, and what lies beside it is what was signed.",
      evidence_options,
      "0 written, or as it was signed\n1 refused, or not as it was signed\n"
      "2 it cannot be read or written, or no answer" },

    { "replay", cmd_replay, "what another policy would have said of the record",
      "--policy POLICY [OPTION]...",
      "Reads the decisions and samples in the daemon's store, whose texts are "
      "still kept, and says what POLICY would have done otherwise, by rule, "
      "with what persons had said of these cards. Nothing is changed.",
      replay_options,
      "0 ok\n2 the policy or the store cannot be read" },

    { "report", cmd_report, "what happened in a week, or any other time",
      "[OPTION]...",
      "Asks a running moderationd. The same days and the same size of the "
      "ledger give the same bytes.",
      report_options,
      "0 ok\n1 refused, the answer says why\n2 no answer" },

    { "open", cmd_open, "show a slot unreviewed, for a time",
      "[OPTION]... SLOT",
      "The switch is live within a second, in all workers, without a reload. "
      "Rejected cards, orders and closed accounts stay out. Works without "
      "the daemon, too.",
      open_options,
      "0 open\n1 refused\n2 neither the daemon nor the tables can be "
      "reached" },

    { "alarms", cmd_alarms, "early warning over counters of the past",
      "[OPTION]... replay FILE | simulate",
      "replay reads a file of counters (lines of type stats: segments, what "
      "`ledger cat` prints, `-` for standard input) and prints a JSON line "
      "where a flood or a silence would have begun or ended.\n\n"
      "simulate makes counters up that follow day and week, and prints how "
      "often an alarm would have come without cause; with --burst how many "
      "seconds behind the rise it would have come.",
      alarms_options,
      "0 done\n2 the file cannot be used" },

    { "store", cmd_store, "the daemon's store: checked, copied, made again",
      "check|backup|rebuild [OPTION]...",
      "check: is it whole, and does it fit the ledger. backup: a copy, while "
      "the daemon runs. rebuild: a new store from the ledger's leaves, with "
      "private parts from the store that is configured, as far as it can be "
      "read; the daemon is to be stopped for it.",
      store_options,
      "0 ok, done\n1 it is not as it should be\n2 it cannot be read or "
      "written" },

    { "witness", cmd_witness, "watch another's ledger, and sign what is seen",
      "URL|DIR --key FILE --name NAME --state FOLDER --vkey FILE",
      "Reads the checkpoint of a log, checks its signature and that all that "
      "was seen before is the beginning of it, and signs it (C2SP "
      "tlog-cosignature). The cosigned checkpoint is printed and kept in "
      "FOLDER. To be run again and again, away from where the log is.",
      witness_options,
      "0 consistent, signed\n1 it is another log than before, or not signed\n"
      "2 it cannot be read" },

    { "keys", cmd_keys, "the key of the record's hashes",
      "new|show FILE",
      "new writes a key into FILE, which must not be there: the one that "
      "`moderation_id_key` and moderationd name, the same on all nodes. show "
      "prints its name, as the heads of segments have it.",
      no_options,
      "0 written\n2 it was not" },

    { NULL, NULL, NULL, NULL, NULL, NULL, NULL }
};
