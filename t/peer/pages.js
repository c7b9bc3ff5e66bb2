/*
 * pages.js - pages from a seed: random tags of all kinds, pages as sites
 * write them, and pages with tags deleted, doubled, swapped.
 */

'use strict';

function random(seed) {
    let s = (seed * 2654435761 + 12345) >>> 0 || 1;
    const next = () => {
        s = (s ^ s << 13) >>> 0;
        s = (s ^ s >>> 17) >>> 0;
        s = (s ^ s << 5) >>> 0;
        return s / 4294967296;
    };

    return {
        below: n => Math.floor(next() * n),
        chance: p => next() < p,
        pick: a => a[Math.floor(next() * a.length)]
    };
}

const words = s => s.trim().split(/\s+/);

const TAGS = {
    format: words('a b big code em font i nobr s small strike strong tt u'),
    block: words(`div p ul ol li dl dd dt h1 h2 section address article
        blockquote center pre listing form fieldset details summary main dir
        menu nav`),
    table: words(`table tr td th tbody thead tfoot caption col colgroup`),
    select: words(`select option optgroup input button textarea keygen hr`),
    /* noframes in the body is not as in the standard in Debian's parse5 7.1;
       noscript is read both ways, which parse5 does not: without them */
    raw: words(`script style title textarea xmp iframe noembed plaintext`),
    foreign: words(`svg math g path foreignObject desc title mi mo mtext
        annotation-xml mglyph malignmark font image`),
    head: words(`html head body meta link base frameset frame`),
    other: words(`template span br img wbr ruby rt rp rb rtc object applet
        marquee x-card image param source embed area var sub sup dialog
        option p li b a`)
};

/* which tags stand together */

const POOLS = [
    Object.values(TAGS).flat(),
    [...TAGS.format, ...words('div p li ul span table td')],
    [...TAGS.table, ...TAGS.table,
     ...words('a b p div form input select option template script')],
    [...TAGS.block, ...words('a b span button')],
    [...TAGS.foreign,
     ...words('p div b li table td script style select template br')],
    [...TAGS.select, ...words('table tr td p div b template script')],
    [...TAGS.head, ...TAGS.raw, ...words('template p div b table span')],
    [...TAGS.other, ...TAGS.other, ...words('p div li ul table tr td')]
];

const DOCTYPES = [
    '<!doctype html>', '<!doctype>', '<!-- c --><!doctype html>',
    ' \n<!doctype html>',
    '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">',
    '<!DOCTYPE html SYSTEM "about:legacy-compat">',
    '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "x">',
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "x">'
];

const NAMES = ['a', 'class', 'href', 'x', 'id', 'value', 'A', 'type',
               'encoding', 'color', 'a"b', 'data-x', '=', 'xlink:href'];

const VALUES = ['x', 'y z', 't', 'hidden', 'text/html', 'x&amp;y', 'a>b',
                '&lt', '&ampx', '&amp=', 'x-1', '', 'X'];

const TEXTS = ['t', 'ab', ' ', '\n', 'x y', '中', 'é𝒳', '1', '\t', '&nbsp;',
               '&amp;', '&lt;b&gt;', '&#65;', '&#x4e2d', '&notit;', '&ampx',
               '&#0;', '&#x80;', '&', '\r\n', '\r', '&zzz;', '&not', '\u3000',
               '\0', 'a\0b'];

const MARKS = ['<!-- c -->', '<!---->', '<!-->', '<!--->', '<!-- <p> -->',
               '<!--x--!>', '<!-- -- > -->', '<!x>', '<?php ?>', '</ x>',
               '</>', '<![CDATA[x<b>]]>', '<![CDATA[]]]]>', '<!doctype html>',
               '<!--', '<!', '<', '< p>', '<3', '</', '<a', '</p', '<p x="',
               '<!--<!---->', '<p\0>', '<p a\0=\0b>', '<!--\0-->'];

function attribute(r) {
    const k = r.pick(NAMES), v = r.pick(VALUES);

    return r.pick([` ${k}`, ` ${k}="${v}"`, ` ${k}='${v}'`,
                   ` ${k}=${v.replace(/[ >]/g, '')}`, ` ${k} = "${v}"`,
                   `\n${k}="${v}"`, `/${k}="${v}"`, ` ${k}="${v}"${k}=z`,
                   ` ${k}=`, ` ${k}=""`]);
}

/* tags in any order */

