/*
 * tree.js - what parse5 (an independent parser) says of the items of a page.
 *
 * parse5 builds a tree; here it is asked for its stack of open elements
 * instead, since that is what docs/design.md speaks of: the parents of an
 * element are the open elements, an item has a start tag in the source, what
 * tree construction clones or moves is neither.  An element ends where it
 * leaves the stack: behind its own end tag, or where the token begins that
 * closes it.  Scripting is off.
 *
 * parse5 7 differs from the standard in three places, which are set right:
 * "in table scope" ends at template, </tbody> in a row without one is ignored,
 * and select takes any content, as in browsers since 2025 (class Select).
 *
 * Text is what a browser shows by its default styles: blocks are apart, what
 * stands in for video and the like is none.
 */

'use strict';

const { Parser, Token, defaultTreeAdapter, html } = require('parse5');
const css = require('css-what');

const HTML = html.NS.HTML;
const TAG = html.TAG_ID;
const IN_ROW = 13;

const IN_SELECT = [15, 16];             // insertion modes
const IN_TABLE = [8, 12, 13];

const GIVES_NO_TEXT = ['script', 'style'];
const QUIET = `rt rp audio canvas datalist iframe noembed noframes noscript
    object title video`.split(/\s+/);
const BLOCKS = `html body address blockquote center dialog div figure
    figcaption footer form header hr legend listing main p plaintext pre
    search xmp article aside h1 h2 h3 h4 h5 h6 hgroup nav section dir dd dl dt
    menu ol ul li table caption colgroup tbody thead tfoot tr td th fieldset
    details summary optgroup option frameset`.split(/\s+/);

const ROWS = new RegExp('^(?:[ \\t\\n\\f\\r]|<!--(?:-?>|(?!-?>)[^]*?--!?>))*<(caption|col|colgroup|tbody|tfoot|'
                        + 'thead|tr|td|th)[ \\t\\n\\f\\r/>]', 'i');

const FOREIGN_QUIET = {
    [html.NS.SVG]: ['title', 'desc', 'metadata'],
    [html.NS.MATHML]: ['annotation', 'annotation-xml']
};

const is_quiet = n => n.ns !== HTML
    ? (FOREIGN_QUIET[n.ns] || []).includes(n.name)
    : (QUIET.includes(n.name) || n.attrs.has('hidden')
        || (n.name === 'dialog' && !n.attrs.has('open')));
const is_block = n => n.ns === HTML && BLOCKS.includes(n.name)
    && !is_quiet(n);

/* a template is no part of the page, but for a shadow root */

const is_inert = n => n.ns === HTML && n.name === 'template'
    && !/^(open|closed)$/i.test(n.attrs.get('shadowrootmode') || '');

/* what ends "in scope" (WHATWG HTML, 13.2.4.2) */
const SCOPE = {
    [HTML]: `applet caption html table td th marquee object select template`,
    [html.NS.MATHML]: `mi mo mn ms mtext annotation-xml`,
    [html.NS.SVG]: `foreignObject desc title`
};

for (const ns of Object.keys(SCOPE)) {
    SCOPE[ns] = SCOPE[ns].split(' ');
}
const SPACE = /[ \t\n\f\r]+/;


class Stack extends Parser {

    constructor(...args) {
        super(...args);

        this.nodes = new Map();         // of parse5 elements
        this.order = [];
        this.clock = 0;                 // of texts
        this.pending = null;            // what is about to be attached
        this.token = null;

        const open = this.openElements;
        const replace = open.replace.bind(open);
        const insertAfter = open.insertAfter.bind(open);

        open.replace = (old, element) => {
            this.addClone(element, this.nodes.get(old), 0);
            replace(old, element);
            this.close(old);
        };

        open.insertAfter = (block, element, id) => {
            const below = this.nodes.get(block);

            this.addClone(element, this.lastClosed, below.children);
            below.children = 1;
            insertAfter(block, element, id);
        };

        const scope = more => id => this.inScope(
            e => e.ns === HTML && e.id === id, more);

        open.hasInScope = scope([]);
        open.hasInListItemScope = scope(['ol', 'ul']);
        open.hasInButtonScope = scope(['button']);
        open.hasNumberedHeaderInScope = () => this.inScope(
            e => e.ns === HTML && /^h[1-6]$/.test(e.name), []);

        /* there is no mode for select */

        let mode = this.insertionMode;

        Object.defineProperty(this, 'insertionMode', {
            get: () => mode,
            set: v => { mode = IN_SELECT.includes(v) ? mode : v; }
        });

        open.hasInTableScope = id => this.inTableScope(id);
        open.hasTableBodyContextInTableScope = () =>
            [TAG.TBODY, TAG.THEAD, TAG.TFOOT].some(
                id => this.inTableScope(id));
    }

