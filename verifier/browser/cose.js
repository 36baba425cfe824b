// COSE_Sign1 (RFC 9052), one spelling: tag 18, protected {1: alg, 4: kid, 16: typ}, nothing
// unprotected.

import { FormatError, NewerFormatError, NotOurProfileError, SignatureError } from './errors.js';
import { equal } from './bytes.js';
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
  const { alg, kid, typ } = header(wrapped);
  if (signature.length !== 64) throw new FormatError('not an Ed25519 signature');
  const toBeSigned = structure(wrapped, payload);
  return { alg, kid, typ, payload: payload.slice(), signature: signature.slice(), toBeSigned };
}

/**
 * The protected map. Labels below 64 must be understood, others may be ignored.
 * @param {Uint8Array} wrapped
 */
function header(wrapped) {
  const map = decode(wrapped);
  if (!(map instanceof Map) || map.size === 0) throw new FormatError('no protected header');
  for (const [label, value] of map) {
    const isLabel = typeof label === 'number' || typeof label === 'bigint';
    if (!isLabel || !isPlain(value)) throw new FormatError('not a header');
  }
  const [alg, kid, typ] = [map.get(1), map.get(4), map.get(16)];
  const isTyp = typeof typ === 'string' || typeof typ === 'number';
  if (!(kid instanceof Uint8Array) || kid.length !== 4 || !isTyp) {
    throw new NotOurProfileError('without the key id and type of this profile');
  }
  if (typeof typ === 'number' && typ < 0) throw new FormatError('a negative type');
  for (const label of map.keys()) {
    if (label < 64 && ![1, 4, 16].includes(label)) throw new NewerFormatError('unknown header');
  }
  if (!ACCEPTED.includes(alg)) throw new NewerFormatError('unknown algorithm');
  return { alg, kid: kid.slice(), typ };
}

/** Integer, byte string or text: all that a header holds. @param {any} value */
function isPlain(value) {
  return ['number', 'bigint', 'string'].includes(typeof value) || value instanceof Uint8Array;
}

/**
 * Payload of an envelope whose signature verifies under this key; else `SignatureError`.
 * @param {Sign1} sign1 @param {import('./trust.js').Key} key
 */
export async function open(sign1, key) {
  if (!equal(sign1.kid, key.kid)) throw new SignatureError('the envelope names another key');
  await ed25519.verify(key.public, sign1.toBeSigned, sign1.signature);
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
