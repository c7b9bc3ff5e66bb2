# make help prints what stands behind ##: make, make test, make demo ...
#
# V=1             shows every command
# NGINX_SRC=DIR   builds the module against that nginx tree; without it the
#                 tree of the distribution's nginx-dev is used
# NGINX_FLAGS=... the flags of configure for such a tree
# NGINX=PATH      the binary that tests run, default nginx
# STEPS=...       some of make test-all (t/tools/test-all), FUZZ_TIME=seconds
# T=...           some of make suites, PEER=... the arguments of make peer

CC       ?= gcc
AR       ?= ar
CLANG    ?= clang
NGINX    ?= nginx
NGINX_SRC ?=
prefix   ?= /usr/local
DESTDIR  ?=
modulesdir ?= $(prefix)/lib/nginx/modules
bindir   ?= $(prefix)/bin
sbindir  ?= $(prefix)/sbin
unitdir  ?= $(prefix)/lib/systemd/system
mandir   ?= $(prefix)/share/man
bashdir  ?= $(prefix)/share/bash-completion/completions
datadir  ?= $(prefix)/share/moderation
FUZZ_TIME ?= 60
JOBS     ?= $(shell nproc 2>/dev/null || echo 2)

ifeq ($(origin CC),default)
CC       := gcc
endif

B        := build
TOP      := $(CURDIR)
MODULE   := $(B)/ngx_http_moderation_filter_module.so

WARN     := -Wall -Wextra -Wshadow -Werror
CFLAGS   ?= -O3 -g
# loops begin on a line of their own: else 10 % of the speed hang on what stands
# before them
ENGINE_CFLAGS := -std=c11 $(WARN) -fPIC -fvisibility=hidden \
                 -fno-semantic-interposition -D_GNU_SOURCE \
                 -fstack-protector-strong \
                 -falign-functions=64 -falign-loops=32
SAN      := -fsanitize=address,undefined -fno-sanitize-recover=undefined
SAN_CFLAGS := -std=c11 $(WARN) -O1 -g -fno-omit-frame-pointer \
              -D_GNU_SOURCE $(SAN)
FUZZ_CFLAGS := -std=c11 -O1 -g -fno-omit-frame-pointer -D_GNU_SOURCE \
               -fsanitize=fuzzer-no-link,address,undefined \
               -fno-sanitize-recover=undefined
INC      := -Ingx_module/engine -Ingx_module
LIBS     := -lyaml -lpcre2-8
CLI_LIBS := -ljansson -lcurl -lm

# moderationctl learn; without the library the tool says what is missing
ifneq ($(wildcard /usr/include/linear.h),)
LEARN    := -DMDR_HAVE_LIBLINEAR
CLI_LIBS += -llinear
endif
PLACES_LIBS := -lmaxminddb
# the daemon's own: never on the response path, the module does without
DAEMON_LIBS := -lsqlite3 -lcrypto -lpthread -lm
UNIT_LIBS := $(PLACES_LIBS) -lz -lbrotlienc -lbrotlidec -lbrotlicommon -lzstd

ENGINE_SRC := $(wildcard ngx_module/engine/*/*.c) \
              $(wildcard ngx_module/messages/*.c) ngx_module/ledger/words.c
CHECK_SRC  := $(wildcard ngx_module/check/*.c)
LEDGER_SRC := $(filter-out %/words.c,$(wildcard ngx_module/ledger/*.c))
PLACES_SRC := $(wildcard ngx_module/places/*.c)
CLI_SRC    := $(wildcard ngx_module/cli/*.c)
DAEMON_ETC := ngx_module/moderationd/etc
DAEMON_SRC := $(wildcard ngx_module/moderationd/*.c) \
              $(wildcard ngx_module/moderationd/*/*.c)
