/* console.js - drives headless Chromium over the desk for t/63-console.t and t/63-hostile.t.  Pictures go to the folder given.
 * node console.js PORT MODULES PICTURES STEP */
"use strict";
const {open, leave, find_axe, ok, base, pictures, drive, patience, press, toast} = require("./drive.js");

const title = p => p.locator("#work h1").innerText();
const settled = (p, old) => p.waitForFunction(o => document.querySelector("#work h1") && document.querySelector("#work h1").textContent !== o, old);

const steps = {
  async keys(b) {
    const p = await open(b, "alice"), q = await open(b, "r1");
    await p.goto(base + "/moderation/queue");
    ok(/队列/.test(await p.title()), "the queue, in Chinese", await p.title());
    await p.screenshot({path: pictures + "/queue-zh.png"});
    const en = await open(b, "bob", {locale: "en-US"});
    await en.goto(base + "/moderation/queue");
    await en.screenshot({path: pictures + "/queue-en.png"});
    await leave(en);
    await en.context().close();
    const first = await title(p);
    await p.keyboard.press("j");
    await settled(p, first);
    ok(await title(p) !== first, "J: the next card", await title(p));
    const second = await title(p);
    await p.keyboard.press("k");
    await settled(p, second);
    ok(await title(p) === first, "K: back", await title(p));

    const claims = async () => (await (await p.request.get(base + "/moderation/v1/queue?limit=100")).json()).cards.filter(c => c.claim).map(c => c.claim.by + " " + c.id).join(", ");
    const until = async want => { let c; const end = Date.now() + patience; while ((c = await claims()) !== want && Date.now() < end) await p.waitForTimeout(25); return c; };

    const id = await p.getAttribute("#decide", "data-card");
    await until("alice " + id);         // the desk is told after the card is shown
    await q.goto(base + "/moderation/cards/" + id);
    await q.waitForSelector(".toast, .work [role=status]");
    ok(/alice/.test(await q.innerText("body")), "a second browser says who looks", "");
    ok(await press(p, ["f"], "已放行.*[^]*撤销"), "F: released", "");
    await settled(p, first);
    ok(await title(p) !== first, "the next card without a reload", await title(p));
    const late = await press(q, ["f"], "先一步|alice");
    ok(/alice/.test(late), "the second gets who was first", late);
    const now = await title(p);
    await p.keyboard.press("u");
    await settled(p, now);
    ok(await title(p) === first, "U: taken back, and the card is there", await title(p));
    ok(await press(p, ["r", "1"], "已驳回"), "R 1: rejected with a reason", "");
    await p.keyboard.press("?");
    ok(await p.locator("dialog[open]").count() === 1, "?: the keys", "");
    await p.keyboard.press("Escape");
    await p.keyboard.press("n");
    ok(await p.evaluate(() => document.activeElement.id) === "note", "N: a note", "");
    await p.keyboard.type("jk");
    ok(await p.inputValue("#note") === "jk", "letters in it are letters", "");
    await p.keyboard.press("Enter");
    ok(await p.evaluate(() => document.activeElement.id) !== "note" && await p.inputValue("#note") === "jk", "Enter leaves it, and decides nothing", "");
    const before = await title(p);
    await p.keyboard.press("s");
    await settled(p, before);
    ok(true, "S: skipped");

    /* nobody else is at the desk from here on: no card is passed over */
    await leave(q);

    /* a press on the picture does not keep the keys */
    ok(await p.locator("iframe.look:visible").count() === 1, "the next one's look is not seen yet", "");
    const frame = await p.locator("#work iframe.look").boundingBox();
    await p.mouse.move(frame.x + 40, frame.y + 40);
    await p.mouse.down();
    await p.mouse.up();
    await p.mouse.move(frame.x + frame.width + 80, frame.y + 40);
    await p.waitForFunction(() => document.activeElement.id === "work");
    ok(true, "the keys are back with the pointer");

    /* R waits for its reason, and no other key leaves it waiting */
    await p.keyboard.press("r");
    ok(await p.locator(".reasons.ask").count() === 1, "R: the reasons are shown to be wanted", "");
    const over = await p.evaluate(() => document.querySelector(".reasons").getBoundingClientRect().bottom
      - Math.min(...[...document.querySelectorAll(".bar, .toast")].map(e => e.getBoundingClientRect().top)));
    ok(over <= 0, "and nothing stands over them", over);
    const one = await title(p);
    await p.keyboard.press("f");
    await settled(p, one);
    const two = await title(p);
    await p.keyboard.press("1");
    await p.keyboard.press("f");
    await settled(p, two);
    const all = await p.evaluate(() => said.slice(-2).join(" "));
    ok(/已放行[^]*已放行/.test(all) && !/已驳回/.test(all), "R F 1 F: two are released, none is rejected", all);
    for (const was of [two, one]) {
      await p.keyboard.press("z");
      await p.waitForFunction(w => (document.querySelector("#work h1") || {}).textContent === w, was);
    }
    ok(true, "Z, and Z again: both are taken back");
    const end = Date.now() + patience;
    const nothing = () => p.evaluate(() => said.some(s => /没有可撤销的/.test(s)));
    do {                                            // a key while the last undo is under way is passed over
      await p.keyboard.press("u");
      await p.waitForTimeout(300);
    } while (!await nothing() && Date.now() < end);
    ok(await nothing(), "what was decided before, too; and then there is nothing to take back");

    /* a list that was asked for before a decision does not bring its card back */
    const list = () => p.locator("#cards a").evaluateAll(l => l.map(a => a.dataset.card));
    const gone = await p.getAttribute("#decide", "data-card"), was = await title(p);
    let pass, asked, held = false;
    const gate = new Promise(r => { pass = r; }), old = new Promise(r => { asked = r; });
    await p.route(u => u.pathname === "/moderation/queue", async r => {
      if (held) return r.continue();
      held = true;
      const answer = await r.fetch();
      asked();
      await gate;
      await r.fulfill({response: answer});
    });
    await old;
    await press(p, ["f"], "已放行");
    await settled(p, was);
    const came = p.waitForResponse(r => new URL(r.url()).pathname === "/moderation/queue").then(r => r.finished());
    pass();
    await came;
    await p.evaluate(() => new Promise(r => setTimeout(r, 50)));
    ok(!(await list()).includes(gone), "a list that is older than a decision is not shown", await list());
    await p.unrouteAll();
    await press(p, ["u"], "已撤销");
    await p.waitForFunction(id => (document.querySelector("#decide") || {dataset: {}}).dataset.card === id, gone);

    /* a card that is left is nobody's; one that another looks at is passed over */
    await leave(p);
    await p.goto(base + "/moderation/queue");   // the list as it is now that all are taken back
    await p.waitForSelector("#cards a");
    const ids = await list();
    await p.locator("#cards a").first().click();
    ok(await until("alice " + ids[0]) === "alice " + ids[0], "one card at a time is hers", await claims());
    await p.keyboard.press("j");
    ok(await until("alice " + ids[1]) === "alice " + ids[1], "J gives the one before back", await claims());
    await p.route("**/claim", r => setTimeout(() => r.continue().catch(() => {}), 200));
    for (const [key, id] of [["j", ids[2]], ["k", ids[1]]]) {
      await p.keyboard.press(key);
      await p.waitForFunction(id => document.querySelector("#decide").dataset.card === id, id);
    }
    await p.waitForTimeout(50);
    for (const end = Date.now() + patience; p.open && Date.now() < end;) await p.waitForTimeout(10);
    await p.unroute("**/claim");
    ok(await until("alice " + ids[1]) === "alice " + ids[1], "nor does a slow claim come behind its drop", await claims());
    await q.goto(base + "/moderation/cards/" + ids[2]);
    await until(`alice ${ids[1]}, r1 ${ids[2]}`);
    await p.keyboard.press("e");
    await p.waitForFunction(id => (document.querySelector("#decide") || {dataset: {}}).dataset.card === id, ids[3]);
    const done = await toast(p, "已上报");
    ok(done, "the next is not what another looks at, and the toast still says what was done", "");
    await p.keyboard.press("u");
    await p.waitForFunction(id => (document.querySelector("#decide") || {dataset: {}}).dataset.card === id, ids[1]);
    await leave(q);
    await leave(p);
    await p.goto(base + "/moderation/decisions");
    ok(await until("") === "", "who leaves the desk holds nothing", await claims());
  },

  async noscript(b) {
    const p = await open(b, "alice", {script: false, locale: "en-US"});
    await p.goto(base + "/moderation/queue");
    const before = await p.locator("#cards a").count();
    await p.fill("#note", "half a note");
    await p.press("#note", "Enter");
    ok(await p.locator("#cards a").count() === before && /queue$/.test(p.url()), "Enter in the note decides nothing", p.url());
    await Promise.all([p.waitForEvent("load"), p.click("button[value=release]")]);
    ok(/queue/.test(p.url()), "a form comes back to the queue", p.url());
    ok(await p.locator("#cards a").count() === before - 1, "released without script", "");
    await Promise.all([p.waitForEvent("load"), p.click(".last button")]);
    ok(/cards/.test(p.url()) && await p.locator("#decide").count() === 1, "and taken back without it: the card waits again", p.url());
    await p.goto(base + "/moderation/queue");
    ok(await p.locator("#cards a").count() === before, "in the queue", "");
    await Promise.all([p.waitForEvent("load"), p.click("button[lang=zh-CN]")]);
    ok(await p.getAttribute("html", "lang") === "zh-CN", "the language is kept", "");
    await Promise.all([p.waitForEvent("load"), p.click("button[lang=en]")]);
    ok(await p.getAttribute("html", "lang") === "en", "and back", "");
  },

  /* every screen: each language and each colour scheme once, at four widths */
  async looks(b) {
    const screens = ["queue", "decisions", "ledger", "orders", "pending", "handover", "people", "rules", "alarms", "cases", "accounts",
      "reports", "teams", "calibration", "whatif?limited=0", "calibration", "decisions?slot=none", "nowhere", "public/report?item=1"].concat((process.env.SCREENS || "").split(" ").filter(x => x));
    for (const [locale, dark] of [["zh-CN", false], ["en-US", true]]) {
      const p = await open(b, "bob", {axe: true, locale, dark, h: 900});
      for (const s of screens) {
        const name = `${s.replace(/[0-9a-f]{20,}|[a-z2-7]{18}/, "ID")} ${locale}`;
        await p.goto(base + "/moderation/" + s);
        const over = [];
        for (const w of [360, 768, 2200, 1440]) {
          await p.setViewportSize({width: w, height: 900});
          const n = await p.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          if (n > 0) over.push(`${w} px: by ${n}`);
        }
        ok(!over.length, `${name}: nothing is wider than the screen`, over.join(", "));
        const about = await p.evaluate(() => {
          const h = document.querySelectorAll("main h1");
          const foreign = [...document.querySelectorAll("main :is(th, label, .about, summary, button, h1, h2)")]
            .map(e => [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data).join("").trim())
            .filter(x => document.documentElement.lang === "en" ? /[\u4e00-\u9fff]/.test(x) : /^[A-Za-z][a-z]+ [a-z]/.test(x));
          return {h1: h.length, title: document.title, said: !!document.querySelector(".about"), error: document.body.dataset.page === "error",
            single: !!document.querySelector("main > h1 bdi"), foreign};
        });
        ok(about.h1 === 1, `${name}: one first heading`, about.h1);
        ok(about.said || about.error || about.single, `${name}: says what it is for`, "");
        ok(!about.foreign.length, `${name}: in one language`, about.foreign.join(" | "));
        await find_axe(p, name);
      }
      await p.context().close();
    }
    for (const [w, dark, locale, name] of [[360, false, "en-US", "narrow-en-US"], [360, false, "zh-CN", "narrow-zh-CN"], [1360, true, "zh-CN", "dark"]]) {
      const p = await open(b, "bob", {w, h: 900, locale, dark});
      await p.goto(base + "/moderation/queue");
      await p.screenshot({path: `${pictures}/${name}.png`});
      await p.context().close();
    }
  },

  /* nothing but the keyboard, from the first Tab on */
  async keyboard(b) {
    const p = await open(b, "bob", {locale: "en-US"});
    await p.goto(base + "/moderation/orders");
    await p.keyboard.press("Tab");
    ok(await p.evaluate(() => document.activeElement.className) === "skip", "the first Tab: skip to the content", "");
    ok(await p.evaluate(() => document.activeElement.getBoundingClientRect().left >= 0), "which can be seen then", "");
    const seen = new Set();
    let hidden = "";
    for (let i = 0; i < 120; i++) {
      await p.keyboard.press("Tab");
      const e = await p.evaluate(() => {
        const a = document.activeElement;
        const s = getComputedStyle(a);
        return {key: a === document.body ? "" : a.tagName + (a.name || a.textContent.slice(0, 20)),
          ring: s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0, where: a.outerHTML.slice(0, 90)};
      });
      if (!e.key) break;
      seen.add(e.key);
      if (!e.ring) hidden = e.where;
    }
    for (const name of ["SELECTkind", "INPUTvalue", "INPUTreason", "SELECTmode"]) ok(seen.has(name), `${name} is reached`, [...seen].join(" "));
    ok(!hidden, "and each shows that it has the focus", hidden);
    await p.keyboard.press("Escape");
    await p.goto(base + "/moderation/decisions");
    await p.keyboard.press("?");
    ok(await p.locator("dialog[open] kbd").count() > 8, "?: the keys, on any screen", "");
    await p.keyboard.press("Escape");
    await p.keyboard.press("/");
    ok(await p.evaluate(() => document.activeElement.name) === "slot", "/: the first field", "");
    await p.keyboard.type("g1");
    ok(await p.inputValue("[name=slot]") === "g1", "letters in it are letters", "");
    await p.keyboard.press("Enter");
    await p.waitForURL(/slot=g1/);
    await p.keyboard.press("g");
    await Promise.all([p.waitForURL(/\/queue/), p.keyboard.press("1")]);
    ok(true, "G 1: the first screen");
  },

  async hostile(b) {
    const p = await open(b, "bob", {locale: "en-US"});
    let cards = [];
    for (let after = ""; ;) {
      const r = await (await p.request.get(`${base}/moderation/v1/queue?limit=100${after}`)).json();
      cards = cards.concat(r.cards);
      if (!r.next) break;
      after = "&after=" + r.next;
    }
    ok(cards.length >= +process.env.HOSTILE, `${cards.length} hostile cards`, "");
    const bad = [];
    const outside = [];
    const sees = async (where, preview) => {
      const n = await p.evaluate(x => x ? document.querySelectorAll("script, iframe, object, embed, form, base, meta[http-equiv], link").length
        : document.querySelectorAll("body script, body style, body img, body svg:not([class], .line svg, .report svg), body object, body embed, body form[action^=http], body [onerror], body [onclick], body [style], body base, body meta, iframe:not(.look), a[href^='javascript:' i], a[href^='//']").length, preview);
      if (n) bad.push(where + ": " + n);
      if (!preview && await p.evaluate(() => document.querySelectorAll("main").length !== 1 || !document.querySelector("link[href*='console.css']"))) bad.push(where + ": torn");
    };
    const go = async (where, preview) => {
      const r = await p.goto(`${base}/moderation/${where}`, {waitUntil: "domcontentloaded"});
      if (r.status() >= 500) bad.push(where + ": " + r.status());
      await sees(where.slice(0, 80), preview);
    };
    p.on("request", r => { if (!r.url().startsWith(base) && !r.url().startsWith("data:")) outside.push(r.url()); });
    for (const [i, c] of cards.entries()) {
      await go("cards/" + c.id);
      if (i % 3 === 0) await go("decisions/" + c.decision);
      await go(`v1/cards/${c.id}/preview`, true);
    }
    for (const s of JSON.parse(process.env.SCREENS)) await go(s);
    ok(!bad.length, "no screen has an element that a text brought", bad.slice(0, 8).join(", "));
    ok(!outside.length, "nothing was fetched from elsewhere", outside.slice(0, 3).join(", "));
  }
};

drive(steps);
