// Deterministic CBOR (RFC 8949 §4.2.1), read strictly: one encoding per value, nothing after it.

import { FormatError } from './errors.js';
import { fromUtf8 } from './bytes.js';

const DEEPEST = 16;

/** A tagged item. */
export class Tagged {
  /** @param {number} tag @param {any} value */
  constructor(tag, value) {
    this.tag = tag;
    this.value = value;
  }
}

/**
 * The value of exactly these bytes. Maps become `Map` (keys: integers or text), byte strings
 * `Uint8Array`, integers beyond 2^53 `bigint`. Floats, indefinite lengths, long heads, unsorted or
 * repeated keys, and anything trailing are refused.
 * @param {Uint8Array} bytes @returns {any}
 */
export function decode(bytes) {
  const reader = new Reader(bytes);
  const value = reader.item(0);
  if (reader.at !== bytes.length) throw new FormatError('bytes after the value');
  return value;
}

class Reader {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
  }

  /** @param {number} length @returns {Uint8Array} */
  take(length) {
    // Compared before anything is allocated: a length is only a claim.
    if (length > this.bytes.length - this.at) throw new FormatError('cut short');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** Argument of a head, in its shortest spelling. @param {number} info @returns {number | bigint} */
  argument(info) {
    if (info < 24) return info;
    if (info > 27) throw new FormatError('indefinite or reserved length');
    const at = this.at;
    this.take(2 ** (info - 24));
    if (info === 24) return this.shortest(this.view.getUint8(at), 24);
    if (info === 25) return this.shortest(this.view.getUint16(at), 0x100);
    if (info === 26) return this.shortest(this.view.getUint32(at), 0x10000);
    const long = this.view.getBigUint64(at);
    if (long < 0x100000000n) throw new FormatError('a longer head than needed');
    return long <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(long) : long;
  }

  /** @param {number} value @param {number} least */
  shortest(value, least) {
    if (value < least) throw new FormatError('a longer head than needed');
    return value;
  }

  /** @param {number} depth @returns {any} */
  item(depth) {
    if (depth > DEEPEST) throw new FormatError('nested too deeply');
    const [head] = this.take(1);
    const major = head >> 5;
    if (major === 7) return this.simple(head);
    const argument = this.argument(head & 31);
    if (major === 0) return argument;
    if (major === 1) return typeof argument === 'bigint' ? -1n - argument : -1 - argument;
    if (typeof argument === 'bigint') throw new FormatError('a length beyond any input');
    if (major === 2) return this.take(argument);
    if (major === 3) return fromUtf8(this.take(argument));
    if (major === 4) return this.array(argument, depth);
    if (major === 5) return this.map(argument, depth);
    return new Tagged(argument, this.item(depth + 1));
  }

  /** @param {number} head */
  simple(head) {
    if (head === 0xf4) return false;
    if (head === 0xf5) return true;
    if (head === 0xf6) return null;
    throw new FormatError('a float or an unknown simple value');
  }

  /** @param {number} length @param {number} depth */
  array(length, depth) {
    const out = [];
    for (let n = 0; n < length; n += 1) out.push(this.item(depth + 1));
    return out;
  }

  /** @param {number} length @param {number} depth */
  map(length, depth) {
    const out = new Map();
    let former = null;
    for (let n = 0; n < length; n += 1) {
      const from = this.at;
      const key = this.item(depth + 1);
      if (typeof key === 'object' || typeof key === 'boolean') throw new FormatError('an odd key');
      const spelled = this.bytes.subarray(from, this.at);
      // Strictly ascending spellings: sorted, and no key twice.
      if (former && order(former, spelled) >= 0) throw new FormatError('keys out of order');
      out.set(key, this.item(depth + 1));
      former = spelled;
    }
    return out;
  }
}

/** Bytewise lexicographic order. @param {Uint8Array} a @param {Uint8Array} b */
function order(a, b) {
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at += 1) if (a[at] !== b[at]) return a[at] - b[at];
  return a.length - b.length;
}