    inScope(is, more) {
        const open = this.openElements;

        for (let i = open.stackTop; i >= 0; i--) {
            const name = this.treeAdapter.getTagName(open.items[i]);
            const ns = this.treeAdapter.getNamespaceURI(open.items[i]);

            if (is({ name, ns, id: open.tagIDs[i] })) {
                return true;
            }
            if ((SCOPE[ns] || []).includes(name)
                || (ns === HTML && more.includes(name)))
            {
                return false;
            }
        }

        return false;
    }

    /* "reset the insertion mode" goes on below a select */

    _resetInsertionModeForSelect(at) {
        const open = this.openElements;
        const top = open.stackTop;
        const { items, tagIDs } = open;

        open.items = items.slice(0, at);
        open.tagIDs = tagIDs.slice(0, at);
        open.stackTop = at - 1;
        this._resetInsertionMode();
        open.items = items;
        open.tagIDs = tagIDs;
        open.stackTop = top;
    }

    /* start tags that end something in a select; true: nothing more to do */

    select(token) {
        const open = this.openElements;

        if (this.currentNotInHTML || !open.hasInScope(TAG.SELECT)) {
            return false;
        }

        switch (token.tagID) {

        case TAG.SELECT:
            open.popUntilTagNamePopped(TAG.SELECT);
            return true;

        case TAG.INPUT:
            if (!IN_TABLE.includes(this.insertionMode)
                || !token.attrs.some(a => a.name === 'type'
                                     && a.value.toLowerCase() === 'hidden'))
            {
                open.popUntilTagNamePopped(TAG.SELECT);
            }
            return false;

        case TAG.HR:
            if (open.hasInButtonScope(TAG.P)) {
                this._closePElement();
            }
            open.generateImpliedEndTags();
            return false;

        case TAG.OPTION:
            open.generateImpliedEndTagsWithExclusion(TAG.OPTGROUP);
            return false;

        case TAG.OPTGROUP:
            open.generateImpliedEndTags();
            return false;

        default:
            return false;
        }
    }

    inTableScope(id) {
        const open = this.openElements;

        for (let i = open.stackTop; i >= 0; i--) {
            if (this.treeAdapter.getNamespaceURI(open.items[i]) !== HTML) {
                continue;
            }
            if (open.tagIDs[i] === id) {
                return true;
            }
            if ([TAG.TABLE, TAG.HTML, TAG.TEMPLATE].includes(
                open.tagIDs[i])) {
                return false;
            }
        }

        return true;
    }

    above() {
        const open = this.openElements;

        return open.items.slice(0, open.stackTop + 1)
            .map(e => this.nodes.get(e)).filter(n => n !== undefined);
    }

    add(element, token, kind, above) {
        const parent = above[above.length - 1];
        const attrs = new Map();

        for (const a of token ? token.attrs : []) {
            const name = ((a.prefix ? a.prefix + ':' : '') + a.name)
                .toLowerCase();

            if (!attrs.has(name)) {
                attrs.set(name, a.value);
            }
        }

        const node = {
            kind, above, attrs,
            name: this.treeAdapter.getTagName(element).toLowerCase(),
            ns: this.treeAdapter.getNamespaceURI(element),
            children: 0,
            child: parent ? ++parent.children : 1,
            start: token ? token.location.startOffset : -1,
            tagEnd: token ? token.location.endOffset : -1,
            end: -1,
            open: true,
            texts: [],
            closed: Infinity
        };

        if (is_block(node)) {
            this.give('\n');
        }

        this.nodes.set(element, node);
        this.order.push(node);

        return node;
    }

    addClone(element, of, children) {
        this.nodes.set(element, {
            ...of, kind: 'clone', children, texts: [], open: true, end: -1,
            closed: Infinity
        });
    }

    close(element) {
        const node = this.nodes.get(element);

        if (!node || !node.open) {
            return;
        }

        const { type, tagName, location } = this.token;
        const own = type === Token.TokenType.END_TAG
                    && tagName.toLowerCase() === node.name;

        node.open = false;
        node.closed = this.clock;
        node.end = Math.max(own ? location.endOffset : location.startOffset,
                            node.tagEnd);

        if (is_block(node)) {
            this.give('\n');
        }
    }

    attach(token, kind, insert) {
        this.pending = [token, kind, this.above()];
        insert();
        return this.attached;
    }

