// Shows what was verified, and nothing that was not. All text is set as text: a name cannot become markup.
"use strict";

function put(parent, tag, text, kind) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (kind) element.className = kind;
  parent.append(element);
  return element;
}

function section(title) {
  const part = put(document.getElementById("report"), "section");
  put(part, "h2", title);
  return part;
}

function list(parent, lines) {
  const all = put(parent, "ul");
  for (const line of lines) put(all, "li", line);
}

function facts(parent, rows) {
  const all = put(parent, "dl");
  for (const [name, value] of rows) {
    if (value === undefined || value === null || value === "") continue;
    put(all, "dt", name);
    put(all, "dd", String(value));
  }
}

const words = (values) => (values ?? []).filter(Boolean).join(", ");

function obligation(parent, item) {
  const card = put(parent, "article", undefined, `state-${String(item.state?.is ?? item.state?.state ?? item.state).toLowerCase()}`);
  const state = typeof item.state === "object" ? Object.values(item.state).filter((v) => typeof v === "string").join(": ") : item.state;
  put(card, "h3", `${item.system}: ${item.item?.name ?? item.id}`);
  put(card, "p", `${state} (${item.grade})`, "state");
  const due = (who) => (who.due ? ` Due by ${who.due}${who.overdue ? ", overdue" : ""}.` : "");
  const acting = (who) => (who.acting ? ` ${who.acting.because} ${who.acting.who ?? "Nobody"} answers instead.` : "");
  const owner = (who) => `${who.owner ?? "nobody named"} for ${String(who.domain).replaceAll("_", " ")}: ${who.why}${due(who)}${acting(who)}`;
  const step = (s) => `${s.names?.[0] || s.from} ${s.how} ${s.names?.[1] || s.to}`;
  facts(card, [
    ["what", `${item.kind}, ${item.item?.native_type ?? ""}`],
    ["because", item.because],
    ["used after departure", item.used_after_departure],
    ["path", words((item.path ?? []).map(step))],
    ["broke at control point", item.control_point],
    ["accountable", words((item.accountable ?? []).map(owner))],
    ["would have been caught by", words((item.caught_by ?? []).map((other) => `control point ${other.by}, ${other.name}: ${other.how}`))],
    ["next step", item.next_step],
    ["would change it", item.would_change],
    ["evidence", words((item.evidence ?? []).map((cite) => `${cite.system} ${cite.read} at ${cite.at}, snapshot ${cite.snapshot}`))],
  ]);
}

function report(found) {
  const v = found.verdict;
  const about = section("The case");
  facts(about, [
    ["case", found.seal.case], ["leaver", v.subject?.name], ["departed", v.departed], ["verdict", v.verdict], ["as of", v.as_of],
  ]);
  const order = ["live", "latent", "unknown", "waived", "gone"];
  const rank = (o) => (o.used_after_departure ? -1 : order.findIndex((word) => JSON.stringify(o.state ?? "").toLowerCase().includes(word)));
  const sorted = [...(v.obligations ?? [])].sort((a, b) => rank(a) - rank(b));
  const all = section(`Obligations (${sorted.length})`);
  sorted.forEach((item) => obligation(all, item));
  list(section("Chain of control"), (v.control_points ?? []).map((c) => `${c.number}. ${c.name}: ${typeof c.standing === "string" ? c.standing : JSON.stringify(c.standing)}. ${(c.because ?? []).join(" ")}`));
  list(section("Gaps: what could not be read"), (v.gaps ?? []).map((g) => `${g.system}, ${g.read}: ${g.detail} ${g.next_step}`));
  list(section("Blind spots: what cannot be seen"), (v.blind_spots ?? []).map((b) => `${b.system}, ${b.kind}: ${b.what} ${b.bound}`));
  list(section("Governance"), (v.governance ?? []).map((f) => f.says));
  list(section("Log entries in this bundle"), found.records.map((e) => `${e.index}: ${e.record.kind}, logged ${e.record.at}, body ${e.record.body}`));
}

function statements(found) {
  const holds = put(document.getElementById("statements"), "dl");
  const state = (name, answer, why) => {
    put(holds, "dt", name);
    put(holds, "dd", `${answer}. ${why}`, answer.startsWith("Yes") ? "yes" : "open");
  };
  const signature = found.unchecked.length === 0
    ? ["Open", `Signed with the key ${found.key.name}, which came with this page. Compare its fingerprint with one you got in another way: ${found.key.fingerprint}`]
    : ["Not checked", `This browser cannot check Ed25519 signatures, so the signature could not be checked by this browser (${found.unchecked.join(", ")}). Verify the bundle with exeunt-verify.`];
  state("Authentic", ...signature);
  const intact = found.unchecked.length === 0 ? "Yes" : "Digests only";
  state("Intact", intact, `All ${found.parts} parts have the digests that were sealed, and ${found.records.length} entries are proven to be in the log of ${found.head.size} entries.`);
  const missing = [...found.bodiesAbsent.map((e) => `the body of the ${e.record.kind} at ledger index ${e.index}`), ...found.subjectsAbsent.map((s) => s.name)];
  state("Complete", missing.length === 0 ? "Yes" : "No", missing.length === 0 ? "Everything the verdict rests on is here, and the case's entries have no gap." : `Not carried: ${missing.join(", ")}.`);
  const at = found.records.find((e) => e.index === found.seal.verdict).record.at;
  state("Fresh", "See", `The verdict was logged at ${at}.`);
  const latest = found.records.reduce((most, e) => (Date.parse(e.record.at) < most.at ? { ...most, back: [...most.back, e.index] } : { ...most, at: Date.parse(e.record.at) }), { at: -Infinity, back: [] });
  const seen = found.head.witnessed.map((w) => `${w.name} saw this head at ${new Date(w.seconds * 1000).toISOString()}`);
  if (latest.back.length > 0) state("Time-bounded", "No", `Back-dated entries, earlier than an entry before them: ${latest.back.join(", ")}.`);
  else if (seen.length > 0) state("Time-bounded", found.unchecked.length ? "Not checked" : "Yes", seen.join("; ") + ".");
  else state("Time-bounded", "Open", "No witness states when this head of the log existed.");
}

function banner(kind, title, text) {
  const box = document.getElementById("banner");
  box.className = kind;
  box.replaceChildren();
  put(box, "h1", title);
  put(box, "p", text);
  document.documentElement.dataset.verified = kind;
}

async function run() {
  if (!globalThis.crypto?.subtle) {
    banner("open", "Not verified", "This browser offers no cryptography to pages opened this way. Verify the bundle with exeunt-verify.");
    return;
  }
  try {
    const text = document.getElementById("bundle").textContent.replace(/\s+/g, "");
    const found = await verifyBundle(fromBase64(text, "text"));
    if (found.unchecked.length > 0) banner("open", "Digests verified, signature not checked", "The signature could not be checked by this browser. Everything else holds together.");
    else banner("yes", "Verified", "Nothing was changed since this bundle was sealed. What that shows, and what it does not, stands below.");
    statements(found);
    report(found);
  } catch (error) {
    const part = error instanceof Refusal ? error.part : "text";
    banner("no", "Refused", `The part ${part} fails: ${error.message}. Believe nothing in this file.`);
    document.documentElement.dataset.part = part;
  }
}

run();
