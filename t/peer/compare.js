/*
 * compare.js - the HTML scanner against parse5 (tree.js).
 *
 *   node compare.js SCAN_MANY [-n CASES] [-s SEED] [FILE...]
 *   node compare.js SCAN_MANY -t            the table t/fixtures/html/cases
 *
 * Each page goes through scan_many with each of the policies below; items,
 * their places, their fields must be what parse5 says, and the same however
 * the page is cut.  With rules that hit, what leaves must be the page less
 * the ranges of the items that were hit.  FILEs are pages of which pieces are
 * taken with some tags changed.  What differs is made as short as it can be,
 * and printed.
 */

'use strict';

const { spawn } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');

const { tags, site, changed } = require('./pages.js');
const { items } = require('./tree.js');

const POLICIES = {
    every: [
        { match: '*', fields: { title: '.', account: 'p', room: '@a' } }],
    mixed: [
        { match: 'li', fields: { title: 'b', account: 'a.t > i | @x',
                                 room: 'a@href' } },
        { match: 'div > p, td, dd', fields: { title: 'span',
            account: '@class', room: 'svg | b i' } },
        { match: 'table tr', fields: { title: 'td', account: 'td td | th',
                                       room: 'a@href' } },
        { match: 'svg *, math *', fields: { title: '.', account: '@a',
                                            room: 'g | p' } },
        { match: 'select option, ruby, h1, h2, form', fields: { title: '.',
            account: 'input@value', room: 'rt' } }],
    children: [
        { match: ':nth-child(2n+1)', fields: { title: ':nth-child(2)',
            account: 'b:first-child', room: '@a' } },
        { match: 'ul > li:nth-child(-n+2), tr > td:nth-child(2)',
          fields: { title: 'p:not(:first-child)', account: ':not(b):not(.x)',
                    room: '@a' } },
        { match: 'div:not([a]) :not(p):not(li)', fields: { title: '.',
            account: '[a=x]', room: 'a[href^=x]@href' } }],
    cards: [
        { match: 'li.card, li.hot, ul.list > li, .goods-item, '
                 + 'tbody[id^=normalthread], li[class~="j_thread_list"]',
          fields: { title: 'h3.title | .s.xst | a@title | a | em',
                    account: '.nick | cite a | @data-anchor',
                    room: 'a@href' } },
        { match: 'div:not(.x):nth-child(odd) > ul > li, live-card',
          fields: { title: 'h3 | a', account: 'span', room: 'a@href' } },
        { match: 'td:first-child, dd, h2 a[target="_blank"], font, center',
          fields: { title: '.', account: 'b | font', room: 'a@href' } }]
};

const HITS = ['x', 'ab', '中', '热门', '新闻', 'Live'];

function yaml(slots) {
    return JSON.stringify({
        schema: 1, policy: 'peer', defaults: { fold: ['width', 'case'] },
        slots: slots.map((s, i) => ({ name: 's' + i, type: 'html', ...s })),
        rules: [{ id: 'hit', rev: 1, label: 'rumor', match: {
            in: ['title'], boundary: 'none', terms: HITS } }]
    });
}


class Scanner {

    constructor(program, file) {
        this.waiting = [];
        this.text = '';
        this.child = spawn(program, [file],
                           { stdio: ['pipe', 'pipe', 'inherit'] });
        this.child.stdout.setEncoding('utf8');
        this.child.stdout.on('data', d => this.read(d));
        this.child.on('exit', (code, signal) => {
            for (const give of this.waiting) {
                give([`died ${code} ${signal}`]);
            }
        });
    }

    read(data) {
        this.text += data;

        for (let i; (i = this.text.indexOf('\nend\n')) >= 0; ) {
            const lines = this.text.slice(0, i).split('\n');

            this.text = this.text.slice(i + 5);
            this.waiting.shift()(lines);
        }
    }

    scan(page) {
        const bytes = Buffer.from(page);
        const head = Buffer.alloc(4);

        head.writeUInt32LE(bytes.length);
        this.child.stdin.write(head);
        this.child.stdin.write(bytes);

        return new Promise(give => this.waiting.push(give));
    }

    end() {
        this.child.stdin.end();
    }
}


const flat = s => s.replace(/[\s\u00a0\u3000]+/g, ' ').trim();

/* html and body end with the page, whatever parse5 says */

const endless = it => it.name === 'html' || it.name === 'body';