function tags(seed) {
    const r = random(seed);
    const pool = r.pick(POOLS);
    const open = [];
    const any = t => r.chance(.1) ? t.toUpperCase() : t;
    let s = r.chance(.3) ? r.pick(DOCTYPES) : '';

    for (let i = 1 + r.below(r.chance(.2) ? 60 : 14); i > 0; i--) {
        const what = r.below(100);

        if (what < 42) {
            const t = r.pick(pool);

            open.push(t);
            s += '<' + any(t);
            while (r.chance(.25)) {
                s += attribute(r);
            }
            s += r.pick(['>', '>', '>', '>', '>', '>', '/>', ' >', '\n>']);

        } else if (what < 68) {
            const t = open.length === 0 || r.chance(.25) ? r.pick(pool)
                : r.chance(.7) ? open.pop() : r.pick(open);

            s += '</' + any(t)
                 + r.pick(['>', '>', '>', '>', ' >', '/>', ' x="a>b">']);

        } else if (what < 87) {
            s += r.pick(TEXTS);

        } else if (what < 95) {
            s += r.pick(MARKS);

        } else {
            s += r.pick(['<script>', '<style>', '<title>', '<textarea>'])
                 + r.pick(['x', '<!--', '<!--<script>', '<b>', '</scr',
                           '</p>', '</title', '&amp;', '-->', ''])
                 + r.pick(['</script>', '</style>', '</title>',
                           '</textarea>', '</script >', '</TITLE/>']);
        }
    }

    return r.chance(.1) ? s.slice(0, r.below(s.length)) : s;
}


/* pages as sites write them */

const WORDS = words(`直播 今日 热门 推荐 游戏 音乐 户外 新闻 体育 科技 图片
    视频 评论 首页 登录 在线 主播 房间 频道 专题 论坛 作者 时间 New Hot Live
    2024 【图】 “双引号” （括号） & < &amp; &nbsp; &lt;b&gt; &ldquo;x&rdquo;
    &#8220;q&#8221; &middot; &copy;2019 &raquo; &hellip;`);

