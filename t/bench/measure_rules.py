#!/usr/bin/env python3
"""measure_rules.py MODERATIONCTL POLICY CORPORA: what the rules really hit.

CORPORA is a folder with, as far as they are there,

  clickbait/en_*.tsv       label (1 clickbait), ..., title; first line names
  clickbait/zh_*.tsv       the same in Chinese; *_train.tsv was learned from
  text/zh_prose_*.txt      neutral prose, a line a text
  expected/*.jsonl         real titles: {"title": ..., "account": ...} a line

Clickbait rules are measured as precision and recall on the labelled headlines
of their language (id clickbait.en-*; all others), Chinese ones by the share of
t/fixtures/text/invented_spam.tsv that they find, too, and by topic (TOPICS: the
first whose words a title has) where they are wrong; all other rules as hits on
neutral prose, all rules as hits on real titles with Han characters, by page or
feed, where each hit is a false one until argued (docs/rules-measured.md does).  Texts go through the policy's feed slot,
title and nickname alike, so that every rule sees every text.

Headlines are split in halves by a hash of their text: rules are written
looking at the first only, the second tells what they are worth.
"""

import collections
import glob
import hashlib
import json
import os
import subprocess
import sys
import tempfile

# what a Chinese headline is about, by common words of the subject: the first that
# has one

TOPICS = [
    ('military', '军 导弹 航母 战机 坦克 步枪 武器 士兵 特种 战争 抗战'),
    ('history', '皇帝 皇后 清朝 明朝 唐朝 三国 历史 古代 古墓 朝代 将军 太后'),
    ('health', '医 病 癌 药 养生 血压 血糖 孕 宝宝 肝 肾 减肥 健康 穴'),
    ('food', '吃 菜 做法 食 汤 茶 酒 面包 蛋糕 水果 美味'),
    ('cars', '车 suv 驾 发动机 油耗 公里'),
    ('sports', '球 赛 冠军 教练 奥运 联赛 nba 中超 跑步'),
    ('entertainment', '电影 电视剧 明星 演员 导演 综艺 歌手 女星 演唱会 动漫'),
    ('games', '游戏 玩家 手游 皮肤 攻略 英雄 电竞'),
    ('technology', '手机 科技 电脑 机器人 互联网 芯片 软件 数据 苹果 卫星 宇宙'),
    ('finance', '股 基金 银行 投资 市场 房价 经济 央行 利率 万元 楼市'),
    ('travel', '旅游 旅行 景 酒店 海岛 民宿 航班 自驾'),
    ('fashion', '时尚 穿 搭配 口红 护肤 发型 裙 鞋 妆'),
    ('society', '警方 男子 女子 法院 学生 学校 小区 老人 大学 老师 交警'),
    ('world', '日本 美国 俄 韩国 印度 英国 总统 欧洲 朝鲜 外媒'),
    ('home', '装修 客厅 卧室 家具 厨房 植物 养花'),
]

HAN = [(0x3400, 0x9fff), (0xf900, 0xfaff), (0x20000, 0x3ffff)]


def is_han(c):
    return any(a <= ord(c) <= b for a, b in HAN)


def scan(tool, policy, texts, nicks):
    """per text the hits: [(rule, text of the hit)]"""
    body = json.dumps({'code': 0, 'data': {'list': [
        {'room_id': str(i), 'room_name': t, 'nickname': n}
        for i, (t, n) in enumerate(zip(texts, nicks))]}}, ensure_ascii=False)
    with tempfile.NamedTemporaryFile('w', suffix='.json',
                                     encoding='utf-8') as f:
        f.write(body)
        f.flush()
        p = subprocess.run([tool, 'scan', '--policy', policy, '--type',
                            'json', '--slot', 'live.recommend', f.name],
                           stdout=subprocess.PIPE)
    if p.returncode not in (0, 1):
        sys.exit('scan failed')
    out = [[] for _ in texts]
    n = 0
    for line in p.stdout.decode('utf-8').splitlines():
        it = json.loads(line)
        out[int(it['fields']['room'])] = [(h['rule'], h['text'])
                                          for h in it['hits']]
        n += 1
    if n != len(texts):
        sys.exit('%d texts went in, %d came back' % (len(texts), n))
    return out


