// Verifies a bundle as the README of the evidence crate describes it, in its order, with the browser's own cryptography.
"use strict";

const utf8 = new TextEncoder();
const VERDICT = "urn:exeunt:leaver-verdict:v1";
const SEAL = "urn:exeunt:bundle-seal:v1";
const STATEMENT = "https://in-toto.io/Statement/v1";
const IN_TOTO = "application/vnd.in-toto+json";

class Refusal extends Error {
  constructor(part, why) {
    super(why);
    this.part = part;
  }
}

const refuse = (part, why) => { throw new Refusal(part, why); };
const need = (holds, part, why) => { if (!holds) refuse(part, why); };

function fromBase64(text, part) {
  need(typeof text === "string", part, "there is no base64 text where one is due");
  let raw;
  try { raw = atob(text); } catch { refuse(part, "this is not base64"); }
  need(btoa(raw) === text, part, "this base64 has a second spelling");
  return Uint8Array.from(raw, (c) => c.charCodeAt(0));
}

const toHex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
const toText = (bytes, part) => {
  try { return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes); } catch { return refuse(part, "this is not UTF-8"); }
};
const same = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);

function join(...pieces) {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) { all.set(piece, at); at += piece.length; }
  return all;
}

const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
const digest = async (bytes) => "sha256:" + toHex(await sha256(bytes));

function members(object, names, part) {
  need(object !== null && typeof object === "object" && !Array.isArray(object), part, "there is no object where one is due");
  need(Object.keys(object).join() === names, part, `its members are not ${names}`);
}

function parse(text, part) {
  try { return JSON.parse(text); } catch (error) { return refuse(part, `it cannot be read: ${error.message}`); }
}

// NAME+HEXID+base64(type || key), c2sp.org/signed-note.
async function readKey(text) {
  const [name, id, ...rest] = String(text).split("+");
  const body = fromBase64(rest.join("+"), "keys");
  need(body.length === 33 && (body[0] === 1 || body[0] === 4), "keys", "the key is not an Ed25519 key");
  const fingerprint = await sha256(join(utf8.encode(name), Uint8Array.of(10), body));
  need(toHex(fingerprint.slice(0, 4)) === id, "keys", "the key's id does not belong to it");
  return { name, id: fingerprint.slice(0, 4), type: body[0], bytes: body.slice(1), fingerprint: "sha256:" + toHex(fingerprint), text };
}

// Whether this browser can check Ed25519 at all is said, and is not taken for a good signature.
async function signed(key, message, signature, part, state) {
  let imported;
  try {
    imported = await crypto.subtle.importKey("raw", key.bytes, { name: "Ed25519" }, false, ["verify"]);
  } catch {
    state.unchecked.push(part);
    return;
  }
  const good = await crypto.subtle.verify({ name: "Ed25519" }, imported, signature, message);
  need(good, part, "the signature does not match: it was changed, or somebody else signed it");
}

async function openEnvelope(envelope, key, part, state) {
  members(envelope, "payload,payloadType,signatures", part);
  need(envelope.payloadType === IN_TOTO, part, "its payload is of another type");
  need(Array.isArray(envelope.signatures) && envelope.signatures.length === 1, part, "it does not carry exactly one signature");
  const [{ keyid, sig }] = envelope.signatures;
  members(envelope.signatures[0], "keyid,sig", part);
  need(keyid === key.fingerprint, part, "it names another key");
  const payload = fromBase64(envelope.payload, part);
  const head = utf8.encode(`DSSEv1 ${IN_TOTO.length} ${IN_TOTO} ${payload.length} `);
  await signed(key, join(head, payload), fromBase64(sig, part), part, state);
  return parse(toText(payload, part), part);
}

