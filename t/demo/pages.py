"""The demo's own pages: a bar over the sample site, and a view that puts what
the platform sends beside what the reader gets, card by card, with the reason.

write(dir, view, lang) makes dir/LANG/*.html; the texts are in WORDS.  Nothing
here decides anything: decisions come from `moderationctl scan`, what leaves
from the answers of nginx.
"""

import glob
import html
import os

import yaml

WORDS = {
    'en': {
        'lang': 'en', 'other': ('zh', '中文'),
        'title': 'Sample live platform behind the moderation filter',
        'compare': 'Side by side', 'on': 'With the filter',
        'off': 'Without', 'shadow': 'Shadow',
        'feed': 'Feed', 'status': 'Status', 'log': 'Log',
        'console': 'Console',
        'sum': '%(items)d cards found: %(removed)d removed, %(masked)d '
               'masked, %(tagged)d tagged, %(held)d waiting for a reviewer',
        'before': 'What the platform sends',
        'after': 'What the reader gets',
        'removed': 'not shown', 'held': 'waits for a reviewer',
        'spare': 'spare: the list is full', 'masked': 'masked',
        'tagged': 'tagged', 'found': 'found', 'rule': 'rule',
        'why': 'Every byte that is not marked here leaves as it came. The '
               'same rooms go from the page, from its inline state and from '
               'the feed.',
        'made': 'Made when the demo started, from the answers of nginx.',
        'nothing': 'no rule',
        'nobody': 'This room is shown only once a person has released it.',
    },
    'zh': {
        'lang': 'zh-CN', 'other': ('en', 'English'),
        'title': '样例直播平台：审核过滤器演示',
        'compare': '并排对照', 'on': '经过滤', 'off': '未过滤',
        'shadow': '影子模式',
        'feed': '推荐接口', 'status': '状态', 'log': '日志',
        'console': '控制台',
        'sum': '发现 %(items)d 张卡片：移除 %(removed)d，打码 %(masked)d，'
               '标记 %(tagged)d，等待复审 %(held)d',
        'before': '平台发出的', 'after': '读者看到的',
        'removed': '不展示', 'held': '等待复审',
        'spare': '候补：列表已满', 'masked': '已打码', 'tagged': '已标记',
        'found': '命中', 'rule': '规则',
        'why': '没有标出的字节原样送出。同一个房间会同时从页面、页内状态和推荐'
               '接口中消失。',
        'made': '演示启动时由 nginx 的实际应答生成。',
        'nothing': '无规则',
        'nobody': '这个房间要人工放行后才展示，还没有人看过。',
    },
}

SLOTS = {
    'home.first_screen': {'en': 'First screen (HTML)', 'zh': '首屏（HTML）'},
    'home.more': {'en': 'More (HTML)', 'zh': '更多（HTML）'},
    'home.state': {'en': 'Inline state (script)', 'zh': '页内状态（脚本）'},
    'home.flight': {'en': 'Streamed state (flight rows)',
                    'zh': '流式状态（flight）'},
    'home.fragment': {'en': 'Fragment behind "more" (HTML)',
                      'zh': '“更多”片段（HTML）'},
    'live.events': {'en': 'Events (SSE)', 'zh': '事件流（SSE）'},
    'live.recommend': {'en': 'Recommendation feed (JSON)',
                       'zh': '推荐接口（JSON）'},
}

STYLE = """
:root{color-scheme:light dark;--bg:#f6f7f8;--card:#fff;--ink:#1c2127;
--dim:#66707b;--line:#dfe3e8;--acc:#2764c4;--red:#b3261e;--amber:#9a5b00;
--mark:#fff0b8;--markink:#1c2127}
@media(prefers-color-scheme:dark){:root{--bg:#14171a;--card:#1d2125;
--ink:#e6e9ec;--dim:#98a2ad;--line:#343a41;--acc:#8ab4f8;--red:#f28b82;
--amber:#fdbf5c;--mark:#5c4a00;--markink:#fff3c4}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);
font:14px/1.45 system-ui,-apple-system,"Noto Sans CJK SC",sans-serif}
header{position:sticky;top:0;z-index:1;background:var(--card);
border-bottom:1px solid var(--line);padding:8px 16px}
nav{display:flex;flex-wrap:wrap;gap:4px 6px;align-items:center}
nav a{color:var(--ink);text-decoration:none;padding:4px 10px;
border-radius:6px;border:1px solid transparent}
nav a:hover{border-color:var(--line)}
nav a[aria-current]{background:var(--acc);color:var(--card)}
nav .gap{flex:1}
nav .small{color:var(--dim);padding:4px 6px}
header p{margin:6px 0 0;font-weight:600}
main{max-width:1080px;margin:0 auto;padding:12px 16px 40px}
h2{font-size:15px;margin:22px 0 8px}
.heads,.pair{display:grid;grid-template-columns:1fr 1fr;gap:12px}
.heads{color:var(--dim);font-size:12px;margin-top:14px}
.pair{margin-bottom:8px}
.card{background:var(--card);border:1px solid var(--line);border-radius:8px;
padding:8px 12px;min-width:0;overflow-wrap:anywhere}
.card b{display:block;font-weight:600}
.card small{color:var(--dim)}
mark{background:var(--mark);color:var(--markink);border-radius:3px}
.gone{background:none;border:2px dashed var(--red)}
.wait{background:none;border:2px dashed var(--amber)}
.tag{border:2px solid var(--amber)}
.mask{border:2px solid var(--acc)}
.what{font-weight:600}
.gone .what{color:var(--red)}.wait .what,.tag .what{color:var(--amber)}
.mask .what{color:var(--acc)}
.same{color:var(--dim)}
code{font-size:12px;white-space:nowrap}
iframe{display:block;width:100%;height:calc(100vh - 84px);border:0;
background:#fff}
footer{color:var(--dim);font-size:12px;margin-top:24px}
@media(max-width:620px){.heads{display:none}
.pair{grid-template-columns:1fr;gap:4px;margin-bottom:16px}
.pair .same{display:none}
header{padding:6px 10px}main{padding:8px 10px 32px}}
"""