def half(title):
    return hashlib.md5(title.encode('utf-8')).digest()[0] & 1


def english(tool, policy, corpora):
    rows = []
    for path in sorted(glob.glob(os.path.join(corpora, 'clickbait/en_*.tsv'))):
        with open(path, encoding='utf-8', newline='\n') as f:
            lines = f.read().split('\n')
        for line in lines[1:]:
            c = line.split('\t')
            if len(c) > 1:
                rows.append((os.path.basename(path), int(c[0]), c[-1]))
    if not rows:
        return
    hits = scan(tool, policy, [r[2] for r in rows], [''] * len(rows))
    en = [sorted({r for r, _ in h if r.startswith('clickbait.en-')})
          for h in hits]

    print('English clickbait rules on %d labelled headlines' % len(rows))
    print('%-34s %6s %6s %6s %9s %7s' % ('', 'titles', 'hit', 'false',
                                         'precision', 'recall'))

    def line(name, pick):
        sel = [(r, e) for r, e in zip(rows, en) if pick(r, e)]
        tp = sum(r[1] == 1 and bool(e) for r, e in sel)
        fp = sum(r[1] == 0 and bool(e) for r, e in sel)
        pos = sum(r[1] for r, _ in sel)
        print('%-34s %6d %6d %6d %9.4f %7.4f' % (
            name, len(sel), tp + fp, fp, tp / max(1, tp + fp),
            tp / max(1, pos)))

    for name in sorted({r[0] for r in rows}):
        line(name, lambda r, e, n=name: r[0] == n)
    line('first half (rules written on it)', lambda r, e: half(r[2]))
    line('second half', lambda r, e: not half(r[2]))
    line('all', lambda r, e: True)
    print()
    print('%-34s %6s %6s %9s' % ('rule', 'hit', 'false', 'precision'))
    for rule in sorted({x for e in en for x in e}):
        tp = sum(r[1] == 1 and rule in e for r, e in zip(rows, en))
        fp = sum(r[1] == 0 and rule in e for r, e in zip(rows, en))
        print('%-34s %6d %6d %9.4f' % (rule, tp + fp, fp,
                                       tp / max(1, tp + fp)))
    print()


def wilson(k, n):
    if n == 0:
        return 0.0, 1.0
    z, p = 1.959964, k / n
    d = 1 + z * z / n
    m = (p + z * z / (2 * n)) / d
    h = z * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5 / d
    return m - h, m + h


def variants(tool, policy, titles):
    """of the titles that are found, the share that is in disguise"""
    forms = [('traditional', None),
             ('full width', lambda t: t.translate(
                 {c: c + 0xfee0 for c in range(33, 127)})),
             ('zero width', lambda t: '\u200b'.join(t)),
             ('soft hyphens', lambda t: '\u00ad'.join(t)),
             ('variation selectors', lambda t: ''.join(
                 c + '\ufe00' if is_han(c) else c for c in t)),
             ('capitals', str.upper)]
    for name, form in forms:
        if form is None:
            form = traditional()
            if form is None:
                continue
        texts = [form(t) for t in titles]
        hits = scan(tool, policy, texts, [''] * len(texts))
        n = sum(any(is_chinese(r) for r, _ in h) for h in hits)
        print('%-34s %6d of %d (%.3f)' % (name, n, len(texts),
                                          n / max(1, len(texts))))


def traditional():
    """by the engine's own table of simplified and traditional characters"""
    here = os.path.dirname(os.path.abspath(__file__))
    path = os.path.join(here, '../fixtures/text/traditional.txt')
    if not os.path.exists(path):
        return None
    table = {}
    with open(path, encoding='utf-8') as f:
        for line in f:
            c = line.split()
            if len(c) == 2:
                table[ord(c[0])] = c[1]
    return lambda t: t.translate(table)


def is_chinese(rule):
    return rule.startswith('clickbait.') and not rule.startswith(
        'clickbait.en-')


