// COSE_Sign1 (RFC 9052), one spelling: tag 18, protected {1: alg, 4: kid, 16: typ}, nothing
// unprotected.

import { FormatError } from './errors.js';
import { Tagged, decode } from './cbor.js';
import * as ed25519 from './ed25519.js';

/** Ed25519 as RFC 9864 names it, and the older EdDSA: both mean Ed25519 here. */
const ACCEPTED = [-19, -8];

/**
 * @typedef {object} Sign1
 * @property {number} alg
 * @property {Uint8Array} kid four bytes
 * @property {number | string} typ
 * @property {Uint8Array<ArrayBuffer>} payload
 * @property {Uint8Array<ArrayBuffer>} signature
 * @property {Uint8Array<ArrayBuffer>} toBeSigned
 */

/**
 * Take an envelope apart without judging its signature.
 * @param {Uint8Array} bytes @returns {Sign1}
 */
export function parse(bytes) {
  const item = decode(bytes);
  if (!(item instanceof Tagged) || item.tag !== 18) throw new FormatError('not a COSE_Sign1');
  const parts = item.value;
  if (!Array.isArray(parts) || parts.length !== 4) throw new FormatError('not a COSE_Sign1');
  const [wrapped, unprotected, payload, signature] = parts;
  const isBytes = [wrapped, payload, signature].every((part) => part instanceof Uint8Array);
  if (!isBytes || !(unprotected instanceof Map) || unprotected.size !== 0) {
    throw new FormatError('not our COSE_Sign1');
  }
  const header = decode(wrapped);
  if (!(header instanceof Map) || header.size !== 3) throw new FormatError('not our header');
  const [alg, kid, typ] = [header.get(1), header.get(4), header.get(16)];
  if (!ACCEPTED.includes(alg)) throw new FormatError('not an accepted algorithm');
  if (!(kid instanceof Uint8Array) || kid.length !== 4) throw new FormatError('not our key id');
  if (typeof typ !== 'string' && typeof typ !== 'number') throw new FormatError('no type');
  if (signature.length !== 64) throw new FormatError('not an Ed25519 signature');
  const toBeSigned = structure(wrapped, payload);
  return { alg, kid, typ, payload: payload.slice(), signature: signature.slice(), toBeSigned };
}

/**
 * Payload of an envelope whose signature verifies under this key; else `SignatureError`.
 * @param {Sign1} sign1 @param {Uint8Array<ArrayBuffer>} publicKey
 */
export async function open(sign1, publicKey) {
  await ed25519.verify(publicKey, sign1.toBeSigned, sign1.signature);
  return sign1.payload;
}

/**
 * `["Signature1", protected, h'', payload]`, RFC 9052 §4.4.
 * @param {Uint8Array} wrapped @param {Uint8Array} payload
 */
function structure(wrapped, payload) {
  const context = [0x84, 0x6a, ...new TextEncoder().encode('Signature1')];
  const parts = [new Uint8Array(context), head(wrapped.length), wrapped];
  parts.push(Uint8Array.of(0x40), head(payload.length), payload);
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Head of a byte string, shortest spelling. @param {number} length */
function head(length) {
  if (length < 24) return Uint8Array.of(0x40 | length);
  if (length < 0x100) return Uint8Array.of(0x58, length);
  if (length < 0x10000) return Uint8Array.of(0x59, length >> 8, length & 255);
  return Uint8Array.of(0x5a, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255);
}
