/* drive.js - headless Chromium for the browser suites: signed-in pages, one JSON line a check ({"ok", "name", "why"}), axe, hostile scripts that ran.
 * Arguments: PORT MODULES PICTURES STEP */
"use strict";
const path = require("path");
const [port, modules, pictures, step] = process.argv.slice(2);
const { chromium } = require(path.join(modules, "playwright-core"));
const axe = require("fs").readFileSync(path.join(modules, "axe-core", "axe.min.js"), "utf8");
const ok = (good, name, why) => console.log(JSON.stringify({ok: !!good, name, why: good ? "" : String(why)}));
const base = `http://localhost:${port}`;
const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const ran = [];

/* how long what has to come may take */
const patience = 90000 * (process.env.MODERATION_SLOW || 1);

async function open(b, user, o = {}) {
  const c = await b.newContext({httpCredentials: {username: user, password: user}, locale: o.locale || "zh-CN",
    colorScheme: o.dark ? "dark" : "light", viewport: {width: o.w || 1360, height: o.h || 820}, bypassCSP: !!o.axe,
    javaScriptEnabled: o.script !== false});
  await c.addInitScript(() => { window.alert = window.confirm = window.prompt = x => console.log("HOSTILE-RAN " + x); });

  /* what the page said, also when it is gone by now */
  await c.addInitScript(() => {
    window.said = [];
    new MutationObserver(all => {
      for (const m of all) for (const n of m.addedNodes) if (n.classList && n.classList.contains("toast")) window.said.push(n.innerText);
    }).observe(document, {childList: true, subtree: true});
  });
  const p = await c.newPage();
  p.setDefaultTimeout(patience);
  p.open = 0;
  p.on("request", r => { if (r.method() === "POST") p.open++; });
  for (const end of ["requestfinished", "requestfailed"]) p.on(end, r => { if (r.method() === "POST") p.open--; });
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

/* what the page has asked is answered, it is told that it is left, and that is answered: who signs a request for a page
 * is gone with the page, so the event comes first */
async function leave(p) {
  const still = async () => { for (const end = Date.now() + patience; p.open > 0 && Date.now() < end;) await p.waitForTimeout(10); };
  await still();
  await p.evaluate(() => dispatchEvent(new Event("pagehide"))).catch(() => {});
  await still();
  await p.goto("about:blank");
}

/* for suites with a page of their own: what a reader sees, and what somebody does at the desk */
const toast = (p, what, from = 0) => p.waitForFunction(([w, n]) => said.slice(n).find(s => new RegExp(w).test(s)), [what, from]).then(h => h.jsonValue());

/* until an element has such a text, on whatever page a form has led to; the text */
async function shows(p, selector, what) {
  await p.waitForFunction(([q, w]) => document.readyState === "complete" && [...document.querySelectorAll(q)].some(e => new RegExp(w).test(e.innerText)),
    [selector, what.source]).catch(() => {});
  return (await p.locator(selector).allInnerTexts()).join(" ");
}

/* the cards that a reader sees, by their ids */
async function reads(reader, where = "/index.html") {
  await reader.goto(base + where);
  return (await reader.locator("li[id]").evaluateAll(l => l.map(e => e.id))).join(" ");
}

/* until the reader sees that */
async function sees(reader, want, where) {
  const from = Date.now();
  let now;
  do { now = await reads(reader, where); } while (now !== want && Date.now() - from < patience);
  return now;
}

/* the card of a room, at the desk */
async function card(p, room) {
  await p.goto(base + "/moderation/queue");
  const link = p.locator("#cards a", {hasText: "room " + room}).first();
  const path = await link.getAttribute("href");
  await link.click();
  await p.waitForFunction(w => location.pathname === w, path);      /* the queue shows its first card, too */
}

/* keys, and what is said then */
async function press(p, keys, what) {
  const from = await p.evaluate(() => said.length);
  for (const k of keys) await p.keyboard.press(k);
  return toast(p, what, from).catch(async e => { throw new Error(`${keys}: not "${what}" but "${await p.evaluate(n => said.slice(n), from)}"\n${e.stack}`); });
}

async function drive(steps) {
  const b = await chromium.launch({executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: flags});
  try {
    await steps[step](b);
  } catch (e) {
    ok(false, step + " went through", e.stack);
  }
  for (const c of b.contexts()) for (const p of c.pages()) await leave(p);
  ok(!ran.length, step + ": no script of a card ran", ran[0]);
  await b.close();
}

module.exports = {open, leave, find_axe, ok, base, pictures, drive, patience, reads, sees, shows, card, press, toast};