    _attachElementToTree(element, ...more) {
        super._attachElementToTree(element, ...more);

        if (this.pending !== null) {
            const [token, kind, above] = this.pending;

            this.pending = null;
            this.attached = this.add(element, token, kind, above);

            if (kind === 'clone') {
                this.attached.child = this.original.child;
            }
        }
    }

    _insertElement(token, ns) {
        this.attach(token, this.original ? 'clone' : 'tag',
                    () => super._insertElement(token, ns));
    }

    _insertTemplate(token) {
        this.attach(token, 'tag', () => super._insertTemplate(token));
    }

    _insertFakeElement(name, id) {
        this.attach(null, 'implied',
                    () => super._insertFakeElement(name, id));
        if (name === 'br') {
            this.give(' ');
        }
    }

    _insertFakeRootElement() {
        super._insertFakeRootElement();
        this.add(this.openElements.current, null, 'implied', []);
    }

    _appendElement(token, ns) {
        const node = this.attach(token, 'tag',
                                 () => super._appendElement(token, ns));

        node.open = false;
        node.closed = this.clock;
        node.end = node.tagEnd;

        if (node.name === 'br') {
            this.give(' ');
        }
    }

    _reconstructActiveFormattingElements() {
        const list = this.activeFormattingElements.entries;
        let i = list.findIndex(
            e => !e.element || this.openElements.contains(e.element));

        for (i = (i < 0 ? list.length : i) - 1; i >= 0; i--) {
            this.original = this.nodes.get(list[i].element);
            this._insertElement(list[i].token, this.original.ns);
            this.original = null;
            list[i].element = this.openElements.current;
        }
    }

    /* text goes to every open element, but not out of rt, rp, script, style */

    give(text) {
        const above = this.above();
        const piece = [this.clock++, text];

        if (above.some(is_inert)) {
            return;
        }

        for (let n = above.pop(); n !== undefined; n = above.pop()) {
            const silent = GIVES_NO_TEXT.includes(n.name);

            if (!silent) {
                n.texts.push(piece);
            }
            if (silent || is_quiet(n)) {
                return;
            }
        }
    }

    _insertCharacters(token) {
        this.give(token.chars);
        super._insertCharacters(token);
    }

    onItemPop(element, isTop) {
        super.onItemPop(element, isTop);
        this.lastClosed = this.nodes.get(element);
        this.close(element);
    }

    onEndTag(token) {
        this.token = token;

        if (this.insertionMode === IN_ROW && !this.currentNotInHTML
            && [TAG.TBODY, TAG.THEAD, TAG.TFOOT].includes(token.tagID)
            && !this.inTableScope(token.tagID))
        {
            return;
        }

        if (token.tagID === TAG.SELECT && !this.currentNotInHTML) {
            if (this.openElements.hasInScope(TAG.SELECT)) {
                this.openElements.generateImpliedEndTags();
                this.openElements.popUntilTagNamePopped(TAG.SELECT);
            }
            return;
        }

        super.onEndTag(token);
    }

    onStartTag(token) {
        this.token = token;

        if (!this.select(token)) {
            super.onStartTag(token);
        }
    }
}

for (const on of ['onCharacter', 'onWhitespaceCharacter', 'onNullCharacter',
                  'onEof'])
{
    Stack.prototype[on] = function (token) {
        this.token = token;
        Parser.prototype[on].call(this, token);
    };
}


/* selectors, compound by compound over the open elements */

const parsed = new Map();

function parse(text) {
    let list = parsed.get(text);

    if (list === undefined) {
        list = css.parse(text).map(tokens => {
            const x = { compounds: [[]], child: [] };

            for (const t of tokens) {
                if (t.type === 'descendant' || t.type === 'child') {
                    x.child.push(t.type === 'child');
                    x.compounds.push([]);
                } else {
                    x.compounds[x.compounds.length - 1].push(t);
                }
            }
            return x;
        });
        parsed.set(text, list);
    }

    return list;
}

function isNth(formula, child) {
    const f = formula.replace(/\s/g, '').toLowerCase()
        .replace(/^odd$/, '2n+1').replace(/^even$/, '2n');
    const m = /^([+-]?\d*)n([+-]\d+)?$/.exec(f);
    const a = !m ? 0 : /\d/.test(m[1]) ? +m[1] : m[1] === '-' ? -1 : 1;
    const d = child - (m ? +(m[2] || 0) : +f);

    return a === 0 ? d === 0 : d % a === 0 && d / a >= 0;
}