def chinese(tool, policy, corpora):
    for path in sorted(glob.glob(os.path.join(corpora,
                                              'clickbait/zh_*.tsv'))):
        rows = []
        with open(path, encoding='utf-8', newline='\n') as f:
            for line in f.read().split('\n')[1:]:
                c = line.split('\t')
                if len(c) > 1:
                    rows.append((int(c[0]), c[-1]))
        hits = scan(tool, policy, [t for _, t in rows], [''] * len(rows))
        zh = [sorted({r for r, _ in h if is_chinese(r)}) for h in hits]
        pos = sum(y for y, _ in rows)
        learned = path.endswith('_train.tsv')
        print('Chinese clickbait rules on %d headlines (%d clickbait) of %s%s'
              % (len(rows), pos, os.path.basename(path),
                 ', which were learned from' if learned else ''))
        print('%-34s %6s %6s %9s %17s %7s' % ('', 'hit', 'false', 'precision',
                                              '95 % (Wilson)', 'recall'))
        for rule in ['all'] + sorted({x for e in zh for x in e}):
            hit = [y for (y, _), e in zip(rows, zh)
                   if (e if rule == 'all' else rule in e)]
            low, high = wilson(sum(hit), len(hit))
            print('%-34s %6d %6d %9.4f   %.4f - %.4f %7.4f' % (
                rule, len(hit), len(hit) - sum(hit),
                sum(hit) / max(1, len(hit)), low, high,
                sum(hit) / max(1, pos)))
        print()
        if not learned:
            print('Found titles in disguise, found again')
            variants(tool, policy, [t for (y, t), e in zip(rows, zh) if e])
            print()


def by_topic(tool, policy, corpora):
    """of the headlines that are none, the share that is hit, by what they are
    about"""
    titles = []
    for path in sorted(glob.glob(os.path.join(corpora,
                                              'clickbait/zh_*.tsv'))):
        with open(path, encoding='utf-8', newline='\n') as f:
            for line in f.read().split('\n')[1:]:
                c = line.split('\t')
                if len(c) > 1 and c[0] == '0':
                    titles.append(c[-1])
    if not titles:
        return
    hits = scan(tool, policy, titles, [''] * len(titles))
    count = collections.Counter()
    false = collections.Counter()
    for t, h in zip(titles, hits):
        topic = next((name for name, words in TOPICS
                      if any(w in t.lower() for w in words.split())), 'other')
        for name in (topic, 'all'):
            count[name] += 1
            false[name] += any(is_chinese(r) for r, _ in h)
    print('Chinese clickbait rules on headlines that are none, by topic')
    print('%-34s %6s %6s %7s   %s' % ('', 'titles', 'false', 'share',
                                      '95 % (Wilson)'))
    for name, n in count.most_common():
        low, high = wilson(false[name], n)
        print('%-34s %6d %6d %7.4f   %.4f - %.4f' % (
            name, n, false[name], false[name] / n, low, high))
    print()


def names(policy):
    """fragments of learned lists that a dictionary knows as names"""
    paths = glob.glob('/usr/lib/python3/dist-packages/jieba/dict.txt') + \
        glob.glob(os.path.join(sys.argv[3], 'text/zh_words_jieba.txt'))
    if not paths:
        print('no dictionary (python3-jieba): fragments not looked up\n')
        return
    tags = {}
    with open(paths[0], encoding='utf-8') as f:
        for line in f:
            c = line.split()
            if len(c) == 3 and c[2][:2] in ('nr', 'ns', 'nt', 'nz'):
                tags[c[0]] = c[2]
    found = []
    for path in glob.glob(os.path.join(policy, 'lists/*clickbait*.txt')):
        with open(path, encoding='utf-8') as f:
            for line in f:
                word = line.split('\t')[0].strip()
                if len(word) > 1 and word in tags:
                    found.append('%s (%s)' % (word, tags[word]))
    print('Learned fragments that are names: %s\n'
          % (', '.join(found) or 'none'))


