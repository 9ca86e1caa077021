"use strict";
// The page's own script: it draws what the data block holds. Text from the policy is only ever put into the page as text.
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const ev = data.evidence;
  const main = document.getElementById("content");
  const ACTIONS = ["read", "write"];
  const CLASSES = ["public", "internal", "confidential", "restricted"];
  const now = data.time;

  // el makes an element: el("p", {class: "x"}, child...). Strings become text.
  function el(tag, attrs, ...children) {
    const node = tag.startsWith("svg:") ? document.createElementNS("http://www.w3.org/2000/svg", tag.slice(4)) : document.createElement(tag);
    for (const [name, value] of Object.entries(attrs || {})) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
    }
    for (const child of children.flat(Infinity)) if (child !== undefined && child !== null) node.append(child);
    return node;
  }
  const place = (file, line) => file ? el("code", {}, file + ":" + line) : "";
  const count = n => n.toLocaleString("en");
  const plural = (n, word) => count(n) + " " + word + (n === 1 ? "" : "s");

  // ---- Sections
  const sections = [];
  function section(id, title, fill) {
    const node = el("section", { id, "aria-labelledby": id + "-title" }, el("h2", { id: id + "-title" }, title));
    fill(node);
    main.append(node);
    sections.push(el("li", {}, el("a", { href: "#" + id }, title)));
  }
  function table(caption, heads, rows, most) {
    const shown = rows.slice(0, most || rows.length);
    const body = shown.map(cells => el("tr", {}, cells.map((c, i) => el(i === 0 ? "th" : "td", i === 0 ? { scope: "row" } : {}, c))));
    const out = [el("div", { class: "scroll" }, el("table", {}, el("caption", {}, caption),
      el("thead", {}, el("tr", {}, heads.map(h => el("th", { scope: "col" }, h)))), el("tbody", {}, body)))];
    if (rows.length > shown.length) out.push(el("p", { class: "soft" }, "and " + count(rows.length - shown.length) + " more, in the JSON report"));
    return out;
  }
  const none = text => el("p", { class: "soft" }, text);

  // ---- Grants
  // Each grant: environment, origin, workload, resource, action, request, spans, [[line, group]...].
  const grants = data.grants;
  const bySpan = data.spans.map(list => {
    if (list.length === 0) return { text: "always", holds: true, past: false, end: "" };
    const holds = list.some(([b, e]) => (!b || b <= now) && (!e || now < e));
    const past = list.every(([, e]) => e && e <= now);
    const text = list.map(([b, e]) => [b && "from " + b, e && "until " + e].filter(Boolean).join(" ")).join(" and ");
    return { text: text || "always", holds: holds, past: past };
  });

  const teams = [...new Set([...data.workloads.map(w => w.team || ""), ...data.resources.map(r => r.team || "")].filter(Boolean))].sort();
  const tiers = [...new Set(data.environments.map(e => e.tier))];
  const filters = { environment: "", tier: "", classification: "", team: "", text: "", holding: true, empty: false };

  let cells = new Map(); // workload * resources + resource -> [grant...]
  let rows = [], cols = [];
  function refresh() {
    const f = filters, R = data.resources.length, text = f.text.toLowerCase();
    const envOk = data.environments.map(e => (!f.environment || e.name === f.environment) && (!f.tier || e.tier === f.tier));
    const resOk = data.resources.map(r => !f.classification || r.classification === f.classification);
    const match = x => !text || x.address.toLowerCase().includes(text) || (x.owner || "").toLowerCase().includes(text) || x.names.some(n => n.toLowerCase().includes(text));
    const wTeam = data.workloads.map(w => !f.team || w.team === f.team), rTeam = data.resources.map(r => !f.team || r.team === f.team);
    const wText = data.workloads.map(match), rText = data.resources.map(match);
    cells = new Map();
    const wHas = new Uint8Array(data.workloads.length), rHas = new Uint8Array(R);
    for (let i = 0; i < grants.length; i++) {
      const g = grants[i], w = g[2], r = g[3];
      if (!envOk[g[0]] || !resOk[r] || !(wTeam[w] || rTeam[r]) || !(wText[w] || rText[r]) || (f.holding && !bySpan[g[6]].holds)) continue;
      const key = w * R + r, list = cells.get(key);
      if (list) list.push(i); else cells.set(key, [i]);
      wHas[w] = 1; rHas[r] = 1;
    }
    rows = []; cols = [];
    for (let w = 0; w < data.workloads.length; w++) if (wHas[w] || (f.empty && wTeam[w] && wText[w])) rows.push(w);
    for (let r = 0; r < R; r++) if (rHas[r] || (f.empty && resOk[r] && rTeam[r] && rText[r])) cols.push(r);
  }

  const letters = list => ACTIONS.map((a, i) => list.some(g => grants[g][4] === i) ? a[0].toUpperCase() : "").join("");
  const narrowed = list => list.every(g => grants[g][5] !== 0);
  function spoken(w, r, list) {
    const what = list ? [...new Set(list.map(g => ACTIONS[grants[g][4]]))].join(" and ") : "";
    return data.workloads[w].address + (list ? " can " + what + " " : " can't reach ") + data.resources[r].address + (list && narrowed(list) ? ", some requests" : "");
  }

  // ---- The matrix: only what is in sight is in the page, so that a million cells scroll.
  const SIZE = 28, LEFT = 240, TOP = 220;
  let grid, space, focused = [0, 0], live;
  const nothing = el("p", { id: "nothing", class: "soft screen", hidden: true }, "Nobody reaches anything under these filters.");
  function drawMatrix() {
    grid = el("div", { class: "matrix", role: "grid", "aria-label": "Who reaches what: workloads down, resources across", tabindex: "-1", onscroll: () => requestAnimationFrame(paint) });
    space = el("div", { class: "space", role: "presentation" });
    grid.append(space);
    grid.addEventListener("keydown", move);
    grid.addEventListener("click", click);
    return grid;
  }
  function layout() {
    grid.setAttribute("aria-rowcount", rows.length + 1);
    grid.setAttribute("aria-colcount", cols.length + 1);
    space.style.width = LEFT + cols.length * SIZE + 8 + "px";
    space.style.height = TOP + rows.length * SIZE + 8 + "px";
    grid.style.height = Math.min(620, TOP + Math.max(rows.length, 4) * SIZE + 28) + "px";
    nothing.hidden = rows.length > 0 && cols.length > 0;
    focused = [Math.min(focused[0], Math.max(0, rows.length - 1)), Math.min(focused[1], Math.max(0, cols.length - 1))];
    grid.scrollTo(0, 0);
    paint();
  }
  function sight() {
    const h = grid.clientHeight || 620, w = grid.clientWidth || 900;
    const y = Math.max(0, Math.floor(grid.scrollTop / SIZE) - 2), x = Math.max(0, Math.floor(grid.scrollLeft / SIZE) - 2);
    return { y, x, yEnd: Math.min(rows.length, y + Math.ceil((h - TOP) / SIZE) + 5), xEnd: Math.min(cols.length, x + Math.ceil((w - LEFT) / SIZE) + 5) };
  }
  function paint() {
    const had = grid.contains(document.activeElement) && document.activeElement !== grid;
    const s = sight(), sx = grid.scrollLeft, sy = grid.scrollTop, parts = [], R = data.resources.length;
    const at = (left, top) => "left:" + left + "px;top:" + top + "px";
    const heads = el("div", { role: "row", "aria-rowindex": 1 });
    heads.append(el("div", { class: "corner", role: "columnheader", "aria-colindex": 1, style: at(sx, sy) }, count(rows.length) + " workloads × " + count(cols.length) + " resources. R reads, W writes; lower case: some requests."));
    for (let x = s.x; x < s.xEnd; x++) {
      const r = data.resources[cols[x]];
      heads.append(el("div", { class: "colhead", role: "columnheader", "aria-colindex": x + 2, "data-col": x, style: at(LEFT + x * SIZE, sy), title: r.address + " (" + r.classification + ")" }, el("span", {}, short(r.address))));
    }
    parts.push(heads);
    for (let y = s.y; y < s.yEnd; y++) {
      const w = rows[y], line = el("div", { role: "row", "aria-rowindex": y + 2 });
      line.append(el("div", { class: "rowhead", role: "rowheader", "aria-colindex": 1, "data-row": y, style: at(sx, TOP + y * SIZE), title: data.workloads[w].address }, short(data.workloads[w].address)));
      for (let x = s.x; x < s.xEnd; x++) {
        const r = cols[x], list = cells.get(w * R + r), here = y === focused[0] && x === focused[1];
        if (!list && !here) continue;
        let text = list ? letters(list) : "";
        if (list && narrowed(list)) text = text.toLowerCase();
        line.append(el("div", {
          class: "cell " + (list ? data.resources[r].classification : "none"), role: "gridcell", "aria-colindex": x + 2, "aria-label": spoken(w, r, list),
          "data-y": y, "data-x": x, tabindex: here ? 0 : -1, style: at(LEFT + x * SIZE + 1, TOP + y * SIZE + 1),
        }, text));
      }
      parts.push(line);
    }
    space.replaceChildren(...parts);
    if (had) focusCell();
  }
  const short = a => a.replace(/^(workload|feature_store|secret)\./, (m, k) => k === "secret" ? "secret." : "");
  function focusCell() {
    const cell = space.querySelector('[tabindex="0"]');
    if (cell) cell.focus({ preventScroll: true });
  }
  function move(e) {
    const page = Math.max(1, Math.floor((grid.clientHeight - TOP) / SIZE) - 1);
    const to = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-page, 0], PageDown: [page, 0] }[e.key];
    if (e.key === "Enter" || e.key === " ") { e.preventDefault(); show(focused[0], focused[1]); return; }
    let [y, x] = focused;
    if (to) { y += to[0]; x += to[1]; }
    else if (e.key === "Home") { x = 0; if (e.ctrlKey) y = 0; }
    else if (e.key === "End") { x = cols.length - 1; if (e.ctrlKey) y = rows.length - 1; }
    else return;
    e.preventDefault();
    focused = [Math.max(0, Math.min(rows.length - 1, y)), Math.max(0, Math.min(cols.length - 1, x))];
    const top = focused[0] * SIZE, left = focused[1] * SIZE;
    if (top < grid.scrollTop) grid.scrollTop = top;
    if (top + SIZE + TOP > grid.scrollTop + grid.clientHeight) grid.scrollTop = top + SIZE + TOP - grid.clientHeight + 16;
    if (left < grid.scrollLeft) grid.scrollLeft = left;
    if (left + SIZE + LEFT > grid.scrollLeft + grid.clientWidth) grid.scrollLeft = left + SIZE + LEFT - grid.clientWidth + 16;
    paint();
    focusCell();
  }
  function click(e) {
    const cell = e.target.closest("[data-y]"), row = e.target.closest("[data-row]"), col = e.target.closest("[data-col]");
    if (cell) { focused = [+cell.dataset.y, +cell.dataset.x]; paint(); focusCell(); show(...focused); }
    else if (row) choose("workload", rows[+row.dataset.row]);
    else if (col) choose("resource", cols[+col.dataset.col]);
  }

  // ---- The panel: the lines and the path behind a cell.
  const panel = el("div", { class: "panel", role: "region", "aria-label": "Why", "aria-live": "polite", tabindex: "0" }, none("Choose a cell for the lines behind it, or a name for a drawing."));
  const R = data.resources.length;
  function show(y, x) {
    if (rows.length === 0 || cols.length === 0) return;
    const w = rows[y], r = cols[x], list = cells.get(w * R + r) || [];
    const parts = [el("h3", {}, data.workloads[w].address + " → " + data.resources[r].address), facts(w, r), el("p", {},
      el("button", { type: "button", onclick: () => choose("workload", w) }, "Draw what the workload reaches"), " ",
      el("button", { type: "button", onclick: () => choose("resource", r) }, "Draw who reaches the resource"))];
    for (const i of list) parts.push(grantView(grants[i]));
    for (const c of data.cuts) if (c[1] === w && c[2] === r) {
      parts.push(el("h3", { class: "bad" }, "denied: " + ACTIONS[c[3]] + " in " + data.environments[c[0]].name));
      parts.push(el("ul", {}, c[4].map(i => lineItem(i, 0, "allowed by ")), c[5].map(i => lineItem(i, 0, "denied by "))));
    }
    if (list.length === 0 && parts.length === 3) parts.push(none("No allow gives it" + (filters.environment || filters.tier ? " under these filters." : ".")));
    panel.replaceChildren(...parts.flat());
    panel.scrollTop = 0;
  }
  function facts(w, r) {
    const W = data.workloads[w], X = data.resources[r];
    return el("p", {}, el("span", { class: "tag " + X.classification }, X.classification), " owned by ", X.owner || "nobody", "; the workload is owned by ", W.owner || "nobody",
      W.interactive ? ", and a person drives it" : "", ". Declared at ", place(W.file, W.line), " and ", place(X.file, X.line), ".");
  }
  function grantView(g) {
    const env = data.environments[g[0]].name, origin = data.environments[g[1]].name, span = bySpan[g[6]];
    const W = data.workloads[g[2]], X = data.resources[g[3]];
    const name = (names, e) => (names.find(n => n.startsWith(e + ": ")) || "").slice(e.length + 2);
    return [el("h3", {}, ACTIONS[g[4]] + " in " + env + (origin !== env ? ", from " + origin : "") + (span.holds ? "" : span.past ? " (over)" : " (not yet)")),
      el("p", {}, span.text + (data.requests[g[5]] ? "; only " + data.requests[g[5]] : "") + ". There: ", el("code", {}, name(W.names, origin) || W.address), " → ", el("code", {}, name(X.names, env) || X.address)),
      el("ul", {}, g[7].map(([line, group]) => lineItem(line, group, "")))];
  }
  function lineItem(i, group, how) {
    const l = data.lines[i];
    return el("li", {}, how, el("code", {}, l.address), " at ", place(l.file, l.line), group ? [" through ", el("code", {}, data.groups[group])] : "", l.reason ? [": ", l.reason] : "");
  }

  // ---- The drawing: who reaches a resource, what a workload reaches.
  const drawing = el("div", { class: "drawing", tabindex: "0", role: "region", "aria-label": "Drawing" });
  const MOST = 40;
  function choose(kind, index) {
    const side = kind === "resource" ? 3 : 2, other = kind === "resource" ? 2 : 3;
    const seen = new Map();
    for (const i of [...cells.values()].flat()) {
      const g = grants[i];
      if (g[side] !== index) continue;
      for (const [line] of g[7]) {
        const key = line + "/" + g[other];
        if (!seen.has(key)) seen.set(key, { line, end: g[other], actions: new Set() });
        seen.get(key).actions.add(ACTIONS[g[4]][0].toUpperCase());
      }
    }
    draw(kind, index, [...seen.values()]);
  }
  function draw(kind, index, edges) {
    const chosen = kind === "resource" ? data.resources[index] : data.workloads[index];
    const of = i => kind === "resource" ? data.workloads[i] : data.resources[i];
    const ends = [...new Set(edges.map(e => e.end))], lines = [...new Set(edges.map(e => e.line))];
    const showEnds = ends.slice(0, MOST), showLines = lines.slice(0, MOST);
    const height = Math.max(showEnds.length, showLines.length, 1) * 30 + 60, width = 1100;
    const title = kind === "resource" ? plural(ends.length, "workload") + " reach" + (ends.length === 1 ? "es " : " ") + chosen.address : chosen.address + " reaches " + plural(ends.length, "resource");
    const svg = el("svg:svg", { viewBox: "0 0 " + width + " " + height, width, height, role: "img", "aria-label": title });
    const y = (i, n) => 40 + (height - 50) * (i + .5) / Math.max(n, 1);
    const node = (x, yy, w, text, cls, act) => el("svg:g", { class: "node", onclick: act }, el("svg:rect", { x, y: yy - 12, width: w, height: 24, class: cls || "" }), el("svg:text", { x: x + 8, y: yy + 4 }, cut(text, w / 8.2)), el("svg:title", {}, text));
    const curve = (x1, y1, x2, y2) => el("svg:path", { d: "M" + x1 + " " + y1 + " C" + (x1 + 60) + " " + y1 + " " + (x2 - 60) + " " + y2 + " " + x2 + " " + y2 });
    const left = kind === "resource", mid = height / 2 + 10;
    svg.append(el("svg:text", { x: 10, y: 20, class: "soft" }, left ? "who" : "workload"), el("svg:text", { x: 420, y: 20, class: "soft" }, "by which allow"), el("svg:text", { x: 800, y: 20, class: "soft" }, left ? "resource" : "what"));
    for (const e of edges) {
      const a = showEnds.indexOf(e.end), b = showLines.indexOf(e.line);
      if (a < 0 || b < 0) continue;
      svg.append(left ? curve(290, y(a, showEnds.length), 420, y(b, showLines.length)) : curve(690, y(b, showLines.length), 800, y(a, showEnds.length)));
    }
    showLines.forEach((line, i) => {
      svg.append(left ? curve(690, y(i, showLines.length), 800, mid) : curve(290, mid, 420, y(i, showLines.length)));
      svg.append(node(420, y(i, showLines.length), 270, data.lines[line].address));
    });
    showEnds.forEach((end, i) => svg.append(node(left ? 10 : 800, y(i, showEnds.length), 280, short(of(end).address), of(end).classification, () => choose(left ? "workload" : "resource", end))));
    svg.append(node(left ? 800 : 10, mid, 280, short(chosen.address), chosen.classification));
    const more = [ends.length > MOST && plural(ends.length - MOST, "more end"), lines.length > MOST && plural(lines.length - MOST, "more allow")].filter(Boolean).join(" and ");
    const list = el("details", {}, el("summary", {}, "The same as a list"), el("ul", {}, edges.slice(0, 500).map(e => el("li", {}, of(e.end).address + " (" + [...e.actions].join("") + ") by " + data.lines[e.line].address))));
    const under = ["environment", "tier", "classification", "team", "text"].some(f => filters[f]) ? ", under the filters above" : "";
    drawing.replaceChildren(el("p", { style: "margin: 8px 12px" }, el("b", {}, title), under, more ? "; not drawn: " + more : ""), svg, list);
    live.textContent = title;
  }
  const cut = (s, n) => s.length > n ? s.slice(0, n - 1) + "…" : s;

  // ---- The page
  document.getElementById("stamp").textContent = "as of " + data.time + " · policy " + data.digest.slice(0, 12) + " · gatehouse " + data.version;

  const LOSSES = { "coarse-action": "read and write are one thing there", "unenforced-expiry": "the target has no clock, so access ends when apply next runs", "shared-identity": "workloads that are one principal have each other's access" };
  const losses = found => Object.keys(found).length ? el("ul", { class: "plain" }, Object.keys(found).sort().map(kind => el("li", {}, count(found[kind]) + " × " + kind, LOSSES[kind] ? ": " + LOSSES[kind] : ""))) : "nothing is lost";
  const looked = () => data.drift.of === "live" ? "What is out there" : "The " + data.drift.of;

  section("summary", "Summary", node => {
    const bad = /^(failed|refused|the check)/.test(data.verdict);
    const c = ev.counts, standing = ev.findings.filter(f => !f.waived_by);
    const bypasses = data.drift ? data.drift.rows.filter(r => r.kind === "bypass" && r.severity === "drift").length : 0;
    const failed = ev.tests.filter(t => !t.passed), refused = standing.filter(f => f.level === "deny").length;
    node.append(el("p", { class: "verdict" + (bad ? " bad" : "") }, data.verdict),
      failed.length ? el("p", { class: "verdict bad" }, plural(failed.length, "test") + " of " + count(ev.tests.length) + (failed.length === 1 ? " fails: " : " fail, first: ") + failed[0].name + ". ", el("a", { href: "#tests" }, "See why")) : "",
      failed.length && refused ? el("p", { class: "verdict bad" }, plural(refused, "guardrail finding") + (refused === 1 ? " refuses" : " refuse") + " the policy, too. ", el("a", { href: "#guardrails" }, "See which")) : "",
      data.drift && data.drift.count ? el("p", { class: "verdict bad" }, looked() + " differs from the policy: " + plural(data.drift.count, "difference") + (bypasses ? ", " + count(bypasses) + " of them access that nothing declares" : "") + ". ", el("a", { href: "#drift" }, "See how")) : "",
      el("ul", { class: "figures" }, [[c.environments, "environments"], [c.workloads, "workloads"], [c.resources, "resources"], [c.grants, "grants"], [c.denied, "denied"],
        [standing.length, "findings"], [ev.exceptions.filter(x => x.in_force).length, "exceptions in force"], [ev.expiries.length, "expiries ahead"],
        [data.drift ? data.drift.count : "–", data.drift ? "differences out there" : "drift: nobody looked", data.drift && data.drift.count > 0]].map(([n, what, alarms]) => el("li", {}, el("b", alarms ? { class: "bad" } : {}, typeof n === "number" ? count(n) : n), what))));
    node.append(el("p", { class: "soft" }, "Digest of the policy's files: ", el("code", {}, data.digest)));
    node.append(...table("Environments", ["Environment", "Tier", "Targets"], data.environments.map(e => [e.name + (e.retired ? " (retired)" : ""), e.tier, e.targets.join(", ")])));
    if (data.proofs.length) node.append(...table("Proofs: what is compiled means what is declared, but for what a target can't express", ["Environment", "Target", "Proven", "What the target can't express"],
      data.proofs.map(p => [p.environment, p.target, p.proven ? "yes" : el("b", { class: "bad" }, "no"), losses(p.losses)])));
    if (ev.not_applied.length) node.append(...table("Declared, and applied by no target", ["Resource", "Environment", "Target", "Grants"], ev.not_applied.map(o => [o.resource, o.environment, o.target, String(o.grants)]), 100));
  });

  section("access", "Access", node => {
    const pick = (label, key, values) => el("label", {}, label, el("select", { onchange: e => { filters[key] = e.target.value; apply(); } }, el("option", { value: "" }, "all"), values.map(v => el("option", { value: v }, v))));
    const tick = (label, key) => el("label", { class: "box" }, el("input", { type: "checkbox", checked: filters[key], onchange: e => { filters[key] = e.target.checked; apply(); } }), label);
    let timer;
    const search = el("input", { type: "search", placeholder: "name, owner or remote name", oninput: e => { clearTimeout(timer); timer = setTimeout(() => { filters.text = e.target.value; apply(); }, 120); } });
    live = el("div", { class: "status", role: "status" });
    const status = el("p", { class: "soft", id: "shown" });
    function apply() {
      refresh();
      layout();
      status.textContent = plural(cells.size, "pair") + " of " + count(rows.length) + " × " + count(cols.length) + " shown";
      live.textContent = status.textContent;
    }
    node.append(el("form", { class: "filters", onsubmit: e => e.preventDefault(), "aria-label": "Filters" },
      pick("Environment", "environment", data.environments.map(e => e.name)), pick("Tier", "tier", tiers), pick("Classification", "classification", CLASSES), pick("Team", "team", teams),
      el("label", {}, "Search", search), tick("only what holds now", "holding"), tick("also those without access", "empty")),
      el("ul", { class: "legend screen" }, CLASSES.map(c => el("li", { class: "tag " + c }, c))), status, nothing, live,
      el("div", { class: "access" }, drawMatrix(), panel), drawing);
    const jump = (label, kind, list) => {
      const id = "names-" + kind;
      return el("label", {}, label, el("input", { list: id, onchange: e => {
        const word = e.target.value.trim(), i = list.findIndex(x => x.address === word || short(x.address) === word);
        if (i >= 0) choose(kind, i);
        else if (word) drawing.replaceChildren(el("p", { class: "soft", style: "margin: 8px 12px" }, "The policy has no " + kind + " " + word + "."));
      } }), el("datalist", { id }, list.slice(0, 5000).map(x => el("option", { value: x.address }))));
    };
    node.append(el("form", { class: "filters", onsubmit: e => e.preventDefault(), "aria-label": "Drawing of" }, jump("Who reaches the resource", "resource", data.resources), jump("What is reached by the workload", "workload", data.workloads)));
    drawing.append(el("p", { class: "soft", style: "margin: 8px 12px" }, "Choose a resource or a workload to see the way between them."));
    const paper = grants.filter(g => bySpan[g[6]].holds);
    node.append(el("div", { class: "print" }, paper.length > 2000 ? none(count(paper.length) + " grants hold: too many for paper. The JSON report lists them.") :
      table("Grants that hold", ["Workload", "Action", "Resource", "Environment", "When", "By"], paper.map(g => [data.workloads[g[2]].address, ACTIONS[g[4]] + (data.requests[g[5]] ? " " + data.requests[g[5]] : ""), data.resources[g[3]].address, data.environments[g[0]].name, bySpan[g[6]].text, g[7].map(([l]) => data.lines[l].address).join(", ")]))));
    requestAnimationFrame(apply);
    refresh();
  });

  section("guardrails", "Guardrails", node => {
    const standing = ev.findings.filter(f => !f.waived_by), groups = new Map();
    for (const f of standing) { if (!groups.has(f.guardrail)) groups.set(f.guardrail, []); groups.get(f.guardrail).push(f); }
    node.append(el("p", {}, plural(ev.guardrails.length, "guardrail") + " judged: ", standing.length ? el("b", { class: "bad" }, plural(standing.length, "finding")) : el("b", { class: "good" }, "no finding"), "."));
    for (const [id, list] of groups) {
      const f = list[0];
      node.append(el("details", { open: true }, el("summary", {}, el("b", { class: f.level === "deny" ? "bad" : "warn" }, f.level === "deny" ? "refuses" : "warns"), " ", f.title, " ", el("code", {}, id), " · " + f.severity + " · " + list.length),
        f.rationale ? el("p", {}, f.rationale) : "", f.remedy ? el("p", {}, el("b", {}, "What to do. "), f.remedy) : "",
        el("ul", {}, list.slice(0, 200).map(x => el("li", {}, el("code", {}, x.subject), x.detail ? ": " + x.detail : "", x.range ? [" at ", place(x.range.file, x.range.start.line)] : ""))), list.length > 200 ? none("and " + (list.length - 200) + " more") : ""));
    }
    if (ev.controls.length) node.append(...table("Controls that the guardrails map to", ["Control", "Guardrails", "Findings", "Waived"], ev.controls.map(c => [c.control, c.guardrails.join(", "), c.findings ? el("b", { class: "bad" }, String(c.findings)) : "none", String(c.waived)])));
    node.append(...table("All guardrails that judged", ["Guardrail", "Title", "Severity", "From"], ev.guardrails.map(g => [el("code", {}, g.id), g.title, g.severity, g.origin])));
  });

  section("exceptions", "Exceptions", node => {
    if (!ev.exceptions.length) return node.append(none("The policy makes none."));
    node.append(...table("What is waived, by whom and until when", ["Exception", "Guardrail", "Subjects", "Approved by", "Reason", "Ends", "Waives"],
      ev.exceptions.map(x => [el("code", {}, x.exception), x.guardrail, x.subjects.join(", "), x.approved_by, x.reason, x.in_force ? x.expires || "never" : el("b", { class: "warn" }, "over since " + x.expires), plural(x.waives, "finding")])));
  });

  section("expiries", "Expiries ahead", node => {
    if (!ev.expiries.length) return node.append(none("Nothing ends."));
    const soon = new Date(Date.parse(now) + 30 * 864e5).toISOString();
    node.append(...table("What ends, the soonest first; the next 30 days stand out", ["What", "When", "Grants that end with it", "Reason", "Place"],
      ev.expiries.map(x => [el("code", {}, x.address), x.expires < soon ? el("b", { class: "warn" }, x.expires) : x.expires, String(x.grants), x.reason, place(x.file, x.line)]), 200));
  });

  section("identities", "Shared identities", node => {
    if (!data.leaks.length) return node.append(none("Every workload has identities of its own."));
    node.append(...table("One principal, several workloads: each has the access of all", ["Principal", "Workloads"], data.leaks.map(l => [el("code", {}, l.principal), l.holders.join(", ")]), 200));
  });

  section("tests", "Tests", node => {
    if (!ev.tests.length) return node.append(none("The policy has none."));
    node.append(...table("Expectations that the policy holds of itself", ["Test", "Passed", "Combinations", "Place"], ev.tests.map(t => [t.name, t.passed ? "yes" : [el("b", { class: "bad" }, "no"), (t.failures || []).map(f => el("div", {}, f))], count(t.tried), place(t.file, t.line)]), 500));
    if (ev.untested.length) node.append(el("details", {}, el("summary", {}, plural(ev.untested.length, "declaration") + " that no test exercises"), el("p", { class: "mono" }, ev.untested.join(", "))));
  });

  section("drift", "Drift", node => {
    if (!data.drift) return node.append(none("Nobody looked at the world for this report."));
    node.append(el("p", {}, "Compared with " + (data.drift.of === "live" ? "what is out there" : "the " + data.drift.of) + " as of " + data.drift.time + "."));
    if (!data.drift.rows.length) return node.append(el("p", { class: "good" }, "The world is as the policy says."));
    node.append(...table("How the world differs", ["Kind", "Where", "Object", "What", "What to do"], data.drift.rows.map(r => [el("b", { class: r.severity === "drift" ? "bad" : "soft" }, r.kind + (r.severity === "note" ? " (note)" : "")), r.environment + ", " + r.target,
      el("code", {}, r.object + (r.item ? " " + r.item : "")), [r.detail, r.means ? el("div", {}, el("b", {}, "It means: "), r.means) : "", r.since ? el("div", { class: "soft" }, "since " + r.since) : "",
        (r.lines || []).map(l => el("div", {}, el("code", {}, l.address), " at ", place(l.file, l.line)))], r.remedy]), 1000));
  });

  document.getElementById("sections").append(...sections);
  const theme = document.getElementById("theme"), dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (document.documentElement.dataset.theme || (dark.matches ? "dark" : "light")) === "dark";
  const name = () => { theme.textContent = isDark() ? "Light" : "Dark"; };
  theme.addEventListener("click", () => { document.documentElement.dataset.theme = isDark() ? "light" : "dark"; name(); });
  dark.addEventListener("change", name);
  name();
  document.documentElement.dataset.ready = "yes";
})();
