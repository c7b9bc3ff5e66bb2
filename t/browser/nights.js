/* nights.js - the long scenarios of second review in a browser: a daemon that dies, a rule that floods, eight people at one desk, a broadcast whose
 * title and cover run.  t/56-review-hours.t runs the steps, and lets time pass between them; SITE is where the pages are.
 * node nights.js PORT MODULES PICTURES STEP */
"use strict";
const fs = require("fs");
const {open, leave, ok, base, pictures, drive, patience, reads, sees, card, press} = require("./drive.js");

const ids = (a, b) => [...Array(b - a + 1).keys()].map(i => a + i);
const put = (name, body) => { fs.writeFileSync(`${process.env.SITE}/.${name}`, body); fs.renameSync(`${process.env.SITE}/.${name}`, `${process.env.SITE}/${name}.html`); };
const item = (id, title, o = {}) => `<li class="${o.kind || "card"}" id="${id}" data-a="u${id}" data-live="${o.live || ""}"><a href="/room/${id}">`
  + (o.cover ? `<img src="https://img.example.cn/${o.cover}">` : "") + `<h3>${title} room ${id}</h3></a></li>`;
const page = (name, cards) => put(name, `<!doctype html><meta charset="utf-8"><title>live</title><ul>${cards.join("")}</ul>`);
const desk = async (b, user) => { const p = await open(b, user, {locale: "en-US"}); await p.goto(base + "/moderation/queue"); return p; };
const now = p => p.evaluate(() => (document.querySelector("#decide") || {dataset: {}}).dataset.card || "");

