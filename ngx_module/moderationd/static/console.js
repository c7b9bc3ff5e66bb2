"use strict";
/* console.js - keys, claims, decisions without a reload. Every screen works without it. */
(() => {
  const zh = document.documentElement.lang.startsWith("zh");
  const t = (z, e) => zh ? z : e;
  const $ = (q, r) => (r || document).querySelector(q);
  const token = document.body.dataset.token;
  const api = (path, args) => fetch("/moderation/v1/" + path, {
    method: "POST", headers: {"Content-Type": "application/json", "X-Moderation-Token": token},
    body: JSON.stringify(args || {})
  }).then(async r => ({status: r.status, json: await r.json().catch(() => ({}))}));

  let toast, hide, last, busy = false, waitReason = false, skipped = new Set();

  function say(text, undo, bad) {
    if (toast) toast.remove();
    clearTimeout(hide);
    toast = document.createElement("div");
    toast.className = "toast";
    toast.setAttribute("role", bad ? "alert" : "status");
    const s = document.createElement("span");
    if (bad) s.className = "bad";
    s.textContent = text;
    toast.append(s);
    if (undo) {
      const b = document.createElement("button");
      b.textContent = t("撤销 U", "Undo U");
      b.onclick = takeBack;
      toast.append(b);
    }
    document.body.append(toast);
    hide = setTimeout(() => { toast.remove(); toast = null; }, undo ? 20000 : 6000);
  }

  if (document.body.dataset.page !== "queue") return;

  /* cards: the list has them, a page of each has the rest; the next is fetched before it is wanted */
  const pages = new Map();
  const links = () => [...document.querySelectorAll("#cards a")];
  const now = () => { const d = $("#decide"); return d ? d.dataset.card : null; };

  function page(id) {
    const p = pages.get(id);
    if (p && Date.now() - p.at < 30000) return p.doc;
    const doc = fetch("/moderation/cards/" + id + location.search).then(r => {
      if (!r.ok) throw new Error(r.status);
      return r.text();
    }).then(s => new DOMParser().parseFromString(s, "text/html"));
    pages.set(id, {at: Date.now(), doc});
    doc.catch(() => pages.delete(id));
    return doc;
  }

  function put(doc, list) {
    for (const q of [".work", ".side"]) {
      const a = $(q), b = $(q, doc);
      if (a && b) a.replaceWith(b); else if (a) a.remove(); else if (b) $("main").append(b);
    }
    if (list && $(".list", doc)) $(".list").replaceWith($(".list", doc));
    const st = $(".state", doc);
    if (st && list) $(".state").replaceWith(st);
    ready();
  }

  async function show(id, claim = true) {
    try {
      const doc = await page(id);
      pages.delete(id);
      put(doc, false);
      for (const a of links()) {
        if (a.dataset.card === id) { a.setAttribute("aria-current", "true"); a.scrollIntoView({block: "nearest"}); }
        else a.removeAttribute("aria-current");
      }
      history.replaceState(null, "", "/moderation/cards/" + id + location.search);
      if (claim) take(id);
      $("#work").focus({preventScroll: true});
    } catch (e) { say(t("打不开这张卡片", "This card cannot be opened"), false, true); }
  }

  async function take(id) {
    const r = await api("cards/" + id + "/claim");
    if (r.status === 409) say(r.json.by + t(" 正在看", " is looking at it"), false, true);
  }

  function after(id, step) {
    const l = links(), i = l.findIndex(a => a.dataset.card === id);
    for (let k = i + step; k >= 0 && k < l.length; k += step) {
      if (!skipped.has(l[k].dataset.card)) return l[k].dataset.card;
    }
    return null;
  }

  async function refresh(id) {
    const r = await fetch("/moderation/queue" + location.search);
    if (!r.ok) return;
    const doc = new DOMParser().parseFromString(await r.text(), "text/html");
    if ($(".list", doc)) $(".list").replaceWith($(".list", doc));
    if ($(".state", doc)) $(".state").replaceWith($(".state", doc));
    for (const a of links()) {
      if (a.dataset.card === id) a.setAttribute("aria-current", "true"); else a.removeAttribute("aria-current");
    }
    if (!id) put(doc, true);
  }

  async function decide(verdict, reason) {
    const d = $("#decide");
    if (!d || busy) return;
    busy = true;
    const id = d.dataset.card, next = after(id, 1) || after(id, -1);
    if (next) page(next);
    const title = ($("#work h1") || {}).textContent || "";
    const begun = performance.now();
    try {
      const r = await api("cards/" + id + "/decide", {
        version: +d.dataset.version, verdict, reason: reason || "", note: $("#note") ? $("#note").value : ""
      });
      if (r.status === 200) {
        last = {review: r.json.review, card: id};
        const word = {release: t("已放行", "Released"), reject: t("已驳回", "Rejected"),
                      escalate: t("已上报", "Escalated"), ask: t("请人再看", "Asked")}[verdict];
        say(word + t("「", " “") + title.trim().slice(0, 24) + t("」 · ", "” · ") +
            ((performance.now() - begun) / 1000).toFixed(2) + t(" 秒", " s"), true);
        pages.delete(id);
        if (!r.json.current) { say(t("已有更新的版本，请再看", "A newer version waits: look again"), true, true); await show(id); }
        else {
          const a = links().find(x => x.dataset.card === id);
          if (a) a.closest("li").remove();
          if (next) await show(next); else await refresh(null);
        }
      } else if (r.status === 409) {
        say((r.json.by || "") + t(" 已先一步：", " was first: ") + (r.json.verdict || r.json.error || ""), false, true);
        pages.delete(id);
        if (next) await show(next); else await refresh(null);
      } else say((r.json.detail || r.json.error || r.status) + "", false, true);
    } catch (e) { say(t("没有连上", "No connection"), false, true); }
    busy = false;
  }

  async function takeBack() {
    if (!last) return;
    const r = await api("reviews/" + last.review + "/undo");
    if (r.status === 200) {
      say(t("已撤销", "Taken back"));
      const id = last.card;
      last = null;
      await refresh(id);
      await show(id);
    } else say(r.json.detail || r.json.error || "", false, true);
  }

  function reject(key) {
    const all = [...document.querySelectorAll("input[name=reason]")];
    const one = key ? all.find(i => i.dataset.key === key) : all.find(i => i.checked) || null;
    waitReason = false;
    if (one) { one.checked = true; decide("reject", one.value); }
    else if (!all.length) say(t("没有理由可选", "There is no reason to pick"), false, true);
  }

  function help() {
    const d = document.createElement("dialog");
    const rows = [["F", t("放行", "release")], ["R", t("驳回：再按 R 用规则的理由，或按 1–9", "reject: R again for the rule, or 1–9")],
      ["E", t("上报", "escalate")], ["A", t("请人再看", "ask for a second look")], ["N", t("备注", "note")], ["S", t("跳过", "skip")],
      ["U", t("撤销", "undo")], ["J K", t("下一条、上一条", "next, previous")], ["Esc", t("离开", "leave")]];
    const h = document.createElement("h2");
    h.textContent = t("按键", "Keys");
    d.append(h);
    for (const [k, v] of rows) {
      const p = document.createElement("p"), b = document.createElement("kbd");
      b.textContent = k;
      p.append(b, " " + v);
      d.append(p);
    }
    d.addEventListener("close", () => d.remove());
    document.body.append(d);
    d.showModal();
  }

  function ready() {
    const s = $("#skip"), k = $(".keys"), form = $("#decide form");
    if (s) { s.hidden = false; s.onclick = skip; }
    if (k) k.hidden = false;
    if (form) form.addEventListener("submit", e => {
      e.preventDefault();
      const v = e.submitter ? e.submitter.value : "";
      if (v === "reject") reject(); else if (v) decide(v);
    });
    const id = now();
    const next = id && after(id, 1);
    if (next) page(next);
  }

  function skip() {
    const id = now();
    if (!id) return;
    skipped.add(id);
    api("cards/" + id + "/drop");
    const next = after(id, 1) || after(id, -1);
    if (next) show(next);
  }

  function move(step) {
    const id = now() || (links().find(a => a.hasAttribute("aria-current")) || {dataset: {}}).dataset.card;
    const next = id ? after(id, step) : null;
    if (next) show(next);
  }

  document.addEventListener("keydown", e => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const field = e.target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");
    if (e.key === "Escape") { waitReason = false; if (field) e.target.blur(); return; }
    if (field || $("dialog[open]")) return;
    const key = e.key.toLowerCase();
    if (waitReason && (/^[1-9]$/.test(key) || key === "r")) { e.preventDefault(); reject(key === "r" ? "" : key); return; }
    const act = {f: () => decide("release"), e: () => decide("escalate"), a: () => decide("ask"), u: takeBack, s: skip,
      j: () => move(1), k: () => move(-1), "?": help,
      n: () => { if ($("#note")) $("#note").focus(); },
      r: () => { if ($("#decide")) { waitReason = true; say(t("理由？R 用规则的，或 1–9", "Why? R: the rule's, or 1–9")); } }}[key];
    if (act) { e.preventDefault(); act(); }
  });

  document.addEventListener("click", e => {
    const a = e.target.closest("#cards a");
    if (a && !e.ctrlKey && !e.metaKey && e.button === 0) { e.preventDefault(); show(a.dataset.card); }
  });

  ready();
  if (now() && /\/cards\//.test(location.pathname)) take(now());
  setInterval(() => { if (now()) api("cards/" + now() + "/heartbeat"); }, 60000);
  setInterval(() => { if (!busy && !document.hidden && !$("#note:focus")) refresh(now()); }, 5000);
})();
