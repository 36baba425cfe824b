// Runs the conformance cases that the browser verifier takes, in Node.js.
//
//   node run.mjs CASE.json …     one JSON line per case: {name, report} or {name, error}
//
// The verifier is imported from the folder that HALLMARK_VERIFIER names, so that any other set of
// modules with the same `verify` and `words` can be put to the same cases.

import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { join, resolve } from 'node:path';

const folder = pathToFileURL(join(resolve(process.env.HALLMARK_VERIFIER), '/'));
const { verify } = await import(new URL('verify.js', folder));
const { words } = await import(new URL('texts.js', folder));
const texts = JSON.parse(await readFile(new URL('../texts.json', folder), 'utf8'));

/** Memory of sequences that starts with what the case has seen. */
function memory(seen) {
  const known = new Map(Object.entries(seen));
  return {
    highest: (uri) => known.get(uri) ?? null,
    remember: (uri, sequence) => known.set(uri, Math.max(known.get(uri) ?? 0, sequence)),
  };
}

/** Files of the case by path; the newest trust list is also the latest, as on a server. */
function source(files) {
  const newest = Object.keys(files)
    .map((path) => Number(/^\/trust\/([0-9]+)$/.exec(path)?.[1] ?? 0))
    .reduce((a, b) => Math.max(a, b), 0);
  return async (uri) => {
    const path = new URL(uri, 'https://example.invalid').pathname;
    const latest = path === '/trust/latest' ? files[`/trust/${newest}`] : undefined;
    const data = files[path] ?? latest;
    return data === undefined ? null : new Uint8Array(Buffer.from(data, 'base64'));
  };
}

/** Digits of a QR code, written without the module under test. */
function digits(bytes) {
  const widths = [0, 3, 5, 8, 10, 13, 15, 17];
  let out = '';
  for (let at = 0; at < bytes.length; at += 7) {
    const chunk = [...bytes.subarray(at, at + 7)];
    const value = chunk.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
    out += String(value).padStart(widths[chunk.length], '0');
  }
  return out;
}

async function run(body) {
  // The bare bytes of a sealed certificate reach the browser as the digits of its symbol.
  const input = body.input ?? digits(Buffer.from(body.input_base64, 'base64'));
  const report = await verify(input, {
    root: body.root === null ? null : new TextEncoder().encode(body.root),
    source: source(body.files),
    memory: memory(body.seen ?? {}),
    texts,
    at: body.at,
    online: !body.offline,
  });
  const { icon, colour, ...zh } = words(report, texts, 'zh');
  const { icon: _icon, colour: _colour, ...en } = words(report, texts, 'en');
  return { ...report, words: { icon, colour, zh, en } };
}

for (const file of process.argv.slice(2)) {
  const body = JSON.parse(await readFile(file, 'utf8'));
  const answer = await run(body).then(
    (report) => ({ name: body.name, report }),
    (error) => ({ name: body.name, error: String(error?.stack ?? error) }),
  );
  console.log(JSON.stringify(answer));
}