GLUE_SRC   := $(wildcard ngx_module/nginx/*.c)
UNIT_SRC   := $(wildcard t/unit/*.c)
FUZZ_SRC   := $(wildcard t/fuzz/*.c)

ENGINE_OBJ := $(patsubst %.c,$(B)/obj/%.o,$(ENGINE_SRC))
CHECK_OBJ  := $(patsubst %.c,$(B)/obj/%.o,$(CHECK_SRC))
LEDGER_OBJ := $(patsubst %.c,$(B)/obj/%.o,$(LEDGER_SRC))
PLACES_OBJ := $(patsubst %.c,$(B)/obj/%.o,$(PLACES_SRC))
CLI_OBJ    := $(patsubst %.c,$(B)/obj/%.o,$(CLI_SRC))
DAEMON_OBJ := $(patsubst %.c,$(B)/obj/%.o,$(DAEMON_SRC))
SAN_OBJ    := $(patsubst %.c,$(B)/san/%.o,$(ENGINE_SRC))
SAN_CHECK  := $(patsubst %.c,$(B)/san/%.o,$(CHECK_SRC))
SAN_LEDGER := $(patsubst %.c,$(B)/san/%.o,$(LEDGER_SRC))
SAN_PLACES := $(patsubst %.c,$(B)/san/%.o,$(PLACES_SRC))
SAN_CLI    := $(patsubst %.c,$(B)/san/%.o,$(CLI_SRC))
SAN_DAEMON := $(patsubst %.c,$(B)/san/%.o,$(DAEMON_SRC))
FUZZ_OBJ   := $(patsubst %.c,$(B)/fuzz/%.o,$(ENGINE_SRC))
FUZZ_LEDGER := $(patsubst %.c,$(B)/fuzz/%.o,$(LEDGER_SRC))
FUZZ_PLACES := $(patsubst %.c,$(B)/fuzz/%.o,$(PLACES_SRC))
UNIT_BIN   := $(patsubst t/unit/%.c,$(B)/unit/%,$(UNIT_SRC))
PLAIN_BIN  := $(patsubst t/unit/%.c,$(B)/plain/%,$(UNIT_SRC))
FUZZ_DAEMON := $(patsubst %.c,$(B)/fuzz/%.o,$(DAEMON_SRC))
FUZZ_BIN   := $(patsubst t/fuzz/%.c,$(B)/fuzzers/%,$(FUZZ_SRC))

.PHONY: all tables test-deps pictures help engine module unit units valgrind fuzz bench soak soak-reload demo \
        demo-stop demo-pictures measure peer test test-all test-arm64 test-versions suites deps \
        install uninstall deb deb-test clean
.DELETE_ON_ERROR:

ifneq ($(V),1)
.SILENT:
endif

all: $(B)/moderationctl $(B)/moderationd $(MODULE) $(B)/moderationctl.1 \
     $(B)/moderationctl.bash  ## the tool and the module, below build/

engine: $(B)/libmoderation.a $(B)/moderationctl  ## the tool alone

module: $(MODULE)  ## the module alone

help:  ## this list
	@sed -n 's/^\([a-z][a-z0-9-]*\):.*##  *\(.*\)/    make \1|\2/p; '\
	's/^     .*##  *\(.*\)/    make|\1/p' Makefile \
	    | awk -F'|' '{ printf "%-24s %s\n", $$1, $$2 }'


# the engine and the tool

ENGINE_ALL := $(sort $(wildcard ngx_module/engine/*.h) \
                $(wildcard ngx_module/engine/*/*.[ch]))
ENGINE_ID  := $(shell sh ngx_module/engine/id)

$(B)/obj/ngx_module/engine/policy/policy.o: $(ENGINE_ALL)
$(B)/obj/ngx_module/engine/policy/policy.o: ENGINE_CFLAGS += \
    -DMDR_ENGINE_ID=$(ENGINE_ID)

$(B)/obj/ngx_module/check/learn_model.o: ENGINE_CFLAGS += $(LEARN)
$(B)/san/ngx_module/check/learn_model.o: SAN_CFLAGS += $(LEARN)

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(ENGINE_CFLAGS) $(INC) -MMD -MP -c -o $@ $<

$(B)/libmoderation.a: $(ENGINE_OBJ)
	rm -f $@
	$(AR) rcs $@ $^

