#!/usr/bin/env python3
"""period.py BUILD [N]: how long the report of a week of N decisions takes.

Makes a store as moderationd makes it, puts N decisions of one week into it (of
N / 50 different items), and asks the daemon for the report twice, as
moderationctl does.  Prints seconds, of the clock and of CPU, and the daemon's
memory."""

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

build = sys.argv[1]
count = int(sys.argv[2]) if len(sys.argv) > 2 else 5_000_000
folder = tempfile.mkdtemp(dir=os.environ.get("TMPDIR", "/var/tmp"))


def path(name):
    return os.path.join(folder, name)


def write(name, text):
    with open(path(name), "w") as f:
        f.write(text)
    os.chmod(path(name), 0o640)


write("moderationd.yaml", "node: bench\nsites: {a: {hosts: [www.example.cn], "
      "policy: policy.yaml}}\nworkers: %s\n" % os.environ.get("USER", "root"))
write("policy.yaml", "schema: 1\npolicy: p\ncategories: {clickbait: [l1], "
      "lowbrow: [l2]}\nslots: [{name: s1, type: html, match: li, kind: programme, fields: {t: b}}]\n")
write("roles.yaml", "users: {a: [lead]}\n")
write("scgi_secret.conf", 'scgi_param MODERATION_SECRET "%s";\n' % ("ab" * 32))
write("id.key", "moderation-id-key-1 " + "cd" * 32 + "\n")
os.mkdir(path("spool"), 0o770)


def start():
    p = subprocess.Popen([build + "/moderationd", "-c", path("moderationd.yaml")],
                         stderr=open(path("log"), "a"))
    while not os.path.exists(path("scgi.sock")):
        if p.poll() is not None:
            sys.exit(open(path("log")).read())
        time.sleep(0.05)
    return p


try:
    os.chmod(folder, 0o750)
    p = start()
    p.terminate()
    p.wait()
    db = sqlite3.connect(path("store.db"))
    week = 1000 * (int(time.time()) // 86400 * 86400 - 7 * 86400)
    # under the number of a log before the first: these leaves stand nowhere
    log, size = db.execute("SELECT log - 1, 0 FROM log").fetchone()
    indexes = db.execute("SELECT name, sql FROM sqlite_master WHERE type = "
                         "'index' AND tbl_name = 'decision' AND sql IS NOT NULL").fetchall()
    for name, _ in indexes:
        db.execute("DROP INDEX " + name)
    began = time.time()
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -200000")
    # hashes as workers make them: 32 hex digits, none like the one before
    db.create_function("h", 2, lambda a, b: hashlib.blake2b(
        b"%d %d" % (a, b), digest_size=16).hexdigest(), deterministic=True)
    db.execute("""
        WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n
                                WHERE i + 1 < ?)
        INSERT INTO decision SELECT ?, ? + i, substr(h(0, i), 1, 20),
            'decision', ? + i * 604800000 / ?, 'bench', 'enforce',
            's' || (i % 3), 'www.example.cn', '/', 'block',
            CASE i % 4 WHEN 0 THEN 'mask' ELSE 'block' END, 'rule', 'own',
            'full', h(1, i % (? / 50)), h(2, i % 5000), h(1, i % (? / 50)),
            'p@0123456789ab', '', 'none', 'l' || (i % 9), 'rule.' || (i % 200),
            '[{"id":"rule.1","rev":1,"label":"l1","action":"block","mode":"enforce"}]',
            0, 0 FROM n""", (count, log, size, week, count, count, count))
    for _, sql in indexes:
        db.execute(sql)
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    print("%d rows in %.0f s, %.1f GB" % (count, time.time() - began,
                                          os.path.getsize(path("store.db")) / 1e9))
    p = start()
    day = time.strftime("%Y-%m-%d", time.gmtime(week / 1000))
    end = time.strftime("%Y-%m-%d", time.gmtime(week / 1000 + 6 * 86400))
    answers = []

    def cpu():
        with open("/proc/%d/stat" % p.pid) as f:
            x = f.read().rsplit(")", 1)[1].split()
        return (int(x[11]) + int(x[12])) / os.sysconf("SC_CLK_TCK")

    # seconds that its threads stood ready and had no core; bytes from the disk
    def waited():
        n = 0
        for t in os.listdir("/proc/%d/task" % p.pid):
            with open("/proc/%d/task/%s/schedstat" % (p.pid, t)) as f:
                n += int(f.read().split()[1])
        return n / 1e9

    def read():
        with open("/proc/%d/io" % p.pid) as f:
            return int([x for x in f if x.startswith("read_bytes")][0].split()[1]) / 1e6

    for k in range(2):
        began = time.time()
        used, stood, disk = cpu(), waited(), read()
        answers.append(subprocess.run(
            [build + "/moderationctl", "report", "--socket", path("scgi.sock"),
             "--from", day, "--to", end], stdout=subprocess.PIPE, check=True).stdout)
        print("report: %.1f s, of which %.1f s of CPU, %.1f s ready without a "
              "core; %.0f MB from the disk" % (time.time() - began, cpu() - used,
                                               waited() - stood, read() - disk))
    print("same bytes twice: %s" % (answers[0] == answers[1]))
    with open("/proc/%d/status" % p.pid) as f:
        print([x.strip() for x in f if x.startswith("VmHWM")][0])
    p.terminate()
    p.wait()
finally:
    shutil.rmtree(folder)