def rule_words(policy):
    """id -> the rule's mapping, of every file of a policy folder"""
    rules = {}
    for path in sorted(glob.glob(os.path.join(policy, '*.yaml'))):
        with open(path, encoding='utf-8') as f:
            doc = yaml.safe_load(f) or {}
        for r in doc.get('rules') or []:
            rules[r['id']] = r
    return rules


def said(value, lang):
    if isinstance(value, dict):
        return value.get(lang) or next(iter(value.values()), '')
    return value or ''


def marked(text, hits):
    """text with what was hit in it marked; both are plain"""
    out, at = '', 0
    spans = []
    for h in hits:
        i = text.find(h['text'])
        if i >= 0 and h['text']:
            spans.append((i, i + len(h['text'])))
    for a, b in sorted(spans):
        if a < at:
            a = at
        if b <= a:
            continue
        out += html.escape(text[at:a]) + '<mark>' + html.escape(text[a:b]) \
            + '</mark>'
        at = b
    return out + html.escape(text[at:])


def bar(w, lang, current, view):
    pages = (('compare', 'index.html'), ('on', 'on.html'),
             ('off', 'off.html'), ('shadow', 'shadow.html'))
    out = '<header><nav>'
    for name, href in pages:
        out += '<a href="%s"%s>%s</a>' % (
            href, ' aria-current="page"' if name == current else '', w[name])
    out += '<span class="gap"></span>'
    for name in ('feed', 'status', 'log', 'console'):
        if view['links'].get(name):
            out += '<a class="small" href="%s">%s</a>' % (
                html.escape(view['links'][name]), w[name])
    other, text = w['other']
    href = dict(pages)[current]
    out += '<a class="small" href="../%s/%s" lang="%s">%s</a></nav>' % (
        other, href, WORDS[other]['lang'], text)
    return out + '<p>%s</p></header>' % (w['sum'] % view['sum'])


def page(w, body):
    return ('<!DOCTYPE html>\n<html lang="%s"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            '<title>%s</title><style>%s</style></head>\n<body>%s</body>'
            '</html>\n' % (w['lang'], w['title'], STYLE, body))


def right(w, lang, row, rules):
    """what became of a card, with the reason"""
    kind = {'removed': 'gone', 'held': 'wait', 'spare': '',
            'tagged': 'tag', 'masked': 'mask'}.get(row['fate'])
    title = html.escape(row['after'] or row['title'])
    if row['fate'] == 'passed':
        return '<div class="card same">%s</div>' % title
    out = '<div class="card %s"><span class="what">%s</span>' % (
        kind, w[row['fate']])
    if row['fate'] in ('tagged', 'masked'):
        out += '<b>%s</b>' % title
    for rule in dict.fromkeys(h['rule'] for h in row['hits']):
        r = rules.get(rule, {})
        notice = said(r.get('notice'), lang) or said(r.get('title'), lang)
        out += '<div>%s <small><code>%s</code></small></div>' % (
            html.escape(notice), html.escape(rule))
    if row['fate'] == 'held' and not row['hits']:
        out += '<div>%s</div>' % w['nobody']
    return out + '</div>'


def write(folder, view, policy):
    """view: links, sum, rows (slot, title, nick, after, fate, hits)"""
    rules = rule_words(policy)
    for lang, w in WORDS.items():
        os.makedirs(os.path.join(folder, lang), exist_ok=True)
        body = bar(w, lang, 'compare', view) + '<main>'
        slot = None
        for row in view['rows']:
            if row['slot'] != slot:
                slot = row['slot']
                body += '<h2>%s</h2><div class="heads"><span>%s</span>' \
                    '<span>%s</span></div>' % (
                        html.escape(SLOTS.get(slot, {}).get(lang, slot)),
                        w['before'], w['after'])
            body += '<div class="pair"><div class="card"><b>%s</b>' \
                '<small>%s</small></div>%s</div>\n' % (
                    marked(row['title'], row['hits']),
                    marked(row['nick'], row['hits']), right(w, lang, row, rules))
        body += '<footer><p>%s</p><p>%s</p></footer></main>' % (
            w['why'], w['made'])
        out = {'index.html': page(w, body)}
        for name in ('on', 'off', 'shadow'):
            out[name + '.html'] = page(w, bar(w, lang, name, view)
                                       + '<iframe src="%s" title="%s">'
                                       '</iframe>' % (
                                           html.escape(view['pages'][name]),
                                           w[name]))
        for name, text in out.items():
            with open(os.path.join(folder, lang, name), 'w',
                      encoding='utf-8') as f:
                f.write(text)