# lint, inline tests, diff, explain, measure: over the engine, no worker runs
# them

$(B)/libmoderation_check.a: $(CHECK_OBJ)
	rm -f $@
	$(AR) rcs $@ $^

# the record: what module, tool and daemon share

$(B)/libmoderation_ledger.a: $(LEDGER_OBJ)
	rm -f $@
	$(AR) rcs $@ $^

# places of addresses: what module and tool share

$(B)/libmoderation_places.a: $(PLACES_OBJ)
	rm -f $@
	$(AR) rcs $@ $^

$(B)/moderationctl: $(CLI_OBJ) $(B)/libmoderationd.a \
		$(B)/libmoderation_places.a \
		$(B)/libmoderation_check.a $(B)/libmoderation_ledger.a \
		$(B)/libmoderation.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) $(CLI_LIBS) $(DAEMON_LIBS) \
	    $(PLACES_LIBS)

# from the table of commands (ngx_module/cli/commands.c)

$(B)/moderationctl.1: $(B)/moderationctl
	rm -rf $(B)/moderationctl-*.1 $(B)/zh_CN
	mkdir -p $(B)/zh_CN
	for c in $$($< help --names); do \
	    LC_ALL=C $< help --man $$c > $(B)/moderationctl-$$c.1 || exit 1; \
	    LC_ALL=zh_CN.UTF-8 $< help --man $$c \
	        > $(B)/zh_CN/moderationctl-$$c.1 || exit 1; done
	LC_ALL=zh_CN.UTF-8 $< help --man > $(B)/zh_CN/moderationctl.1
	LC_ALL=C $< help --man > $@

$(B)/moderationctl.bash: $(B)/moderationctl
	$< help --bash > $@


# the daemon: over the engine and what it shares with the workers

$(B)/libmoderationd.a: $(filter-out %/main.o,$(DAEMON_OBJ))
	rm -f $@
	$(AR) rcs $@ $^

# style and script of the console are in the program itself

