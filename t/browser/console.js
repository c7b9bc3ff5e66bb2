/* console.js - drives headless Chromium over the desk for t/63-console.t.  One JSON line a check: {"ok", "name", "why"}.  Pictures go to the folder given.
 * node console.js PORT MODULES PICTURES STEP */
"use strict";
const path = require("path");
const [port, modules, pictures, step] = process.argv.slice(2);
const { chromium } = require(path.join(modules, "playwright-core"));
const axe = require("fs").readFileSync(path.join(modules, "axe-core", "axe.min.js"), "utf8");
const ok = (good, name, why) => console.log(JSON.stringify({ok: !!good, name, why: good ? "" : String(why)}));
const base = `http://localhost:${port}`;
const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const ran = [];

async function open(b, user, o = {}) {
  const c = await b.newContext({httpCredentials: {username: user, password: user}, locale: o.locale || "zh-CN",
    colorScheme: o.dark ? "dark" : "light", viewport: {width: o.w || 1360, height: o.h || 820}, bypassCSP: !!o.axe,
    javaScriptEnabled: o.script !== false});
  await c.addInitScript(() => { window.alert = window.confirm = window.prompt = x => console.log("HOSTILE-RAN " + x); });
  const p = await c.newPage();
  p.on("console", m => { if (/HOSTILE-RAN/.test(m.text())) ran.push(m.text()); });
  p.on("dialog", d => { ran.push("dialog"); d.dismiss(); });
  p.on("pageerror", e => ok(false, "no error in the page", e.message));
  return p;
}