def neutral(tool, policy, corpora):
    texts = []
    for path in sorted(glob.glob(os.path.join(corpora,
                                              'text/zh_prose_*.txt'))):
        with open(path, encoding='utf-8', errors='replace') as f:
            texts += [x.strip() for x in f if x.strip()]
    chars = sum(len(x) for x in texts)
    if texts:
        hits = scan(tool, policy, texts, texts)
        count = collections.Counter()
        for h in hits:
            count.update({r for r, _ in h
                          if not r.startswith('clickbait.en-')})
        print('Other rules on neutral prose: %d lines, %d characters (%d Han)'
              % (len(texts), chars, sum(map(is_han, ''.join(texts)))))
        if not count:
            print('no hit')
        for rule, n in count.most_common():
            print('%-34s %4d hits, %.3f in 100000 characters'
                  % (rule, n, n * 100000 / chars))
        for t, h in zip(texts, hits):
            for rule in sorted({r for r, _ in h
                                if not r.startswith('clickbait.en-')}):
                print('  %s: %s in: %s' % (rule, ', '.join(
                    x for r, x in h if r == rule), t[:160]))
        print()

    seen = {}
    source = {}
    for path in sorted(glob.glob(os.path.join(corpora,
                                              'expected/*.jsonl'))):
        with open(path, encoding='utf-8') as f:
            for line in f:
                r = json.loads(line)
                t = ' '.join((r.get('title') or '').split())
                if any(is_han(c) for c in t):
                    seen.setdefault(t, ' '.join(
                        (r.get('account') or '').split()))
                    source.setdefault(t, os.path.basename(path).split('.')[0])
    if seen:
        titles = list(seen)
        hits = scan(tool, policy, titles, [seen[t] for t in titles])
        hit = [(t, sorted({r for r, _ in h})) for t, h in zip(titles, hits)]
        hit = [(t, r) for t, r in hit if r]
        print('All rules on %d real titles with Han characters: %d hit '
              '(%.2f %%)' % (len(titles), len(hit),
                             len(hit) * 100 / len(titles)))
        for t, r in hit:
            print('  %s: %s (account %s)' % (', '.join(r), t, seen[t]))
        print('\nby page or feed')
        bad = collections.Counter(source[t] for t, _ in hit)
        for name, n in collections.Counter(source.values()).most_common():
            print('%-34s %6d titles %4d hit %7.4f' % (name, n, bad[name],
                                                      bad[name] / n))


def invented(tool, policy):
    """invented titles: what each label finds of its own, plain, in full width and
    with marks between"""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                        '../fixtures/text/invented_spam.tsv')
    with open(path, encoding='utf-8') as f:
        rows = [line.rstrip('\n').split('\t') for line in f][1:]

    forms = [lambda t: t,
             lambda t: t.translate({c: c + 0xfee0 for c in range(33, 127)}),
             lambda t: '\u200b'.join(t),
             lambda t: ' '.join(t)]
    names = ['plain', 'full width', 'zero width', 'spaced']

    print('Invented titles: found by a rule of their label')
    print('%-24s %6s %s' % ('label', 'titles', ' '.join(
        '%10s' % n for n in names)))
    total = collections.Counter()
    for label in sorted({r[0] for r in rows}):
        titles = [r[1] for r in rows if r[0] == label]
        total['titles'] += len(titles)
        shown = []
        for name, form in zip(names, forms):
            texts = [form(t) for t in titles]
            hits = scan(tool, policy, texts, texts)
            n = sum(any(r.split('.')[0] == label for r, _ in h)
                    for h in hits)
            total[name] += n
            shown.append('%10d' % n)
        print('%-24s %6d %s' % (label, len(titles), ' '.join(shown)))
    print('%-24s %6d %s' % ('all', total['titles'], ' '.join(
        '%10d' % total[n] for n in names)))
    print()


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    if not os.path.isdir(sys.argv[3]):
        sys.exit('no corpora at %s: set MEASURE=' % sys.argv[3])
    english(*sys.argv[1:])
    chinese(*sys.argv[1:])
    by_topic(*sys.argv[1:])
    names(sys.argv[2])
    invented(*sys.argv[1:3])
    neutral(*sys.argv[1:])


if __name__ == '__main__':
    main()