function site(seed) {
    const r = random(seed * 31 + 5);
    const n = 5 + r.below(12);
    const text = most => Array.from({ length: 1 + r.below(most) },
                                    () => r.pick(WORDS)).join('');
    const plain = most => text(most).replace(/["'<> &;#]/g, '');
    const url = () => r.pick(['/room/' + r.below(9999),
        'http://x.example/?a=1&b=2&copy=3', 'javascript:;', '#',
        '//v.example/' + r.below(99) + '.html?x=1&amp;y=2']);
    const quoted = v => r.chance(.7) ? `"${v}"` : r.chance(.5) ? `'${v}'`
        : /^[^\s"'<>`=]+$/.test(v) ? v : `"${v}"`;
    const maybe = (p, s) => r.chance(p) ? s : '';
    const many = (k, f) => Array.from({ length: k }, (_, i) => f(i)).join('');
    const mix = (k, list) => many(k, () => r.pick(list())());
    const head = `<!DOCTYPE html>\n<html lang=zh-CN>\n<head>\n<meta `
        + `charset="utf-8">\n<title>${text(3)}</title>\n<link rel=stylesheet `
        + `href=/a.css>\n<script>var a="<li class=card>";if(1<2&&3>2){`
        + `document.write("<div>");}</script>\n<style>.a>b{content:"</x>"}`
        + `</style>\n`;

    const portal = () => head + '</head><body>\n<div id=nav><ul>'
        + many(n, () => `<li><a href=${quoted(url())}>${text(1)}</a>\n`)
        + '</ul></div>\n'
        + many(n, i => `<div class="mod ${r.pick(['left', 'wide cf'])}"><h2>`
            + `<a href=${quoted(url())} target="_blank">${text(2)}</a><span `
            + `class=more><a href=#>&gt;&gt;</a></span></h2>\n<ul class="list `
            + `list-${i}">`
            + many(1 + r.below(6), () => `<li${maybe(.2, ' class="hot"')}><a `
                + `href=${quoted(url())} title=${quoted(plain(3))}>`
                + (r.chance(.2) ? `<b>${text(2)}</b>` : text(4))
                + `</a>${maybe(.3, '<i class=icon></i>')}<span>`
                + `${r.below(12)}</span>${maybe(.6, '</li>')}\n`)
            + '</ul></div>\n')
        + '</body></html>\n';

    const shop = () => `<!doctype html><meta charset=utf-8><title>${text(2)}`
        + `</title><div id=app data-server-rendered=true><div class=grid>`
        + many(2 * n, i => `<div class="goods-item${i % 3 ? '' : ' first'}" `
            + `data-sku=${r.below(99999)}><a href=${quoted(url())}><img `
            + `src=//img/${i}.jpg alt=${quoted(plain(2))}></a><div `
            + `class=p-name><a href=${quoted(url())}><em>${text(4)}</em></a>`
            + `</div><div class=p-shop><span><a class=shop>${text(2)}</a>`
            + `</span></div></div>`)
        + `</div></div><script>window.__INITIAL_STATE__={"a":"<\\/script>",`
        + `"l":[{"t":"x"}]}</script>`;

    const forum = () => DOCTYPES[7] + '\n<html><head><title>论坛</title>'
        + '</head><body>\n<form method="post" action="x"><table '
        + 'cellspacing="0">\n'
        + many(n, () => `<tbody id="normalthread_${r.below(99999)}">\n<tr>\n`
            + `<td class="icn"><a href=${quoted(url())}><img src="x.gif" />`
            + `</a></td>\n<th class="common">\n<em>[<a href=${quoted(url())}>`
            + `${text(1)}</a>]</em> <a href=${quoted(url())} class="s xst">`
            + `${text(4)}</a>${maybe(.3, '<img src=a.gif />')}\n`
            + `${maybe(.7, '</th>')}\n<td class="by"><cite><a href="u">`
            + `${text(1)}</a></cite>\n</td>\n</tr>\n${maybe(.8, '</tbody>')}`)
        + '</table><input type=hidden name=x></form></body></html>';

    const old = () => `<HTML><HEAD><TITLE>${text(2)}</TITLE>\n<META `
        + `CONTENT="text/html"></HEAD>\n<BODY BGCOLOR=#FFFFFF><CENTER>\n`
        + `<TABLE WIDTH=760 BORDER=0><TR><TD VALIGN=TOP><FONT SIZE=2>\n`
        + mix(n, () => [
            () => `<LI><A HREF=${url()}><FONT COLOR=blue>${text(3)}</FONT></A>`
                  + `<BR>\n`,
            () => `<P><B>${text(2)}<P>${text(5)}<BR>\n`,
            () => `<FONT SIZE=+1>${text(2)}<CENTER>${text(1)}</FONT></CENTER>`,
            () => `<TR><TD><FONT SIZE=2>${text(3)}<TD ALIGN=RIGHT>9\n`,
            () => `<TABLE><TR><TD>${text(1)}<TR><TD><A HREF='${url()}'>`
                  + `${text(2)}</A></TABLE>`,
            () => `<DL><DT>${text(1)}<DD>${text(3)}<DT>q<DD><UL><LI>a<LI>b`
                  + `</UL></DL>`,
            () => `<MARQUEE scrollamount=3>${text(3)}</MARQUEE><HR>`,
            () => `<A HREF=x><IMG SRC=a.gif></A>&nbsp;<NOBR>${text(1)}</NOBR>`,
            () => `<FORM ACTION=s><TR><TD><INPUT NAME=q><SELECT><OPTION>a`
                  + `<OPTION SELECTED>${text(1)}</SELECT></TR></FORM>`])
        + `</FONT></TD></TR></TABLE></CENTER></BODY></HTML>`;

    const live = () => head + `</head><body><div id="root"><ul id="first">`
        + many(n, () => `<li class="card${maybe(.2, ' is-pk')}" data-anchor="`
            + `${r.below(9999)}"${maybe(.2, ' hidden')}><a href="/room/`
            + `${r.below(999)}"${maybe(.3, ' data-x=">"')}>`
            + r.pick([`<picture><source srcset=a.webp><img src=a.jpg alt="`
                      + `${plain(1)}"></picture>`,
                      `<svg viewBox="0 0 8 8"><title>icon</title><defs><style>`
                      + `.a{fill:#fff}</style><clipPath id=c><path d="M0 0"/>`
                      + `</clipPath></defs><use xlink:href="#x"></use>`
                      + `<foreignObject><p>f</p></foreignObject></svg>`])
            + `<h3 class="title">${maybe(.3, `<em>${text(1)}</em>`)}${text(3)}`
            + `${maybe(.2, '<!-- x -->')}</h3><span class="nick">${text(1)}`
            + `</span></a>${maybe(.6, '</li>')}`)
        + `</ul></div><script id="__NEXT_DATA__" type="application/json">`
        + `{"l":[{"t":"<b>"}]}</script></body></html>`;

    const components = () => head + '<body>'
        + many(n, () => `<live-card room=${r.below(99)}><template `
            + `shadowrootmode="open"><style>:host{}</style><slot name=t></slot>`
            + `<li class=card><b>${text(1)}</b></li></template><h3 slot=t>`
            + `${text(2)}</h3><x-badge${maybe(.5, ' new')}/>`
            + `${maybe(.5, '</x-badge>')}</live-card>`)
        + `<template id=tpl><tr><td>${text(1)}</td></tr><li>x</template>`
        + `<dialog open><p>${text(1)}</dialog>`;

    const unclosed = () => '<ul>' + mix(2 * n, () => [
        () => '<li>' + text(2), () => '</ul>', () => '<ol><li><b>q</b>',
        () => `<li><a href=x class=t><i>${text(1)}</i></a>`,
        () => `<li><p>${text(2)}<p>${text(1)}`, () => '</ol>',
        () => '<ul><li>' + text(1), () => `<dl><dt>a<dd>${text(1)}<dd>b`,
        () => '</dl>', () => `<table><tr><td>${text(1)}<td>b<tr><th>x`,
        () => '</table>', () => '<div>', () => '</div>', () => '</p>',
        () => `<option>${text(1)}`, () => '<h2>' + text(1), () => '</h2>',
        () => `<b>${text(1)}`, () => '</b>']);

    const editor = () => head + '<body>' + many(3 * n, () => r.pick([
        '<div>', '</div>', '<p>', '</p>', '<b>', '</b>', '<font color=red>',
        '</font>', '<strong>', '</strong>', '<span style="x">', '</span>',
        `<a href="${url()}">`, '</a>', text(2), text(1), '<br />', '<br>',
        '<img src=x>', '<li>', '</li>', '<ul>', '</ul>', '<center>',
        '</center>', '<blockquote>', '</blockquote>', '<u>', '</u>', '<em>',
        '</em>', '</br>', '<table><tr><td>', '</td></tr></table>',
        '<o:p></o:p>', '<!--[if IE]><p>x</p><![endif]-->', '<![if !IE]>',
        '<h3>', '</h3>', '<button>', '</button>', '<label>', '</label>',
        '<iframe src=x></iframe>', '<noscript><img src=x></noscript>',
        '<nobr>', '</nobr>', '<s>', '</s>']));

    const application = () => head + '<body><form>' + mix(n, () => [
        () => `<label>a<select name=a><optgroup label=x><option value=1>`
              + `${text(1)}<option selected>b</optgroup><option>z</select>`
              + `</label>`,
        () => `<textarea>\n${text(2)}</textarea>`,
        () => `<fieldset><legend>${text(1)}</legend><input type=radio>b`
              + `</fieldset>`,
        () => `<ruby>漢<rp>(</rp><rt>hàn</rt><rp>)</rp>字<rt>zì</ruby>`,
        () => `<math><mi>x</mi><mo>&lt;</mo><mtext><b>${text(1)}</b></mtext>`
              + `<annotation-xml encoding="text/html"><p>q</p>`
              + `</annotation-xml></math>`,
        () => `<details><summary>${text(1)}</summary><p>${text(2)}</details>`,
        () => `<table><caption>${text(1)}<colgroup><col></colgroup><thead><tr>`
              + `<th>a<tbody><tr><td>${text(1)}<tfoot><tr><td>3</table>`,
        () => `<video controls><source src=a><track src=b>${text(1)}</video>`,
        () => `<object data=x><param name=a><p>${text(1)}</object>`,
        () => `<pre>\n\n${text(2)}</pre>`, () => '</form><form>']);

    const layout = () => '<html><body><table><tr>' + mix(2 * n, () => [
        () => '<td>' + text(2), () => '</td>', () => '<tr>', () => '</tr>',
        () => '<div>' + text(1) + '</div>', () => text(1),
        () => '<form action=x>', () => '</form>', () => '<input type=hidden>',
        () => '<input type=text>', () => `<a href=x>${text(1)}</a>`,
        () => '<b>' + text(1), () => '</b>', () => '</table>',
        () => '<table><tr><td>' + text(1), () => '<tbody>', () => '</tbody>',
        () => '<script>x</script>', () => '<p>' + text(1),
        () => '<select><option>a<option>b</select>', () => '<caption>c',
        () => '<span>' + text(1), () => '</span>', () => '<br>',
        () => '<td><ul><li>' + text(1) + '<li>x</ul>']) + '</table>';

    return [portal, shop, forum, old, live, components, unclosed, editor,
            application, layout][seed % 10]();
}


/* a piece of a page with some of its tags changed */

function changed(page, seed) {
    const r = random(seed * 7 + 3);
    let parts = page.match(/<!--[^]*?-->|<\/?[a-zA-Z][^>]*>|[^<]+|</g) || [];

    if (parts.length > 3000) {
        const at = r.below(parts.length - 3000);

        parts = (r.chance(.5) ? parts.slice(0, 30) : [])
            .concat(parts.slice(at, at + 200 + r.below(2800)));
    }

    const at = [...parts.keys()].filter(i => parts[i][0] === '<');

    for (let n = at.length ? 1 + r.below(30) : 0; n > 0; n--) {
        const i = r.pick(at), k = r.pick(at);
        const t = parts[i];

        switch (r.below(8)) {
        case 0: case 1: parts[i] = ''; break;
        case 2: parts[i] = t + t; break;
        case 3: [parts[i], parts[k]] = [parts[k], t]; break;
        case 4: parts[i] = t.toUpperCase(); break;
        case 5: parts[i] = t.replace(/"/g, ''); break;
        case 6: parts[i] = t.slice(0, r.below(t.length)); break;
        default: parts[i] += tags(r.below(1e6));
        }
    }

    return parts.join('');
}

module.exports = { random, tags, site, changed };
