"use strict";
/* console.js - keys, claims, decisions without a reload. Screens work without it. */
(() => {
  const zh = document.documentElement.lang.startsWith("zh");
  const t = (z, e) => zh ? z : e;
  const $ = (q, r) => (r || document).querySelector(q);
  const $$ = (q, r) => [...(r || document).querySelectorAll(q)];
  const body = document.body, token = body.dataset.token;
  const api = (path, args) => fetch("/moderation/v1/" + path, {
    method: "POST", headers: {"Content-Type": "application/json", "X-Moderation-Token": token},
    body: JSON.stringify(args || {}), keepalive: true
  }).then(async r => ({status: r.status, json: await r.json().catch(() => ({}))}), () => ({json: {error: t("没有连上", "No connection")}}));

  let toast, hide, busy = false, why = false, want = null, held = null, asking, ahead = null;
  const done = [], skipped = new Set();

  function say(text, undo, bad) {
    toast?.remove();
    clearTimeout(hide);
    body.insertAdjacentHTML("beforeend", `<div class=toast role=${bad ? "alert" : "status"}><span class=${bad ? "bad" : ""}></span>`
      + (undo ? `<button>${t("撤销 U", "Undo U")}</button>` : ""));
    toast = body.lastChild;
    $("span", toast).textContent = text;
    if (undo) $("button", toast).onclick = takeBack;
    hide = setTimeout(() => toast.remove(), undo ? 20000 : 6000);
  }

  /* every screen: G and a number, /, ? */
  const here = body.dataset.page;
  const typing = e => e.ctrlKey || e.metaKey || e.altKey
    || e.target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");
  $(".top nav [aria-current]")?.scrollIntoView({block: "nearest", inline: "center"});
  const screens = () => $$(".top nav a").slice(0, 10);
  let go = 0;
  addEventListener("keydown", e => {
    if (typing(e) || $("dialog[open]")) return;
    const a = /^[0-9]$/.test(e.key) && Date.now() - go < 2000 ? screens()[(+e.key + 9) % 10] : null;
    go = e.key === "g" ? Date.now() : 0;
    if (a) { e.preventDefault(); e.stopImmediatePropagation(); a.click(); }
    else if (e.key === "?") { e.preventDefault(); $("#keys").showModal(); }
    else if (e.key === "/") { e.preventDefault(); $("main form:not([method=post]) input, #note")?.focus(); }
    else if (e.key === "m" && here === "alarms") ($(".mute", e.target.closest(".alarm")) || $(".mute"))?.click();
  });

  if (here !== "queue") return;

  /* a page of each card; the next is fetched before it is wanted */
  const pages = new Map();
  const links = () => $$("#cards a");
  const now = () => $("#decide")?.dataset.card;

  function page(id) {
    const p = pages.get(id);
    if (p && Date.now() - p.at < 3e4) return p.doc;
    const doc = fetch("/moderation/cards/" + id + location.search).then(r => {
      if (!r.ok) throw new Error(r.status);
      return r.text();
    }).then(s => new DOMParser().parseFromString(s, "text/html"));
    pages.set(id, {at: Date.now(), doc});
    doc.catch(() => pages.delete(id));
    return doc;
  }

  /* how the next one looks, where a frame moves without a load */
  function look(id) {
    if (!body.moveBefore || ahead?.dataset.card === id) return;
    ahead?.remove();
    body.insertAdjacentHTML("beforeend", `<iframe class=look title="${$(".look")?.title}" sandbox hidden data-card=${id} src=/moderation/v1/cards/${id}/preview></iframe>`);
    ahead = body.lastChild;
  }

  function put(doc) {
    for (const q of [".work", ".side"]) {
      const a = $(q), b = $(q, doc);
      if (a && b) a.replaceWith(b); else if (a) a.remove(); else if (b) $("main").append(b);
    }
    const f = $(".work iframe");
    if (f && ahead?.src === f.src) {
      f.parentNode.moveBefore(ahead, f);
      f.remove();
      ahead.hidden = false;
      ahead = null;
    }
    ready();
  }

  /* place and focus stay */
  function fresh(doc) {
    for (const q of [".list", ".state"]) {
      const a = $(q), b = $(q, doc), e = document.activeElement;
      if (!a || !b || a.innerHTML === b.innerHTML) continue;
      const y = a.scrollTop, f = a.contains(e) && e.href;
      a.replaceWith(b);
      b.scrollTop = y;
      if (f) $$("a", b).find(n => n.href === f)?.focus({preventScroll: true});
    }
  }

  function mark(id) {
    for (const a of links()) a.ariaCurrent = a.dataset.card === id ? "true" : null;
  }

  /* on: not chosen by hand; what another looks at is passed over */
  async function show(id, on) {
    try {
      const doc = await page(id);
      pages.delete(id);
      reason(false);
      put(doc);
      document.title = doc.title;
      $("main").classList.add("has-card");
      mark(id);
      const a = $("#cards a[aria-current]");
      a?.scrollIntoView({block: "nearest"});
      scrollTo(0, 0);
      history.replaceState(null, "", "/moderation/cards/" + id + location.search);
      $("#work").focus({preventScroll: true});
      take(id).then(by => {
        if (!by || now() !== id) return;
        if (a) a.dataset.by = by;
        const next = on && onward(id);
        if (next) show(next, true);
        else if (!$("#work .by")) {
          $("#work h1").insertAdjacentHTML("afterend", "<p class='warn by' role=status></p>");
          $("#work .by").textContent = by + looks;
        }
      });
    } catch (e) { say(t("打不开这张卡片", "This card cannot be opened"), false, true); }
  }

  /* one card is this person's; no claim goes behind its drop. Who has it, if another */
  async function settle() {
    let by = await "";
    while (held !== want) {
      const id = held || want, drop = held;
      held = drop ? null : id;
      const r = await api(`cards/${id}/${drop ? "drop" : "claim"}`);
      by = r.status === 409 && held === id && r.json.by;
      if (by) held = null, want = want === id ? null : want;
    }
    asking = null;
    return by;
  }

  const take = id => (want = id, asking ||= settle());

  function after(id, step, on) {
    const l = links(), i = l.findIndex(a => a.dataset.card === id);
    for (let k = i + step; k >= 0 && k < l.length; k += step) {
      if (!on || !(l[k].dataset.by || skipped.has(l[k].dataset.card))) return l[k].dataset.card;
    }
    return null;
  }
  const onward = id => after(id, 1, true) || after(id, -1, true);

  async function refresh(id) {
    const n = done.length, s = await fetch("/moderation/queue" + location.search).then(r => r.ok && r.text()).catch(() => 0);
    if (!s || n !== done.length) return; /* too old */
    const doc = new DOMParser().parseFromString(s, "text/html");
    fresh(doc);
    if (id) mark(id); else { take(null); put(doc); }
  }

  const looks = t(" 正在看这张卡片", " is looking at this card");
  const said = {release: t("已放行", "Released"), reject: t("已驳回", "Rejected"),
    escalate: t("已上报", "Escalated"), ask: t("已请人再看", "Asked for a second look")};

  const onto = id => id ? show(id, true) : refresh(null);
  const since = at => at ? " · " + Math.max(0, Math.round((Date.now() - at) / 1000)) + t(" 秒前", " s ago") : "";

  async function decide(verdict, reason) {
    const d = $("#decide");
    if (!d || busy) return;
    busy = true;
    await asking;
    const id = d.dataset.card;
    let next = onward(id);
    if (next) page(next);
    const title = $("#work h1")?.textContent || "";
    const begun = performance.now();
    const r = await api("cards/" + id + "/decide", {
      version: +d.dataset.version, verdict, reason: reason || "", note: $("#note")?.value || "",
      also: verdict === "release" || verdict === "reject" ? $$("#also :checked").map(i => i.value) : []
    });
    if (r.status === 200) {
      if (held === id) held = null;
      if (want === id) want = null;
      done.push({review: r.json.review, card: id});
      say(said[verdict] + t("「", " “") + title.trim().slice(0, 24) + t("」 · ", "” · ") +
          ((performance.now() - begun) / 1000).toFixed(2) + t(" 秒", " s"), true);
      pages.delete(id);
      if (!r.json.current) { say(t("已有更新的版本，请再看", "A newer version waits: look again"), true, true); await show(id); }
      else {
        const gone = [id, ...(r.json.also || []).filter(x => x.review).map(x => "" + x.card)];
        if (gone.includes(next)) next = null;
        for (const a of links()) if (gone.includes(a.dataset.card)) a.closest("li").remove();
        next = next || after(null, 1, true);
        await onto(next);
      }
    } else if (r.status === 409) {
      say(r.json.by ? r.json.by + (r.json.verdict ? t(" 已先一步：", " was first: ") + (said[r.json.verdict] || r.json.verdict) + since(r.json.at)
        : looks) : r.json.detail || r.json.error, false, true);
      pages.delete(id);
      await onto(next);
    } else say((r.json.detail || r.json.error || r.status) + "", false, true);
    busy = false;
  }

  async function takeBack() {
    const last = done.pop();
    if (!last) { say(t("没有可撤销的", "Nothing to take back")); return; }
    const r = await api("reviews/" + last.review + "/undo");
    if (r.status === 200) {
      say(t("已撤销", "Taken back"));
      await refresh(last.card);
      await show(last.card);
    } else {
      if (!r.status) done.push(last);
      say(r.json.detail || r.json.error || "", false, true);
    }
  }

  /* R waits for the reason; any other key ends that */
  function reason(on) {
    const f = $(".reasons");
    why = on;
    f?.classList.toggle("ask", on);
    if (on) { f.scrollIntoView({block: "nearest"}); say(t("理由？R 用规则的，或 1–9", "Why? R: the rule's, or 1–9")); }
  }

  function reject(key) {
    const one = $$("input[name=reason]").find(i => key ? i.dataset.key === key : i.type !== "radio" || i.checked);
    if (one && one.value) { one.checked = true; decide("reject", one.value); }
    else if ($(".reasons")) reason(true);
  }

  function ready() {
    const s = $("#skip"), k = $(".keys"), form = $("#decide form");
    if (s) { s.hidden = k.hidden = false; s.onclick = skip; }
    form?.addEventListener("submit", e => {
      e.preventDefault();
      const v = e.submitter?.value;
      if (v === "reject") reject(); else if (v) decide(v);
    });
    const id = now();
    const next = id && onward(id);
    if (next) { page(next); look(next); }
  }

  function skip() {
    const id = now();
    if (!id) return;
    skipped.add(id);
    const next = onward(id);
    if (next) show(next, true); else say(t("没有别的卡片", "There is no other card"));
  }

  function move(step) {
    const id = now() || $("#cards [aria-current]")?.dataset.card, next = id && after(id, step);
    if (next) show(next);
  }

  addEventListener("keydown", e => {
    const field = typing(e), was = why;
    if (was && !e.shiftKey) reason(false);
    if (e.key === "Escape" || (e.key === "Enter" && e.target.id === "note" && !e.isComposing)) { if (field) { e.preventDefault(); e.target.blur(); } return; }
    if (field || $("dialog[open]")) return;
    const key = e.key.toLowerCase();
    if (was && /^[1-9r]$/.test(key)) { e.preventDefault(); reject(key === "r" ? "" : key); return; }
    const act = {f: () => decide("release"), e: () => decide("escalate"), a: () => decide("ask"), u: takeBack, z: takeBack, s: skip,
      j: () => move(1), k: () => move(-1),
      n: () => $("#note")?.focus(),
      r: () => { if ($("#decide")) reason(true); }}[key];
    if (act) { e.preventDefault(); act(); }
  });

  addEventListener("click", e => {
    const a = e.target.closest("#cards a");
    if (a && !e.ctrlKey && !e.metaKey && e.button === 0) { e.preventDefault(); show(a.dataset.card); }
  });

  ready();
  addEventListener("pagehide", () => {
    if (held) api(`cards/${held}/drop`);
    want = held = null;
  });
  addEventListener("pageshow", () => { if (now()) take(now()); });
  /* after five minutes it is another's */
  let seen = Date.now();
  onkeydown = onwheel = () => { seen = Date.now(); };
  /* a press on a picture takes the keys into its frame */
  onpointermove = () => {
    seen = Date.now();
    if ($("iframe.look") === document.activeElement) $("#work").focus({preventScroll: true});
  };
  setInterval(() => { if (held && Date.now() - seen < 3e5) api("cards/" + held + "/heartbeat"); }, 6e4);
  setInterval(() => { if (!busy && !document.hidden && !$("#note:focus")) refresh(now()); }, 5000);
})();