const steps = {
  /* 7: one review a broadcast, whatever the score and the cover's signature are; a word or a picture that is swapped is held */
  async score(b) {
    const reader = await open(b, "eve"), alice = await open(b, "alice", {locale: "en-US"});
    const air = (title, cover, live) => page("index", [item(701, title, {cover, live})]);
    air("final 0:0", "a.jpg?t=1&sign=x", "b1");
    ok(await reads(reader) === "", "nobody has looked: not shown", await reads(reader));
    for (const end = Date.now() + patience; Date.now() < end;) {
      await alice.goto(base + "/moderation/queue");
      if (await alice.locator("#cards a", {hasText: "room 701"}).count()) break;
    }
    await card(alice, 701);
    await press(alice, ["f"], "Released");
    ok(await sees(reader, "701") === "701", "released: shown", await reads(reader));
    let missed = 0;
    for (let m = 1; m <= 60; m++) {
      air(`final ${m % 7}:${m % 5}`, `a.jpg?t=${m}&sign=s${m}`, "b1");
      if (m % 10 === 0) missed += await reads(reader) !== "701";
      else missed += !(await (await reader.request.get(base + "/index.html")).text()).includes('id="701"');
    }
    ok(missed === 0, "an hour of scores and covers: shown each time", missed);
    await alice.goto(base + "/moderation/queue");
    ok(await alice.locator("#cards a").count() === 0, "and nobody was asked", await alice.innerText(".list"));
    air("final 3:2 now", "a.jpg?t=70", "b1");
    ok(await sees(reader, "") === "", "a word that was added is held", await reads(reader));
    await alice.waitForSelector("#cards a");
    await card(alice, 701);
    const diff = await alice.locator("#work ins").allInnerTexts();
    ok(/now/.test(diff.join(" ")), "the desk shows what is new in it", diff.join(" | "));
    await alice.screenshot({path: pictures + "/review-changed.png"});
    air("final 3:2", "a.jpg?t=71", "b1");
    ok(await sees(reader, "701") === "701", "as it was: shown", await reads(reader));
    air("final 3:2", "other.jpg?t=72", "b1");
    ok(await sees(reader, "") === "", "another picture is held", await reads(reader));
    air("final 0:0", "a.jpg?t=73", "b2");
    ok(await sees(reader, "") === "", "another broadcast is another review", await reads(reader));
  },

  /* 5: a rule that is too wide: what it holds leaves the queue by itself when it is braked; what a person rejected stays out */
  async flood(b) {
    const reader = await open(b, "eve"), alice = await open(b, "alice", {locale: "en-US"}), bob = await open(b, "bob", {locale: "en-US"});
    const wide = (from, to) => ids(from, to).map(i => item(i, "lantern", {kind: "wide"}));
    page("wide", wide(501, 520));
    ok(await reads(reader, "/wide.html") === "", "a wide rule holds all", await reads(reader, "/wide.html"));
    await alice.goto(base + "/moderation/queue");
    await alice.locator("#cards a", {hasText: "room 520"}).waitFor();
    await card(alice, 501);
    await press(alice, ["r", "r"], "Rejected");
    await card(alice, 502);
    await press(alice, ["r", "1"], "Rejected");
    for (let i = 0; i < 6; i++) {
      page("flood", wide(1000 + 50 * i, 1049 + 50 * i));
      await reader.request.get(base + "/flood.html");
    }
    const rest = ids(503, 520).join(" ");
    ok(await sees(reader, rest, "/wide.html") === rest, "it is braked: all but what a person rejected are shown", await reads(reader, "/wide.html"));
    await alice.waitForFunction(() => !document.querySelector("#cards a"));
    ok(/No card waits/.test(await alice.innerText(".list")), "its cards leave the open desk without a reload", await alice.innerText(".list"));
    await bob.goto(base + "/moderation/rules");
    ok(/braked, it only records, since/.test(await bob.innerText("main")), "the rules say which is braked", await bob.innerText("main"));
  },

  async later(b) {
    const reader = await open(b, "eve"), bob = await open(b, "bob", {locale: "en-US"});
    const rest = ids(503, 520).join(" ");
    await bob.goto(base + "/moderation/queue");
    ok(await reads(reader, "/wide.html") === rest, "two hours later no default has acted", await reads(reader, "/wide.html"));
  },

  /* 6: eight people, one queue, F and F again */
  async eight(b) {
    const n = 32, reader = await open(b, "eve"), people = [];
    page("eight", ids(601, 600 + n).map(i => item(i, "evening", {live: "b1"})));
    await reads(reader, "/eight.html");
    const left = async p => (await (await p.request.get(base + "/moderation/v1/queue?limit=100")).json()).cards.map(c => "" + c.id);
    const away = await desk(b, "r8");
    for (const end = Date.now() + patience; (await left(away)).length < n && Date.now() < end;) await away.waitForTimeout(50);
    await away.goto(base + "/moderation/queue");
    await away.locator("#cards a").first().click();
    await away.waitForFunction(() => /cards/.test(location.pathname));
    while (away.open > 0) await away.waitForTimeout(10);
    const his = await now(away);
    for (let i = 1; i <= 7; i++) people.push(desk(b, "r" + i));
    const told = {200: [], 409: []};
    const work = async p => {
      p.on("response", r => { const m = /cards\/(\d+)\/decide/.exec(r.url()); if (m) (told[r.status()] = told[r.status()] || []).push(m[1]); });
      for (let from = Date.now(); Date.now() - from < 5 * patience;) {
        const id = await p.evaluate(() => document.querySelector("#work .by") ? "" : (document.querySelector("#decide") || {dataset: {}}).dataset.card || "");
        if (!id) {
          if ((await left(p)).filter(x => x !== his).length === 0) return;
          await p.goto(base + "/moderation/queue");
          continue;
        }
        await p.keyboard.press("f");
        await p.waitForFunction(i => (document.querySelector("#decide") || {dataset: {}}).dataset.card !== i || document.querySelector("#work .by"), id, {timeout: 2000}).catch(() => {});
      }
    };
    await Promise.all((await Promise.all(people)).map(work));
    ok(new Set(told[200]).size === told[200].length && told[200].length === n - 1, `${n - 1} of ${n} are decided, each once (a second came too late: ${told[409].length})`, told[200].join(" "));
    ok(Object.keys(told).join() === "200,409", "and nothing went wrong", Object.keys(told).join());
    const seen = await reads(reader, "/eight.html");
    ok(seen.split(" ").length === n - 1, "a reader sees them", seen);
    const rest = await left(away);
    ok(rest.join() === his, "and what the one who went away has is nobody's loss", rest.join());
    await away.context().close();                     /* the machine is off: nothing was said */
  },

  async back(b) {
    const reader = await open(b, "eve"), r1 = await desk(b, "r1");
    await r1.locator("#cards a").first().waitFor();
    ok(await r1.locator("#work .by").count() === 0, "six minutes later it is anybody's", await r1.innerText("#work"));
    await press(r1, ["f"], "Released");
    ok((await reads(reader, "/eight.html")).split(" ").length === 32, "and shown", await reads(reader, "/eight.html"));
  },

  /* 4: the desk dies at midnight; what was released is shown at eight, what is new waits */
  async midnight(b) {
    const reader = await open(b, "eve");
    page("index", ids(401, 406).map(i => item(i, "evening")));
    ok(await reads(reader) === "", "midnight: nothing is released", await reads(reader));
    const alice = await desk(b, "alice");
    await alice.locator("#cards a").nth(5).waitFor();
    await card(alice, 406);
    await press(alice, ["r", "1"], "Rejected");
    for (let i = 0; i < 5; i++) {
      const id = await now(alice);
      await alice.keyboard.press("f");
      await alice.waitForFunction(i => (document.querySelector("#decide") || {dataset: {}}).dataset.card !== i, id);
    }
    ok(await sees(reader, "401 402 403 404 405") === "401 402 403 404 405", "five keys, five cards", await reads(reader));
  },

  async eight_oclock(b) {
    const reader = await open(b, "eve"), alice = await open(b, "alice", {locale: "en-US"});
    ok(await reads(reader) === "401 402 403 404 405", "the daemon is dead for eight hours: what was released is shown", await reads(reader));
    page("index", ids(401, 407).map(i => item(i, "evening")));
    await reads(reader);
    ok(await reads(reader) === "401 402 403 404 405", "what is new waits", await reads(reader));
    const r = await alice.goto(base + "/moderation/queue");
    ok(r.status() >= 500, "the desk says that it is not there", r.status());
    await reader.goto(base + "/status?format=html");
    ok(/无人更新/.test(await reader.innerText("body")), "and the status page that nobody writes the tables", (await reader.innerText("body")).slice(0, 300));
  },

  async again(b) {
    const reader = await open(b, "eve");
    ok(await sees(reader, "") === "", "it is back: by its clock they are over", await reads(reader));
    const alice = await desk(b, "alice");
    await alice.locator("#cards a").nth(5).waitFor();
    for (let i = 0; i < 6; i++) {
      const id = await now(alice);
      await alice.keyboard.press("f");
      await alice.waitForFunction(i => (document.querySelector("#decide") || {dataset: {}}).dataset.card !== i, id);
    }
    ok(await sees(reader, "401 402 403 404 405 407") === "401 402 403 404 405 407", "somebody comes: shown again, the rejected one is not", await reads(reader));
  }
};

drive(steps);