async function openCheckpoint(note, keys, state) {
  const blank = note.lastIndexOf("\n\n");
  need(blank > 0 && note.endsWith("\n"), "checkpoint", "it is not a signed note");
  const text = note.slice(0, blank + 1);
  let byLog = false;
  const witnessed = [];
  for (const line of note.slice(blank + 2, -1).split("\n")) {
    const [dash, name, blob, more] = line.split(" ");
    need(dash === "\u2014" && blob !== undefined && more === undefined, "checkpoint", "a signature line is not one");
    const bytes = fromBase64(blob, "checkpoint");
    const key = keys.find((k) => k.name === name && same(k.id, bytes.slice(0, 4)));
    if (!key) continue;
    if (key.type === 1) {
      await signed(key, utf8.encode(text), bytes.slice(4), "checkpoint", state);
      byLog = byLog || key === keys[0];
    } else {
      const seconds = new DataView(bytes.buffer, 4, 8).getBigUint64(0);
      await signed(key, utf8.encode(`cosignature/v1\ntime ${seconds}\n${text}`), bytes.slice(12), "checkpoint", state);
      witnessed.push({ name, seconds: Number(seconds) });
    }
  }
  need(byLog, "checkpoint", "the log itself did not sign it");
  const [origin, size, root] = text.split("\n");
  need(origin === keys[0].name && /^(0|[1-9][0-9]*)$/.test(size ?? ""), "checkpoint", "it is not a head of this log");
  return { origin, size: Number(size), root: fromBase64(root, "checkpoint"), witnessed };
}

