// Signed notes (C2SP signed-note): a text, an empty line, and lines of signatures.

import { FormatError, SignatureError } from './errors.js';
import { equal, fromBase64, fromUtf8, hex, sha256, utf8 } from './bytes.js';
import * as ed25519 from './ed25519.js';

/** Signature type of plain Ed25519. */
const ED25519 = 1;
const LARGEST = 4 << 20;
const MOST_SIGNATURES = 64;

/**
 * @typedef {{name: string, id: Uint8Array, signature: Uint8Array<ArrayBuffer>}} NoteSignature
 * @typedef {{text: string, signatures: NoteSignature[]}} Note
 */

/** @param {Uint8Array} bytes @returns {Note} */
export function parse(bytes) {
  if (bytes.length > LARGEST) throw new FormatError('a note beyond any size');
  const whole = fromUtf8(bytes);
  // No control character but the newline: what a person reads is what was signed.
  if (/[\u0000-\u0009\u000b-\u001f]/.test(whole)) throw new FormatError('control character');
  const split = whole.lastIndexOf('\n\n');
  if (split < 0 || !whole.endsWith('\n')) throw new FormatError('not a signed note');
  const lines = whole.slice(split + 2, -1).split('\n');
  if (lines.length > MOST_SIGNATURES) throw new FormatError('too many signatures');
  return { text: whole.slice(0, split + 1), signatures: lines.map(signatureOf) };
}

/** @param {string} line @returns {NoteSignature} */
function signatureOf(line) {
  const found = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u.exec(line);
  if (!found) throw new FormatError('not a signature line');
  const bytes = fromBase64(found[2]);
  if (bytes.length < 5) throw new FormatError('a signature without a key id');
  return { name: found[1], id: bytes.subarray(0, 4), signature: bytes.slice(4) };
}

/**
 * Key id of a name and key: SHA-256(name || 0x0A || 0x01 || public key)[:4].
 * @param {string} name @param {Uint8Array} publicKey
 */
export async function keyId(name, publicKey) {
  const hash = await sha256(new Uint8Array([...utf8(name), 10, ED25519, ...publicKey]));
  return hash.subarray(0, 4);
}

/**
 * Text of a note that at least `threshold` of the keys signed, each key counted once. A known
 * key's signature that does not verify spoils the whole note; unknown keys are ignored, as the
 * format demands.
 * @param {Note} note
 * @param {Map<string, Uint8Array<ArrayBuffer>>} keys public key of each trusted name
 * @param {number} threshold at least 1
 * @returns {Promise<string>}
 */
export async function open(note, keys, threshold) {
  if (!(threshold >= 1)) throw new RangeError('a note needs at least one signature');
  const message = utf8(note.text);
  const valid = new Set();
  for (const { name, id, signature } of note.signatures) {
    const key = keys.get(name);
    if (!key || !equal(id, await keyId(name, key))) continue;
    await ed25519.verify(key, message, signature);
    valid.add(hex(key));
  }
  if (valid.size < threshold) throw new SignatureError('signed by too few of the trusted keys');
  return note.text;
}