function differences(page, slots, lines) {
    const said = lines.filter(l => /^(cut|died)/.test(l));
    const got = lines.filter(l => l[0] === '{').map(l => JSON.parse(l));
    const want = items(page, slots);
    const count = slots.map(() => 0);
    const bytes = Buffer.from(page);
    const gone = new Uint8Array(bytes.length);

    for (let i = 0; i < Math.max(got.length, want.length); i++) {
        const g = got[i], w = want[i];
        const place = x => x ? `slot ${x.slot}, ${x.start}-${x.end}` : 'none';

        if (!g || !w || g.slot !== w.slot || g.start !== w.start
            || g.index !== count[w.slot]++)
        {
            said.push(`item ${i}: ${place(g)}; wanted ${place(w)}`);
            break;
        }

        if (g.end !== w.end && !endless(w)) {
            said.push(`end of ${w.name} at ${w.start}: ${g.end}; wanted `
                      + w.end);
        }

        for (const name of Object.keys(w.fields)) {
            const a = flat(g.fields[name] || ''), b = flat(w.fields[name]);

            if (a !== b) {
                said.push(`${name} of ${w.name} at ${w.start}: `
                          + `${JSON.stringify(a)}; wanted `
                          + JSON.stringify(b));
            }
        }

        if (g.hits !== 0) {
            gone.fill(1, g.start, g.end);
        }
    }

    const out = lines.find(l => l.startsWith('out '));
    const left = bytes.filter((_, i) => !gone[i]).toString();

    if (out && JSON.parse(out.slice(4)) !== left) {
        said.push('what leaves is not the page less the items hit');
    }

    return said;
}

async function shorten(page, bad) {
    for (let n = page.length >> 1; n > 0; n >>= 1) {
        for (let i = 0; i < page.length; ) {
            const less = page.slice(0, i) + page.slice(i + n);

            if (await bad(less)) {
                page = less;
            } else {
                i += n;
            }
        }
    }

    return page;
}


/* rows of the table: policy, page, items as [slot, start, end, fields...] */

function table() {
    const rows = [];
    const row = (policy, page) => rows.push(JSON.stringify([
        policy, page, items(page, POLICIES[policy]).map(it =>
            [it.slot, it.start, endless(it) ? null : it.end,
             ...Object.values(it.fields).map(flat)])]));

    for (let seed = 1; seed <= 160; seed++) {
        row('every', tags(seed));
        row('mixed', tags(seed + 1000));
        row('children', tags(seed + 2000));
    }

    for (let seed = 0; seed < 20; seed++) {
        row('cards', site(seed));
        row('mixed', site(seed + 20));
    }

    console.log('# made by t/peer/compare.js -t: policy, page, items');
    console.log(JSON.stringify(POLICIES));
    console.log(rows.join('\n'));
}


async function main(args) {
    const program = args.shift();
    const files = [];
    let cases = 2000, seed = Date.now() % 1e9, bad = 0;

    while (args.length !== 0) {
        const a = args.shift();

        if (a === '-t') {
            table();
            return;
        }
        if (a === '-n') {
            cases = +args.shift();
        } else if (a === '-s') {
            seed = +args.shift();
        } else {
            files.push(fs.readFileSync(a, 'utf8'));
        }
    }

    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'moderation-peer-'));
    const scanners = new Map();

    for (const [name, slots] of Object.entries(POLICIES)) {
        const file = path.join(dir, name + '.yaml');

        fs.writeFileSync(file, yaml(slots));
        scanners.set(name, new Scanner(program, file));
    }

    for (let i = 0; i < cases && bad < 10; i++) {
        const k = seed + i;
        const page = i % 8 === 0 ? site(k)
            : i % 8 === 4 && files.length !== 0
            ? changed(files[k % files.length], k) : tags(k);

        for (const [name, scanner] of scanners) {
            const check = async p => differences(p, POLICIES[name],
                                                 await scanner.scan(p));
            const said = await check(page);

            if (said.length === 0) {
                continue;
            }

            const kind = said[0].replace(/[0-9]+/g, '').slice(0, 12);
            const short = await shorten(page, async p =>
                (await check(p)).some(s =>
                    s.replace(/[0-9]+/g, '').startsWith(kind)));

            bad++;
            console.log(`case ${k}, policy ${name}: ${JSON.stringify(short)}`);
            for (const s of (await check(short)).slice(0, 3)) {
                console.log(`    ${s}`);
            }
        }
    }

    for (const s of scanners.values()) {
        s.end();
    }

    fs.rmSync(dir, { recursive: true });
    console.log(`${cases} pages from seed ${seed}: ${bad} differ`);
    process.exitCode = bad ? 1 : 0;
}

main(process.argv.slice(2));