function isAttribute(t, attrs) {
    const lower = s => t.ignoreCase === true
        ? s.replace(/[A-Z]/g, c => c.toLowerCase()) : s;
    let a = attrs.get(t.name.toLowerCase());

    if (a === undefined) {
        return false;
    }

    a = lower(a);
    const v = lower(t.value);

    switch (t.action) {
    case 'exists':  return true;
    case 'equals':  return a === v;
    case 'hyphen':  return a === v || a.startsWith(v + '-');
    case 'element': return v !== '' && a.split(SPACE).includes(v);
    case 'start':   return v !== '' && a.startsWith(v);
    case 'end':     return v !== '' && a.endsWith(v);
    case 'any':     return v !== '' && a.includes(v);
    default:        throw new Error(`operator ${t.action}`);
    }
}

function isCompound(compound, node) {
    return compound.every(t => {
        switch (t.type) {
        case 'universal': return true;
        case 'tag':       return node.name === t.name.toLowerCase();
        case 'attribute': return isAttribute(t, node.attrs);
        default:
            if (t.name === 'not') {
                return !t.data.some(c => isCompound(c, node));
            }
            return isNth(t.name === 'first-child' ? '1' : t.data, node.child);
        }
    });
}

function matches(text, node, above) {
    const up = (x, k, at) => {
        for (let i = at; k >= 0 && i >= 0; i--) {
            if (isCompound(x.compounds[k], above[i]) && up(x, k - 1, i - 1)) {
                return true;
            }
            if (x.child[k]) {
                return false;
            }
        }
        return k < 0;
    };

    return parse(text).some(x =>
        isCompound(x.compounds[x.compounds.length - 1], node)
        && up(x, x.compounds.length - 2, above.length - 1));
}


/* the byte at which each UTF-16 unit of s begins */

function byteOffsets(s) {
    const at = new Uint32Array(s.length + 1);
    let n = 0;

    for (let i = 0; i < s.length; i++) {
        const c = s.codePointAt(i);

        at[i] = n;
        n += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        if (c > 0xffff) {
            at[++i] = n;
        }
    }

    at[s.length] = n;

    return at;
}

/* "sel@attr | .": the places of a field */

function places(field) {
    return field.split('|').map(s => {
        const m = /^(.*?)(?:@([\w:-]+))?$/.exec(s.trim());

        return { selector: m[1] === '.' ? '' : m[1],
                 attr: (m[2] || '').toLowerCase() };
    });
}

function read(node, attr, until) {
    return attr !== '' ? node.attrs.get(attr) || ''
        : node.texts.filter(t => t[0] < until).map(t => t[1]).join('');
}

/*
 * The items of a page in page order: {slot, start, end, name, fields}; slots
 * are {match, fields: {name: "sel@attr | ..."}}.
 */

function items(page, slots) {
    const p = new Stack({ sourceCodeLocationInfo: true,
                          scriptingEnabled: false,
                          treeAdapter: defaultTreeAdapter });
    const at = byteOffsets(page);
    const live = [];

    /* rows and cells alone are read as parts of a table */

    const before = ROWS.test(page) ? '<html><head></head><body><table>' : '';

    p.tokenizer.write(before + page, true);

    for (const node of p.order) {
        node.start -= before.length;
        node.end -= node.end < 0 ? 0 : before.length;
        node.kind = node.start < 0 && node.kind === 'tag' ? 'implied'
            : node.kind;
    }

    for (const node of p.order) {
        const mine = [];

        if (node.kind === 'clone'
            || node.above.some(is_inert))
        {
            continue;
        }

        slots.forEach((slot, k) => {
            if (node.kind === 'tag' && matches(slot.match, node, node.above)) {
                mine.push({ slot: k, node, found: new Map() });
            }
        });

        for (const it of live) {
            const above = node.above.slice(node.above.indexOf(it.node) + 1);

            if (!node.above.includes(it.node)) {
                continue;
            }

            for (const field of Object.values(slots[it.slot].fields)) {
                for (const { selector } of places(field)) {
                    if (selector !== '' && !it.found.has(selector)
                        && matches(selector, node, above))
                    {
                        it.found.set(selector, node);
                    }
                }
            }
        }

        live.push(...mine);
    }

    return live.map(({ slot, node, found }) => {
        const fields = {};

        for (const [name, field] of Object.entries(slots[slot].fields)) {
            fields[name] = places(field).reduce((text, { selector, attr }) => {
                const n = selector === '' ? node : found.get(selector);

                return text.replace(/[ \t\n\f\r]/g, '') !== '' || !n
                    ? text : read(n, attr, node.closed);
            }, '');
        }

        return { slot, fields, name: node.name, start: at[node.start],
                 end: node.end < 0 ? at[page.length] : at[node.end] };
    });
}

module.exports = { items };