$(B)/obj/ngx_module/moderationd/web/static.o $(B)/san/ngx_module/moderationd/web/static.o: \
    $(wildcard ngx_module/moderationd/web/static/* ngx_module/moderationd/verify/*)

$(B)/moderationd: $(B)/obj/ngx_module/moderationd/main.o \
		$(B)/libmoderationd.a $(B)/libmoderation_ledger.a \
		$(B)/libmoderation_check.a $(B)/libmoderation.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) $(CLI_LIBS) $(DAEMON_LIBS)


# the module: nginx's own build system in a copy of its tree, configured once
# and again when config or the file list change

ifeq ($(NGINX_SRC),)
NGX_TREE := /usr/share/nginx/src
else
NGX_TREE := $(NGINX_SRC)
endif

NGX_CC_OPT := -O2 -g -fPIC -Wshadow -fstack-protector-strong

# nginx's makefile names each header, also one that is gone by now

$(B)/.headers: FORCE
	@mkdir -p $(@D)
	@ls ngx_module/nginx/*.h ngx_module/*/*.h ngx_module/*/*/*.h \
	    2>/dev/null > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

FORCE:

$(B)/nginx/.configured: config ngx_module/nginx/exports.map Makefile \
		$(B)/.headers \
		$(wildcard $(NGX_TREE)/src/core/nginx.h)
	@test -d "$(NGX_TREE)" || { echo "no nginx source at $(NGX_TREE):" \
	    "install nginx-dev or name a tree with NGINX_SRC=" >&2; exit 1; }
	rm -rf $(B)/nginx
	mkdir -p $(B)/nginx
	cp -RL "$(NGX_TREE)/." $(B)/nginx/
	cd $(B)/nginx && rm -rf objs Makefile && \
	    MODERATION_LIB="$(abspath $(B))/libmoderation_places.a \
	        $(abspath $(B))/libmoderation_ledger.a \
	        $(abspath $(B))/libmoderation.a" CC="$(CC)" \
	    NGX_CC_OPT="$(NGX_CC_OPT)" NGX_LD_OPT="$(NGX_LD_OPT)" \
	    NGINX_FLAGS="$(NGINX_FLAGS)" \
	    bash $(TOP)/t/tools/configure "$(TOP)" > configure.log 2>&1 \
	    || { tail -20 configure.log >&2; exit 1; }
	touch $@

$(MODULE): $(B)/nginx/.configured $(B)/libmoderation_places.a \
		$(B)/libmoderation_ledger.a ngx_module/places/geo.h \
		$(B)/libmoderation.a $(GLUE_SRC) $(wildcard ngx_module/nginx/*.h) \
		$(wildcard ngx_module/ledger/*.h) ngx_module/engine/moderation.h \
		$(wildcard ngx_module/messages/*.h)
	rm -f $(B)/nginx/objs/ngx_http_moderation_filter_module.so
	+MAKEFLAGS= $(MAKE) -j$(JOBS) -s -C $(B)/nginx -f objs/Makefile modules
	cp $(B)/nginx/objs/ngx_http_moderation_filter_module.so $@.new
	mv -f $@.new $@


# unit tests and a tool for t/45-tool.t: address and undefined-behaviour
# sanitizers

$(B)/san/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(SAN_CFLAGS) $(INC) -MMD -MP -c -o $@ $<

$(B)/san/libmoderation.a: $(SAN_OBJ)
	rm -f $@
	$(AR) rcs $@ $^

$(B)/san/libmoderation_check.a: $(SAN_CHECK)
	rm -f $@
	$(AR) rcs $@ $^

$(B)/san/libmoderation_places.a: $(SAN_PLACES)
	rm -f $@
	$(AR) rcs $@ $^

$(B)/san/libmoderation_ledger.a: $(SAN_LEDGER)
	rm -f $@
	$(AR) rcs $@ $^

$(B)/san/moderationctl: $(SAN_CLI) $(B)/san/libmoderationd.a \
		$(B)/san/libmoderation_places.a \
		$(B)/san/libmoderation_check.a \
		$(B)/san/libmoderation_ledger.a $(B)/san/libmoderation.a
	$(CC) $(SAN_CFLAGS) -o $@ $^ $(LIBS) $(CLI_LIBS) $(DAEMON_LIBS) \
	    $(PLACES_LIBS)

# the daemon's units (t/unit/daemon_*.c) want its libraries
$(B)/unit/daemon_%: UNIT_EXTRA = $(B)/san/libmoderationd.a
$(B)/unit/daemon_%: UNIT_LIBS += $(CLI_LIBS) $(DAEMON_LIBS)
$(B)/plain/daemon_%: UNIT_EXTRA = $(B)/libmoderationd.a
$(B)/plain/daemon_%: UNIT_LIBS += $(CLI_LIBS) $(DAEMON_LIBS)
$(filter $(B)/unit/daemon_%,$(UNIT_BIN)): $(B)/san/libmoderationd.a
$(filter $(B)/plain/daemon_%,$(PLAIN_BIN)): $(B)/libmoderationd.a

$(B)/unit/%: t/unit/%.c $(B)/san/libmoderation_check.a \
		$(B)/san/libmoderation_places.a \
		$(B)/san/libmoderation_ledger.a $(B)/san/libmoderation.a
	@mkdir -p $(@D)
	$(CC) $(SAN_CFLAGS) $(INC) -It/unit -MMD -MP -MF $(B)/unit/$*.d \
	    -o $@ $< $(UNIT_EXTRA) $(B)/san/libmoderation_places.a \
	    $(B)/san/libmoderation_check.a \
	    $(B)/san/libmoderation_ledger.a $(B)/san/libmoderation.a $(LIBS) $(UNIT_LIBS)

$(B)/san/libmoderationd.a: $(filter-out %/main.o,$(SAN_DAEMON))
	rm -f $@
	$(AR) rcs $@ $^

$(B)/san/moderationd: $(B)/san/ngx_module/moderationd/main.o \
		$(B)/san/libmoderationd.a $(B)/san/libmoderation_ledger.a \
		$(B)/san/libmoderation_check.a $(B)/san/libmoderation.a
	$(CC) $(SAN_CFLAGS) -o $@ $^ $(LIBS) $(CLI_LIBS) $(DAEMON_LIBS)

# a large log to measure verify with
$(B)/bench/ledger_log: t/bench/ledger_log.c $(B)/libmoderationd.a \
		$(B)/libmoderation_ledger.a $(B)/libmoderation.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(ENGINE_CFLAGS) $(INC) -o $@ $^ $(LIBS) $(CLI_LIBS) \
	    $(DAEMON_LIBS)

# mapping a table, looking a card up
$(B)/bench/table: t/bench/table.c $(B)/libmoderation_ledger.a \
		$(B)/libmoderation.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(ENGINE_CFLAGS) $(INC) -o $@ $^ $(LIBS)

# where Go and its x/mod are (make test-deps), suites check ledgers with them
GO_VERIFY := $(if $(wildcard /usr/share/gocode/src/golang.org/x/mod/sumdb),$(if \
    $(shell command -v go),$(B)/verify/verify))

# the Go program that checks ledgers (t/verify), on Debian's x/mod
$(B)/verify/verify: t/verify/main.go
	@mkdir -p $(@D)
	cd t/verify && GO111MODULE=off GOFLAGS= GOPATH=/usr/share/gocode \
	    GOCACHE=$(abspath $(B))/gocache go build -o $(abspath $@) main.go

# tables as the daemon writes them, for the suites

$(B)/tables: t/tools/tables.c $(B)/libmoderation_ledger.a \
		$(B)/libmoderation.a
	$(CC) $(CFLAGS) -std=c11 $(WARN) -D_GNU_SOURCE $(INC) -o $@ $< \
	    $(B)/libmoderation_ledger.a $(B)/libmoderation.a $(LIBS)

units: $(UNIT_BIN) $(B)/tables $(B)/san/moderationctl $(B)/san/moderationd

unit: $(UNIT_BIN)  ## the unit tests alone
	prove --exec '' $(UNIT_BIN)


# the same under memcheck: unit tests, TEST_SHARE per cent of their random
# work, and each command of the tool over the fixtures

TEST_SHARE ?= 15

$(B)/plain/%: t/unit/%.c $(B)/libmoderation_check.a \
		$(B)/libmoderation_places.a \
		$(B)/libmoderation_ledger.a $(B)/libmoderation.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -std=c11 $(WARN) -D_GNU_SOURCE $(INC) -It/unit \
	    -MMD -MP -MF $(B)/plain/$*.d -o $@ $< $(UNIT_EXTRA) \
	    $(B)/libmoderation_places.a $(B)/libmoderation_check.a \
	    $(B)/libmoderation_ledger.a \
	    $(B)/libmoderation.a $(LIBS) $(UNIT_LIBS)

$(B)/nojit.so: t/tools/nojit.c
	@mkdir -p $(@D)
	$(CC) $(WARN) -O1 -fPIC -shared -o $@ $<

valgrind:  ## unit tests and the tool under memcheck
	@sh t/tools/deps $(B) test valgrind
	+@$(MAKE) --no-print-directory -j$(JOBS) $(B)/moderationctl \
	    $(B)/nojit.so $(PLAIN_BIN)
	@TEST_SHARE=$(TEST_SHARE) prove --timer -j$(JOBS) \
	    --exec 't/tools/memcheck $(B)' $(PLAIN_BIN)
	@MODERATION_TOOL='t/tools/memcheck $(B) $(B)/moderationctl' \
	    prove t/45-tool.t


# fuzzers

$(B)/fuzz/%.o: %.c
	@mkdir -p $(@D)
	$(CLANG) $(FUZZ_CFLAGS) $(INC) -MMD -MP -c -o $@ $<

$(B)/fuzz/libmoderation.a: $(FUZZ_OBJ)
	rm -f $@
	$(AR) rcs $@ $^

$(B)/fuzz/libmoderation_ledger.a: $(FUZZ_LEDGER)
	rm -f $@
	$(AR) rcs $@ $^

$(B)/fuzz/libmoderationd.a: $(filter-out %/main.o,$(FUZZ_DAEMON))
	rm -f $@
	$(AR) rcs $@ $^

$(B)/fuzzers/fuzz_line $(B)/fuzzers/fuzz_proof: $(B)/fuzz/libmoderationd.a
$(B)/fuzzers/fuzz_line $(B)/fuzzers/fuzz_proof: FUZZ_FIRST := \
    $(B)/fuzz/libmoderationd.a
$(B)/fuzzers/fuzz_line $(B)/fuzzers/fuzz_proof: FUZZ_LIBS := $(CLI_LIBS) \
    $(DAEMON_LIBS)

$(B)/fuzzers/%: t/fuzz/%.c $(B)/fuzz/libmoderation_ledger.a \
		$(B)/fuzz/libmoderation.a
	@mkdir -p $(@D)
	$(CLANG) $(FUZZ_CFLAGS) -fsanitize=fuzzer $(INC) -It/unit \
	    -o $@ $< $(FUZZ_FIRST) $(B)/fuzz/libmoderation_ledger.a \
	    $(B)/fuzz/libmoderation.a $(LIBS) $(FUZZ_LIBS)

$(B)/fuzzers/fuzz_inflate: FUZZ_LIBS := -lz -lbrotlidec -lzstd

$(B)/fuzzers/fuzz_mmdb: $(FUZZ_PLACES)
$(B)/fuzzers/fuzz_mmdb: FUZZ_FIRST := $(FUZZ_PLACES)
$(B)/fuzzers/fuzz_mmdb: FUZZ_LIBS := $(PLACES_LIBS)

fuzz: $(FUZZ_BIN)  ## each fuzzer for FUZZ_TIME seconds
	@set -e; for f in $(FUZZ_BIN); do \
	    n=$${f##*/}; \
	    mkdir -p $(B)/corpus/$$n; \
	    d=t/fuzz/corpus/$$n; test -d $$d || d=; \
	    echo "== $$n, $(FUZZ_TIME) s"; \
	    $$f -max_total_time=$(FUZZ_TIME) -timeout=20 -print_final_stats=1 \
	        -artifact_prefix=$(B)/corpus/$$n- $(B)/corpus/$$n $$d; \
	done


# the generated tables, from TABLES=DIR (ngx_module/engine/gen/sources.py)

UNICODE ?= /usr/share/unicode
TABLES  ?=

tables:  ## the generated tables, from TABLES=DIR and unicode-data
	python3 ngx_module/engine/gen/sources.py write $(UNICODE) $(TABLES)


# the HTML scanner against an independent parser

$(B)/peer/scan_many: t/peer/scan_many.c $(B)/libmoderation.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(ENGINE_CFLAGS) $(INC) -o $@ $< $(B)/libmoderation.a \
	    $(LIBS)

peer: $(B)/peer/scan_many  ## the HTML scanner against parse5
	@t/peer/run $(B) $(PEER)


# test, demo, bench, soak

deps:  ## installs what make needs (as root)
	@sh t/tools/deps $(B) build

# what only some suites need and what is large (a browser)
test-deps:  ## installs what browser suites need
	@sh t/tools/test-deps $(B)

# what make needs is there, or is named

$(B)/.deps: t/tools/deps
	@mkdir -p $(@D)
	@NGINX_SRC="$(NGINX_SRC)" sh t/tools/deps $(B) check
	@touch $@

$(ENGINE_OBJ) $(CHECK_OBJ) $(LEDGER_OBJ) $(CLI_OBJ) $(DAEMON_OBJ) $(B)/nginx/.configured: | $(B)/.deps

test:  ## everything that CI runs, with prove
	@sh t/tools/deps $(B) test
	+@$(MAKE) --no-print-directory -j$(JOBS) all units $(B)/soak/client \
	    $(GO_VERIFY)
	@sh t/tools/suites $(B) "$(NGINX)" $(UNIT_BIN) t/*.t

# the suites alone, or those of T=
T ?= t/*.t

suites: all $(B)/soak/client  ## the suites of T= alone
	@sh t/tools/suites $(B) "$(NGINX)" $(T)

# the pictures of docs/review.md, as the browser suite sees the desk
pictures: all test-deps  ## the pictures of docs/review.md
	@sh t/tools/suites $(B) "$(NGINX)" t/63-console.t
	@mkdir -p docs/pictures
	@for p in queue-zh queue-en narrow-en-US dark; do \
	    cp $(B)/pictures/$$p.png docs/pictures/desk-$$p.png; done

# what make test leaves out since it takes long; STEPS= names some of it
test-all: test  ## make test, and what takes long
	@sh t/tools/test-all $(B) "$(NGINX)" $(STEPS)

test-arm64:  ## unit tests as a 64-bit ARM runs them, under qemu-user
	+@sh t/tools/arm64 $(B)

test-versions:  ## the suites against every nginx of the archive
	@sh t/tools/deps $(B) test
	+@$(MAKE) --no-print-directory -j$(JOBS) engine
	@CC="$(CC)" sh t/tools/versions $(B)

demo:  ## a sample platform behind the filter, for a browser
	@sh t/tools/deps $(B) demo
	+@$(MAKE) --no-print-directory -j$(JOBS) all
	@t/demo/run $(B)

demo-pictures: all  ## the demo's pictures, with headless Chromium
	@t/demo/pictures $(B)

demo-stop:  ## ends it
	@t/demo/run $(B) stop

# the shipped rules on text: MEASURE is a folder of corpora (see the script)
MEASURE ?= ../shared/corpora

measure: $(B)/moderationctl  ## what the shipped rules hit in real text
	@python3 t/bench/measure_rules.py $(B)/moderationctl rules/homepage \
	    $(MEASURE)

bench: all  ## the figures of docs/benchmarks.md
	@t/bench/run.py $(B)

# mixed traffic while policies change; then what changes cost readers
soak: all $(B)/soak/client  ## mixed traffic while policies change
	@sh t/tools/deps $(B) test wrk
	@t/soak/run $(B)
	@t/soak/reload $(B)

soak-reload: all $(B)/soak/client  ## its second half
	@sh t/tools/deps $(B) test wrk
	@t/soak/reload $(B)

$(B)/soak/client: t/soak/client.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(WARN) -o $@ $<


# rules go to a place of their own as examples: a policy in use is never
# written over

install: all  ## tool, module and example rules, into DESTDIR and prefix
	install -d $(DESTDIR)$(bindir) $(DESTDIR)$(modulesdir) \
	    $(DESTDIR)$(datadir)/examples $(DESTDIR)$(mandir)/man1 \
	    $(DESTDIR)$(mandir)/zh_CN/man1 $(DESTDIR)$(bashdir)
	install -m 755 $(B)/moderationctl $(DESTDIR)$(bindir)/
	install -m 644 $(MODULE) $(DESTDIR)$(modulesdir)/
	install -m 644 $(B)/moderationctl*.1 $(DESTDIR)$(mandir)/man1/
	install -m 644 $(B)/zh_CN/moderationctl*.1 \
	    $(DESTDIR)$(mandir)/zh_CN/man1/
	install -d $(DESTDIR)$(mandir)/man8
	install -m 644 $(DAEMON_ETC)/moderationd.8 $(DESTDIR)$(mandir)/man8/
	install -m 644 $(B)/moderationctl.bash \
	    $(DESTDIR)$(bashdir)/moderationctl
	cp -R rules/. $(DESTDIR)$(datadir)/examples/
	install -m 644 docs/policy.schema.json $(DESTDIR)$(datadir)/
	install -d $(DESTDIR)$(datadir)/monitoring
	install -m 644 docs/grafana.json docs/prometheus-rules.yaml \
	    $(DESTDIR)$(datadir)/monitoring/
	sed -i 's|schema=../../docs/|schema=$(datadir)/|' \
	    $(DESTDIR)$(datadir)/examples/*/*.yaml
	install -d $(DESTDIR)$(sbindir) $(DESTDIR)$(unitdir) \
	    $(DESTDIR)$(prefix)/lib/sysusers.d \
	    $(DESTDIR)$(prefix)/lib/tmpfiles.d
	install -m 755 $(B)/moderationd $(DESTDIR)$(sbindir)/
	sed 's|@sbindir@|$(sbindir)|' $(DAEMON_ETC)/moderationd.service \
	    > $(DESTDIR)$(unitdir)/moderationd.service
	chmod 644 $(DESTDIR)$(unitdir)/moderationd.service
	install -m 644 $(DAEMON_ETC)/sysusers.conf \
	    $(DESTDIR)$(prefix)/lib/sysusers.d/moderation.conf
	install -m 644 $(DAEMON_ETC)/tmpfiles.conf \
	    $(DESTDIR)$(prefix)/lib/tmpfiles.d/moderation.conf
	install -m 644 $(DAEMON_ETC)/moderationd.yaml \
	    $(DAEMON_ETC)/roles.yaml $(DESTDIR)$(datadir)/
	install -m 755 ngx_module/moderationd/verify/verify.py \
	    $(DESTDIR)$(datadir)/
	@echo "in nginx.conf:"
	@echo "    load_module $(modulesdir)/$(notdir $(MODULE));"
	@echo "a policy to begin with:"
	@echo "    mkdir -p /etc/moderation"
	@echo "    cp -R $(datadir)/examples/homepage /etc/moderation/"

uninstall:  ## takes that away again
	rm -f $(DESTDIR)$(bindir)/moderationctl \
	    $(DESTDIR)$(modulesdir)/$(notdir $(MODULE)) \
	    $(DESTDIR)$(mandir)/man1/moderationctl*.1 \
	    $(DESTDIR)$(mandir)/zh_CN/man1/moderationctl*.1 \
	    $(DESTDIR)$(mandir)/man8/moderationd.8 \
	    $(DESTDIR)$(bashdir)/moderationctl \
	    $(DESTDIR)$(sbindir)/moderationd \
	    $(DESTDIR)$(unitdir)/moderationd.service \
	    $(DESTDIR)$(prefix)/lib/sysusers.d/moderation.conf \
	    $(DESTDIR)$(prefix)/lib/tmpfiles.d/moderation.conf \
	    $(addprefix $(DESTDIR)$(datadir)/,moderationd.yaml roles.yaml \
	        verify.py policy.schema.json)
	rm -rf $(DESTDIR)$(datadir)/examples $(DESTDIR)$(datadir)/monitoring
	-rmdir $(DESTDIR)$(datadir) 2>/dev/null

deb:  ## Debian packages of this tree, into build/deb
	@sh t/tools/deps $(B) build debhelper lintian fakeroot
	@mkdir -p $(B)
	@ngx_module/debian/build $(B)

deb-test:  ## packages on bare Debian 12 and 13: built, used, upgraded, purged
	@sh t/tools/deps $(B) build mmdebstrap
	@mkdir -p $(B)
	@prove --exec '' t/tools/packages :: $(B)

clean:  ## removes build/
	rm -rf $(B)


-include $(ENGINE_OBJ:.o=.d) $(CHECK_OBJ:.o=.d) $(CLI_OBJ:.o=.d) \
         $(DAEMON_OBJ:.o=.d) $(SAN_DAEMON:.o=.d) \
         $(LEDGER_OBJ:.o=.d) $(SAN_LEDGER:.o=.d) $(FUZZ_LEDGER:.o=.d) \
         $(SAN_OBJ:.o=.d) $(SAN_CHECK:.o=.d) \
         $(SAN_CLI:.o=.d) $(FUZZ_OBJ:.o=.d) $(UNIT_BIN:=.d) $(PLAIN_BIN:=.d)