async function find_axe(p, name) {
  await p.evaluate(axe);
  const r = await p.evaluate(() => axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}));
  ok(!r.violations.length, `axe: ${name}`, r.violations.map(v => v.id + " " + v.nodes.slice(0, 2).map(n => n.html.slice(0, 120)).join(" | ")).join("; "));
}

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
    await en.context().close();
    const first = await title(p);
    await p.keyboard.press("j");
    await settled(p, first);
    ok(await title(p) !== first, "J: the next card", await title(p));
    await p.keyboard.press("k");
    await settled(p, await title(p));
    ok(await title(p) === first, "K: back", await title(p));

    const id = await p.getAttribute("#decide", "data-card");
    await q.goto(base + "/moderation/cards/" + id);
    await q.waitForSelector(".toast, .work [role=status]");
    ok(/alice/.test(await q.innerText("body")), "a second browser says who looks", "");
    await p.keyboard.press("f");
    await p.waitForSelector(".toast button");
    ok(/已放行/.test(await p.innerText(".toast")), "F: released", await p.innerText(".toast"));
    await settled(p, first);
    ok(await title(p) !== first, "the next card without a reload", await title(p));
    await q.keyboard.press("f");
    await q.waitForFunction(() => /先一步|alice/.test((document.querySelector(".toast") || {}).innerText || ""));
    ok(/alice/.test(await q.innerText(".toast")), "the second gets who was first", await q.innerText(".toast"));
    const now = await title(p);
    await p.keyboard.press("u");
    await settled(p, now);
    ok(await title(p) === first, "U: taken back, and the card is there", await title(p));
    await p.keyboard.press("r");
    await p.keyboard.press("1");
    await p.waitForFunction(() => /已驳回/.test((document.querySelector(".toast") || {}).innerText || ""));
    ok(true, "R 1: rejected with a reason");
    await p.keyboard.press("?");
    ok(await p.locator("dialog[open]").count() === 1, "?: the keys", "");
    await p.keyboard.press("Escape");
    await p.keyboard.press("n");
    ok(await p.evaluate(() => document.activeElement.id) === "note", "N: a note", "");
    await p.keyboard.type("jk");
    ok(await p.inputValue("#note") === "jk", "letters in it are letters", "");
    await p.keyboard.press("Escape");
    const before = await title(p);
    await p.keyboard.press("s");
    await settled(p, before);
    ok(true, "S: skipped");
  },

  async noscript(b) {
    const p = await open(b, "alice", {script: false, locale: "en-US"});
    await p.goto(base + "/moderation/queue");
    const before = await p.locator("#cards a").count();
    await p.click("button[value=release]");
    ok(/queue/.test(p.url()), "a form comes back to the queue", p.url());
    ok(await p.locator("#cards a").count() === before - 1, "released without script", "");
    await p.click("button[lang=zh-CN]");
    ok(await p.getAttribute("html", "lang") === "zh-CN", "the language is kept", "");
    await p.click("button[lang=en]");
    ok(await p.getAttribute("html", "lang") === "en", "and back", "");
  },

  async looks(b) {
    const screens = ["queue", "decisions", "ledger", "orders", "pending", "handover", "people", "rules", "alarms", "cases", "accounts"].concat((process.env.SCREENS || "").split(" ").filter(x => x));
    for (const locale of ["zh-CN", "en-US"]) {
      for (const dark of [false, true]) {
        const p = await open(b, "bob", {axe: true, locale, dark});
        for (const s of screens) {
          await p.goto(base + "/moderation/" + s);
          await find_axe(p, `${s} ${locale}${dark ? " dark" : ""}`);
        }
        const link = await p.goto(base + "/moderation/decisions").then(() => p.getAttribute("td a", "href"));
        await p.goto(base + link);
        await find_axe(p, `a decision ${locale}${dark ? " dark" : ""}`);
        await p.context().close();
      }
    }
    for (const [w, name] of [[360, "narrow"], [800, "middle"], [1360, "wide"], [2200, "very-wide"]]) {
      for (const locale of ["zh-CN", "en-US"]) {
        const p = await open(b, "bob", {w, h: 900, locale});
        for (const s of screens) {
          await p.goto(base + "/moderation/" + s);
          const over = await p.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          ok(over <= 0, `${s} at ${w} px, ${locale}: nothing is wider than the screen`, over);
          if (s === "queue") await p.screenshot({path: `${pictures}/${name}-${locale}.png`});
        }
        await p.context().close();
      }
    }
    const p = await open(b, "bob", {dark: true});
    await p.goto(base + "/moderation/queue");
    await p.screenshot({path: pictures + "/dark.png"});
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
    p.on("request", r => { if (!r.url().startsWith(base) && !r.url().startsWith("data:")) outside.push(r.url()); });
    const look = async where => {
      const n = await p.evaluate(() => document.querySelectorAll("body script, body style, body img, body svg:not([class]), body object, body embed, body form[action^=http], body [onerror], body [onclick], body [style], body base, body meta, iframe:not(.look)").length);
      if (n) bad.push(where);
    };
    for (const c of cards) {
      await p.goto(`${base}/moderation/cards/${c.id}`, {waitUntil: "domcontentloaded"});
      await look("card " + c.id);
    }
    for (const s of ["queue", "decisions?limit=200", "handover", "pending", "orders", "ledger", "people", "rules", "alarms", "cases", "accounts"]) {
      await p.goto(base + "/moderation/" + s);
      await look(s);
    }
    for (const c of cards) {
      await p.goto(`${base}/moderation/decisions/${c.decision}`);
      await look("decision " + c.decision);
      await p.goto(`${base}/moderation/v1/cards/${c.id}/preview`);
      const n = await p.evaluate(() => document.querySelectorAll("script, iframe, object, embed, form, base, meta[http-equiv], link").length).catch(() => 0);
      if (n) bad.push("preview " + c.id);
    }
    ok(!bad.length, "no screen has an element that a title brought", bad.slice(0, 5).join(", "));
    ok(!outside.length, "nothing was fetched from elsewhere", outside.slice(0, 3).join(", "));
    await p.goto(base + "/moderation/queue");
    await p.screenshot({path: pictures + "/hostile.png"});
  }
};

(async () => {
  const b = await chromium.launch({executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: flags});
  try {
    await steps[step](b);
  } catch (e) {
    ok(false, step + " went through", e.stack);
  }
  ok(!ran.length, step + ": no script of a card ran", ran[0]);
  await b.close();
})();
