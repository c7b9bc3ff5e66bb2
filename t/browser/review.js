/* review.js - second review in a browser: what a reviewer does at the desk, and what a reader sees of it.  t/56-review-browser.t runs the steps, and
 * lets time pass between them.
 * node review.js PORT MODULES PICTURES STEP */
"use strict";
const {open, leave, find_axe, ok, base, pictures, drive, reads, sees, shows, card, press} = require("./drive.js");

const steps = {
  /* nothing is shown that nobody released; keys; who comes second; undo */
  async release(b) {
    const reader = await open(b, "eve"), alice = await open(b, "alice", {locale: "en-US"}), r1 = await open(b, "r1", {locale: "en-US"});
    ok(await reads(reader) === "", "a reader sees no card that nobody has released", await reads(reader));
    await card(alice, 1);
    await card(r1, 1);
    await press(alice, ["f"], "Released");
    ok(await sees(reader, "1") === "1", "F: the page shows it", await reads(reader));
    const said = await press(r1, ["r", "1"], "was first");
    ok(/alice was first: Released · \d+ s ago/.test(said), "the second is told who, what and when", said);
    ok(await reads(reader) === "1", "and changes nothing", "");
    await leave(r1);                    /* it has gone on to another card */
    await alice.screenshot({path: pictures + "/review-released.png"});
    await press(alice, ["u"], "Taken back");
    ok(await sees(reader, "") === "", "U: the page does not show it any more", await reads(reader));
    await card(alice, 1);
    await press(alice, ["f"], "Released");
    await card(alice, 2);
    await press(alice, ["r", "1"], "Rejected");
    ok(await sees(reader, "1") === "1", "released again; another is rejected", await reads(reader));
  },

  async expired(b) {
    const reader = await open(b, "eve"), alice = await open(b, "alice", {locale: "en-US"});
    ok(await sees(reader, "") === "", "its time is over: not shown", await reads(reader));
    await card(alice, 1);
    ok(/Release|release/.test(await alice.innerText(".side")), "the desk says that it was released once", await alice.innerText(".side"));
    await press(alice, ["f"], "Released");
    ok(await sees(reader, "1") === "1", "released once more", await reads(reader));
  },

  /* a lead suspends the account from its card */
  async account(b) {
    const reader = await open(b, "eve"), bob = await open(b, "bob", {locale: "en-US"});
    await card(bob, 3);
    await press(bob, ["f"], "Released");
    ok(await sees(reader, "1 3") === "1 3", "another room of that account", await reads(reader));
    await card(bob, 4);
    await bob.click(".side a[href*='/accounts/']");
    await bob.selectOption("[name=state]", "suspended");
    await bob.fill("form:has([name=state]) [name=reason]", "three boxes of watches");
    await bob.fill("form:has([name=state]) [name=until]", "1d");
    await bob.screenshot({path: pictures + "/review-account.png"});
    await bob.click("form:has([name=state]) button");
    const state = await shows(bob, "main", /three boxes of watches/);
    ok(/three boxes of watches/.test(state), "suspended", state);
    ok(await sees(reader, "1") === "1", "its rooms are gone from the page", await reads(reader));
    await bob.selectOption("[name=state]", "none");
    await bob.fill("form:has([name=state]) [name=reason]", "a mistake");
    await bob.click("form:has([name=state]) button");
    ok(await sees(reader, "1 3") === "1 3", "and back", await reads(reader));
  },

  /* at night, on a phone: one reviewer */
  async order(b) {
    const reader = await open(b, "eve"), alice = await open(b, "alice", {w: 360, h: 780, dark: true});
    ok(await reads(reader, "/side.html") === "1 3 9", "a slot without review shows the room as well", await reads(reader, "/side.html"));
    await alice.goto(base + "/moderation/orders");
    await alice.selectOption("[name=kind]", "item");
    await alice.fill("[name=value]", "1");
    await alice.selectOption("[name=source]", "office");
    await alice.fill("[name=reference]", "2026-117");
    await alice.fill("form:has([name=kind]) [name=reason]", "夜间电话");
    await alice.fill("form:has([name=kind]) [name=until]", "2h");
    await alice.screenshot({path: pictures + "/review-order-phone.png"});
    await alice.click("button.reject");
    ok(await sees(reader, "3") === "3", "ordered off: gone from the page", await reads(reader));
    ok(await reads(reader, "/side.html") === "3 9", "and from the slot without review", await reads(reader, "/side.html"));
    ok(/2026-117/.test(await shows(alice, "table", /2026-117/)), "it stands in the list", "");
    const wide = await alice.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    ok(wide <= 0, "nothing is wider than the phone", wide);
    const bob = await open(b, "bob", {locale: "en-US"});
    await bob.goto(base + "/moderation/orders");
    await bob.getByRole("button", {name: "Confirm", exact: true}).click();
    ok(/confirmed: bob/.test(await shows(bob, "table", /confirmed: bob/)), "a lead confirms it", await bob.innerText("table"));
  },

  async ordered(b) {
    const reader = await open(b, "eve");
    ok(await sees(reader, "3") === "3", "with another title it stays gone", await reads(reader));
  },

  async over(b) {
    const reader = await open(b, "eve");
    ok(/(^| )1( |$)/.test(await sees(reader, "1 3")), "and comes back when the order has ended", await reads(reader));
  },

  /* a reviewer rejects the wrong ones together, and takes all of them back */
  async bulk(b) {
    const reader = await open(b, "eve"), alice = await open(b, "alice", {locale: "en-US"});
    const before = await reads(reader);
    await card(alice, 21);
    for (const box of await alice.locator("#also input[type=checkbox]").all()) await box.check();
    const n = await alice.locator("#also :checked").count();
    ok(n === 3, "three more of the account are ticked", n);
    await press(alice, ["f"], "Released");
    ok(await sees(reader, before + " 21 22 23 24") === before + " 21 22 23 24", "four are shown by one key", await reads(reader));
    await press(alice, ["u"], "Taken back");
    ok(await sees(reader, before) === before, "and taken back by one", await reads(reader));
  },

  async cut(b) {
    const reader = await open(b, "eve"), alice = await open(b, "alice", {locale: "en-US"}), bob = await open(b, "bob", {locale: "zh-CN"});
    const before = await reads(reader);
    await card(alice, 31);
    ok(/text was cut/.test(await alice.innerText("#work")), "its page says so before any key", "");
    const high = await alice.locator("#work dd").first().evaluate(e => e.clientHeight);
    ok(high < 400, "a text of 14 KB leaves hits and keys on the screen", high);
    await press(alice, ["f"], "a lead may release it");
    await alice.screenshot({path: pictures + "/review-cut.png"});
    ok(await reads(reader) === before, "a card whose text was cut is released by no reviewer", await reads(reader));
    await press(alice, ["e"], "Escalated");
    await bob.goto(base + "/moderation/queue?state=escalated");
    await bob.locator("#cards a").first().click();
    await bob.waitForFunction(() => /cards/.test(location.pathname));
    await press(bob, ["f"], "已放行");
    ok(await sees(reader, before + " 31") === before + " 31", "but by a lead", await reads(reader));
  },

  /* two people: the second does not see what the first said; a lead decides between them */
  async two(b) {
    const reader = await open(b, "eve"), alice = await open(b, "alice", {locale: "en-US"}), r1 = await open(b, "r1", {locale: "en-US"});
    const bob = await open(b, "bob", {locale: "en-US", axe: true});
    const before = await reads(reader, "/two.html");
    ok(before === "", "nothing yet", before);
    await card(alice, 41);
    await press(alice, ["f"], "Released");
    ok(await reads(reader, "/two.html") === "", "one person is not enough", await reads(reader, "/two.html"));
    await card(r1, 41);
    const side = await r1.innerText(".side");
    ok(/alice/.test(side) && !/release/i.test(side), "the second sees that the first has looked, not what was said", r1.url() + side);
    await r1.screenshot({path: pictures + "/review-second.png"});
    await press(r1, ["f"], "Released");
    ok(await sees(reader, "41", "/two.html") === "41", "two who agree: shown", await reads(reader, "/two.html"));
    await card(alice, 42);
    await press(alice, ["f"], "Released");
    await card(r1, 42);
    await press(r1, ["r", "1"], "Rejected");
    ok(await reads(reader, "/two.html") === "41", "two who differ: not shown", await reads(reader, "/two.html"));
    await bob.goto(base + "/moderation/queue?state=escalated");
    ok(await bob.locator("#cards a").count() === 1, "the lead has it", await bob.locator("#cards a").count());
    await bob.locator("#cards a").first().click();
    await bob.waitForFunction(() => /cards/.test(location.pathname));
    const work = await bob.innerText("main");
    ok(/alice/.test(work) && /r1/.test(work), "with both looks", work.slice(0, 400));
    await bob.screenshot({path: pictures + "/review-looks.png"});
    await find_axe(bob, "a card that two differ on");
    await press(bob, ["f"], "Released");
    ok(await sees(reader, "41 42", "/two.html") === "41 42", "and decides", await reads(reader, "/two.html"));
  },

  /* the first day: a bar, adoption by two, a switch */
  async first(b) {
    const reader = await open(b, "eve"), bob = await open(b, "bob", {locale: "zh-CN", dark: true}), lena = await open(b, "lena", {locale: "en-US"});
    await bob.goto(base + "/moderation/orders");
    ok(/现在会扣住/.test(await bob.innerText("main")), "what would be held now", (await bob.innerText("main")).slice(-300));
    const young = await bob.locator(".panel:has(.steps)", {hasText: "young"}).allInnerTexts();
    ok(young.length === 1 && /^young a, b/.test(young[0]), "a slot of two sites with one policy stands once", young.join(" | "));
    await bob.screenshot({path: pictures + "/review-rollout-dark.png", fullPage: true});
    await bob.locator("form:has(input[value=young]) button").first().click();
    ok(await bob.waitForURL(/pending/).then(() => 1, () => 0), "adoption is asked for", bob.url());
    await lena.goto(base + "/moderation/pending");
    await lena.screenshot({path: pictures + "/review-sign.png"});
    await lena.getByRole("button", {name: "Sign", exact: true}).click();
    ok(await sees(reader, "51 52 53", "/young.html") === "51 52 53", "signed: shown where it is enforced", await reads(reader, "/young.html"));
  },

  async opened(b) {
    const reader = await open(b, "eve"), bob = await open(b, "bob", {locale: "en-US"});
    const before = await reads(reader, "/two.html");
    await bob.goto(base + "/moderation/orders");
    await bob.fill("[name=slot]", "two");
    await bob.selectOption("[name=mode]", "open");
    await bob.fill("form:has([name=mode]) [name=reason]", "a wrong required");
    await bob.fill("form:has([name=mode]) [name=until]", "30m");
    await bob.click("form:has([name=mode]) button");
    ok(await sees(reader, before + " 43", "/two.html") === before + " 43", "a slot is opened by a form", await reads(reader, "/two.html"));
  }
};

drive(steps);
