// Byte strings: hexadecimal, base64, SHA-256 and comparison.

import { FormatError } from './errors.js';

const FATAL = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const ENCODER = new TextEncoder();

/** UTF-8 bytes of a text. @param {string} text @returns {Uint8Array<ArrayBuffer>} */
export function utf8(text) {
  return ENCODER.encode(text);
}

/** Text of UTF-8 bytes; anything malformed is refused. @param {Uint8Array} bytes @returns {string} */
export function fromUtf8(bytes) {
  try {
    return FATAL.decode(bytes);
  } catch {
    throw new FormatError('not UTF-8');
  }
}

/** Lower-case hexadecimal. @param {Uint8Array} bytes @returns {string} */
export function hex(bytes) {
  let out = '';
  for (const byte of bytes) out += byte.toString(16).padStart(2, '0');
  return out;
}

/**
 * Bytes of standard base64, padded, one spelling per byte string.
 * @param {string} text @returns {Uint8Array<ArrayBuffer>}
 */
export function fromBase64(text) {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) {
    throw new FormatError('not base64');
  }
  const binary = atob(text);
  if (btoa(binary) !== text) throw new FormatError('base64 with stray bits');
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/**
 * Bytes of base64url without padding.
 * @param {string} text @returns {Uint8Array<ArrayBuffer>}
 */
export function fromBase64Url(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new FormatError('not base64url');
  const padded = text.replace(/-/g, '+').replace(/_/g, '/');
  return fromBase64(padded + '='.repeat((4 - (text.length % 4)) % 4));
}

/** Whether two byte strings are the same. @param {Uint8Array} a @param {Uint8Array} b */
export function equal(a, b) {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** SHA-256. @param {Uint8Array<ArrayBuffer>} bytes @returns {Promise<Uint8Array<ArrayBuffer>>} */
export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}