// RFC 9162 §2.1.3.2. Sizes stay below 2^53, so arithmetic takes the place of bit operations.
async function included(record, index, size, hashes, root, part) {
  need(Number.isSafeInteger(index) && index >= 0 && index < size, part, "there is no such entry in the log");
  const node = (left, right) => sha256(join(Uint8Array.of(1), left, right));
  let [at, last] = [index, size - 1];
  let hash = await sha256(join(Uint8Array.of(0), utf8.encode(record)));
  for (const sibling of hashes) {
    need(last > 0 && sibling.length === 32, part, "the proof has the wrong number of hashes");
    if (at % 2 === 1 || at === last) {
      hash = await node(sibling, hash);
      while (at % 2 === 0 && at !== 0) { at /= 2; last = Math.floor(last / 2); }
    } else {
      hash = await node(hash, sibling);
    }
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  need(last === 0 && same(hash, root), part, "the entry is not proven to be in the log");
}

async function partsOf(bundle) {
  const parts = [
    ["keys", await digest(utf8.encode([bundle.keys.log, ...bundle.keys.witnesses].join("\n")))],
    ["checkpoint", await digest(utf8.encode(bundle.checkpoint))],
  ];
  for (const entry of bundle.entries) {
    const part = (name) => `entries/${entry.index}/${name}`;
    members(entry, "body,index,proof,record", part("record"));
    parts.push([part("record"), await digest(utf8.encode(entry.record))]);
    if (entry.body !== null) parts.push([part("body"), await digest(fromBase64(entry.body, part("body")))]);
    const proof = entry.proof.map((hash) => fromBase64(hash, part("proof")));
    parts.push([part("proof"), await digest(join(...proof))]);
  }
  for (const [place, exchange] of bundle.exchanges.entries()) {
    members(exchange, "body,digest", `exchanges/${place}`);
    const found = await digest(fromBase64(exchange.body, `exchanges/${place}`));
    need(found === exchange.digest, `exchanges/${place}`, "it does not have the digest it is filed under");
    parts.push([`exchanges/${place}`, found]);
  }
  for (const [place, token] of (bundle.timestamps ?? []).entries()) {
    parts.push([`timestamps/${place}`, await digest(fromBase64(token, `timestamps/${place}`))]);
  }
  return parts;
}

function compareParts(parts, sealed) {
  const names = (list) => new Set(list);
  const [here, listed] = [names(parts.map(([name]) => name)), names(sealed.map((subject) => subject.name))];
  for (const subject of sealed) need(here.has(subject.name), subject.name, "it was removed: the seal lists it");
  for (const [name] of parts) need(listed.has(name), name, "it was added: the seal does not list it");
  need(parts.length === sealed.length, "seal", "a part is there twice");
  parts.forEach(([name, found], at) => {
    need(sealed[at].name === name, name, "it is not in its place");
    need("sha256:" + sealed[at].digest.sha256 === found, name, "it was changed: its digest is not the one that was sealed");
  });
}

function compareCase(records, seal) {
  let next = 0;
  const [ours, cited] = [[], []];
  let before = -1;
  for (const { index, record } of records) {
    need(index > before, "seal", "the entries are not in the order of the log");
    before = index;
    if (record.case === null) { cited.push(index); continue; }
    need(record.case === seal.case, `entries/${index}/record`, "it is of another case");
    need(record.sequence === next, `entries/${index}/record`, `an entry of the case is missing: number ${next} should come next`);
    next += 1;
    ours.push(index);
  }
  need(ours.join() === seal.case_entries.join() && cited.join() === seal.cited_entries.join(), "seal", "it declares other entries");
}

// Gives what the bundle says, or throws a Refusal that names the part.
async function verifyBundle(bytes) {
  const state = { unchecked: [] };
  const text = toText(bytes, "text");
  const bundle = parse(text, "text");
  const stamped = Object.hasOwn(bundle, "timestamps");
  members(bundle, `bundle,checkpoint,entries,exchanges,keys,seal${stamped ? ",timestamps" : ""}`, "text");
  need(!stamped || (Array.isArray(bundle.timestamps) && bundle.timestamps.length > 0), "text", "it has a list of no timestamps");
  need(bundle.bundle === "exeunt-bundle/v1", "text", "it is of another version");
  need(JSON.stringify(bundle) + "\n" === text, "text", "it is not written in its one spelling: its text was changed");
  members(bundle.keys, "log,witnesses", "keys");
  const key = await readKey(bundle.keys.log);
  const keys = [key, ...await Promise.all(bundle.keys.witnesses.map(readKey))];
  const statement = await openEnvelope(bundle.seal, key, "seal", state);
  need(statement._type === STATEMENT && statement.predicateType === SEAL, "seal", "it is not a seal");
  const seal = statement.predicate;
  compareParts(await partsOf(bundle), statement.subject);
  const head = await openCheckpoint(bundle.checkpoint, keys, state);
  need(head.origin === seal.checkpoint.origin && head.size === seal.checkpoint.size
    && "sha256:" + toHex(head.root) === seal.checkpoint.root, "checkpoint", "it is not the one the seal speaks of");
  const records = [];
  for (const entry of bundle.entries) {
    const part = (name) => `entries/${entry.index}/${name}`;
    const record = parse(entry.record, part("record"));
    members(record, "at,body,case,kind,sequence,v", part("record"));
    need(JSON.stringify(record) === entry.record, part("record"), "it is not written in its one spelling");
    const proof = entry.proof.map((hash) => fromBase64(hash, part("proof")));
    await included(entry.record, entry.index, head.size, proof, head.root, part("proof"));
    const body = entry.body === null ? null : fromBase64(entry.body, part("body"));
    need(body === null || await digest(body) === record.body, part("body"), "it does not match its entry");
    records.push({ index: entry.index, record, body });
  }
  compareCase(records, seal);
  const judged = records.find((entry) => entry.index === seal.verdict);
  need(judged && judged.record.kind === "verdict" && judged.body, "verdict", "it is not where the seal says it is");
  const verdict = await openEnvelope(parse(toText(judged.body, "verdict"), "verdict"), key, "verdict", state);
  need(verdict._type === STATEMENT && verdict.predicateType === VERDICT, "verdict", "it is not a verdict");
  const carried = new Set([...records.filter((e) => e.body).map((e) => e.record.body), ...bundle.exchanges.map((e) => e.digest)]);
  return {
    seal, head, key, records, verdict: verdict.predicate, unchecked: state.unchecked, parts: statement.subject.length,
    bodiesAbsent: records.filter((entry) => entry.body === null),
    subjectsAbsent: verdict.subject.filter((subject) => !carried.has("sha256:" + subject.digest.sha256)),
  };
}
