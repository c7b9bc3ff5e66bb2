"""The desk of the demo: moderationd behind its nginx, three cards that wait.

The demo's policy is the shipped one with `review: required` for the first
screen, the inline state and the feed; all but three rooms have been released
when the reader comes, as a morning shift would have done it.
"""

import json
import os
import re
import secrets
import shutil
import subprocess
import time

SCOPE = ['home.first_screen', 'home.state', 'home.flight', 'live.recommend']

HTTP = """
    moderation_id_key  %(dir)s/id.key;
    moderation_ledger  %(dir)s/spool;
    moderation_verdicts %(dir)s/verdicts;
    limit_req_zone $binary_remote_addr zone=moderation_public:1m rate=2r/s;
"""

SERVER = """
        location /moderation/ {
            moderation off;
            access_log off;
            auth_basic "moderation";
            auth_basic_user_file %(dir)s/passwords;
            include %(dir)s/scgi_params;
            include %(dir)s/scgi_secret.conf;
            scgi_param MODERATION_USER $remote_user;
            scgi_pass unix:%(dir)s/scgi.sock;
        }
        location /moderation/public/ {
            moderation off;
            access_log off;
            auth_basic off;
            limit_req zone=moderation_public burst=20;
            include %(dir)s/scgi_params;
            include %(dir)s/scgi_secret.conf;
            scgi_pass unix:%(dir)s/scgi.sock;
        }
"""

REVIEW = ('    review: {mode: required, fields: [shown, nickname], '
          'scope: [%s], stable: assume, queue: first}\n' % ', '.join(SCOPE))

# what a reader sees as the title, under one name in page, state and feed
SHOWN = {'home.first_screen': 'a.title', 'home.state': '$.title',
         'home.flight': '$.title',
         'live.recommend': '$.room_name'}

REASONS = """
reasons:
  - {id: shock, key: 1, label: clickbait, title: {zh: 标题夸张, en: Sensational headline}, points: 1, ttl: 30d}
  - {id: ads, key: 2, label: marketing_account, title: {zh: 引流, en: Advertising}, points: 1, ttl: 30d}
  - {id: untrue, key: 3, label: rumor, title: {zh: 不实消息, en: Untrue}, points: 2, ttl: 90d}
"""


def known(module):
    """does the module know of ledger and verdicts?"""
    with open(module, 'rb') as f:
        data = f.read()
    return b'moderation_verdicts' in data and b'moderation_ledger' in data


def policy(source, target):
    """the shipped policy, with second review where rooms are recommended"""
    shutil.copytree(source, target)
    path = os.path.join(target, 'slots.yaml')
    with open(path, encoding='utf-8') as f:
        text = f.read()
    text = text.replace('    review: on_match\n', '')
    for name in SCOPE:
        head, tail = re.split(r'  - name: %s *(?:#.*)?\n' % re.escape(name),
                              text)
        shown = 'shown: "%s"' % SHOWN[name]
        tail = re.sub(r'    fields:( \{|\n      )', lambda m: '    fields:%s%s%s'
                      % (m.group(1), shown, ', ' if '{' in m.group(1)
                         else '\n      '), tail, count=1)
        text = '%s  - name: %s\n%s%s' % (head, name, REVIEW, tail)
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text + REASONS)


class Desk:
    def __init__(self, build, rundir):
        self.dir = rundir
        self.tool = os.path.join(build, 'moderationctl')
        self.daemon = os.path.join(build, 'moderationd')
        self.user, self.password = 'alice', secrets.token_urlsafe(9)
        self.lead = secrets.token_urlsafe(9)

    def write(self, name, text, mode=0o640):
        path = os.path.join(self.dir, name)
        with open(path, 'w', encoding='utf-8') as f:
            f.write(text)
        os.chmod(path, mode)

    def prepare(self):
        for name in ('spool', 'verdicts'):
            os.makedirs(os.path.join(self.dir, name), exist_ok=True)
            os.chmod(os.path.join(self.dir, name), 0o750)
        self.write('passwords', 'alice:{PLAIN}%s\nbob:{PLAIN}%s\n'
                   % (self.password, self.lead))
        self.write('roles.yaml', 'users:\n  alice: [reviewer]\n'
                   '  bob: [lead, auditor, admin]\n')
        self.write('scgi_secret.conf', 'scgi_param MODERATION_SECRET %s;\n'
                   % secrets.token_hex(32), 0o600)
        self.write('id.key', 'moderation-id-key-1 %s\n'
                   % secrets.token_hex(32))
        self.write('moderationd.yaml', 'node: demo\n'
                   'sites:\n  demo:\n    hosts: [127.0.0.1, localhost]\n'
                   '    policy: policy\n    language: zh\n')
        for path in ('/etc/nginx/scgi_params',
                     '/usr/share/nginx/src/conf/scgi_params'):
            if os.path.exists(path):
                shutil.copy(path, os.path.join(self.dir, 'scgi_params'))
                break

    def start(self):
        log = open(os.path.join(self.dir, 'moderationd.log'), 'w')
        p = subprocess.Popen([self.daemon, '-c', os.path.join(
            self.dir, 'moderationd.yaml')], stdin=subprocess.DEVNULL,
            stdout=log, stderr=log, start_new_session=True)
        self.write('moderationd.pid', '%d\n' % p.pid)
        sock = os.path.join(self.dir, 'scgi.sock')
        for _ in range(1800):
            if os.path.exists(sock) and os.path.exists(os.path.join(
                    self.dir, 'verdicts', 'items')):
                return
            if p.poll() is not None:
                break
            time.sleep(0.05)
        with open(os.path.join(self.dir, 'moderationd.log')) as f:
            raise SystemExit('demo: moderationd did not start\n' + f.read())

    def ctl(self, *args):
        p = subprocess.run([self.tool, *args[:1], '--socket', os.path.join(
            self.dir, 'scgi.sock'), *args[1:]], stdout=subprocess.PIPE)
        return [json.loads(x) for x in p.stdout.decode('utf-8').splitlines()]

    def cards(self, n, seconds=90):
        """the cards that wait, once there are n"""
        end = time.time() + seconds
        while time.time() < end:
            cards = self.ctl('queue', 'list')
            if len(cards) >= n:
                return cards
            time.sleep(0.2)
        return self.ctl('queue', 'list')

    def morning(self, fetch, leave, rooms):
        """releases what waits without a rule that holds, but `leave`: page, state and feed
        may say a room's title differently, and each is looked at"""
        left = {}
        fetch()
        self.cards(len(rooms))
        for _ in range(150):
            fetch()
            time.sleep(0.4)
            done = 0
            for c in self.ctl('queue', 'list'):
                room = (c['fields'] or {}).get('room', '')
                if room in leave:
                    left[room] = c
                elif not any(r['action'] in ('hold', 'block')
                             for r in c['rules'] or ()):
                    for v in range(1, c['version'] + 1):
                        self.ctl('queue', 'decide', str(c['id']), 'release',
                                 '--version-seen', str(v),
                                 '--note', 'morning shift')
                    done += 1
            if not done and len(left) == len(leave):
                break
        return left


def stop(rundir):
    try:
        with open(os.path.join(rundir, 'moderationd.pid')) as f:
            pid = int(f.read())
        with open('/proc/%d/cmdline' % pid, 'rb') as f:
            if rundir.encode() not in f.read():
                return
        os.kill(pid, 15)
        for _ in range(100):
            if not re.search(r'^State:\s+[^Z]', open(
                    '/proc/%d/status' % pid).read(), re.M):
                return
            time.sleep(0.05)
    except (OSError, ValueError):
        pass
