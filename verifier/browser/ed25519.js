// Ed25519 by WebCrypto, with the two strictness rules of the other verifier added:
// S below the group order, and no point of small order.

import { EngineError, SignatureError } from './errors.js';
import { hex } from './bytes.js';

/** Little-endian order of the group, L = 2^252 + 27742317777372353535851937790883648493. */
const ORDER = 'edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010';

/** Encodings, sign bit cleared, of the points of small order (canonical and not). */
const SMALL_ORDER = new Set([
  '00'.repeat(32),
  '01' + '00'.repeat(31),
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ec' + 'ff'.repeat(30) + '7f',
  'ed' + 'ff'.repeat(30) + '7f',
  'ee' + 'ff'.repeat(30) + '7f',
]);

/** Published pair of RFC 8032 §7.1, test 1: what a working engine must accept. */
const KNOWN_KEY = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
const KNOWN_SIGNATURE =
  'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555' +
  'fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b';

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
function unhex(text) {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/**
 * Whether this engine verifies Ed25519 at all. A secure context is needed too: plain http on any
 * host but localhost has no `crypto.subtle`.
 * @returns {Promise<boolean>}
 */
export async function isSupported() {
  if (!globalThis.crypto?.subtle) return false;
  try {
    const key = await imported(unhex(KNOWN_KEY));
    const signature = unhex(KNOWN_SIGNATURE);
    return await crypto.subtle.verify('Ed25519', key, signature, new Uint8Array(0));
  } catch {
    return false;
  }
}

/**
 * Return when the signature verifies, raise `SignatureError` when it does not.
 * @param {Uint8Array<ArrayBuffer>} publicKey 32 bytes
 * @param {Uint8Array<ArrayBuffer>} message
 * @param {Uint8Array<ArrayBuffer>} signature 64 bytes
 */
export async function verify(publicKey, message, signature) {
  if (publicKey.length !== 32 || signature.length !== 64) throw new SignatureError('wrong length');
  if (isSmallOrder(publicKey) || isSmallOrder(signature.subarray(0, 32))) {
    throw new SignatureError('a point of small order');
  }
  if (!isBelowOrder(signature.subarray(32))) throw new SignatureError('S is not reduced');
  const key = await imported(publicKey);
  if (!(await crypto.subtle.verify('Ed25519', key, signature, message))) {
    throw new SignatureError('does not verify');
  }
}

/** @param {Uint8Array<ArrayBuffer>} raw */
async function imported(raw) {
  try {
    return await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']);
  } catch (error) {
    throw new EngineError(`no Ed25519 here: ${error}`);
  }
}

/** @param {Uint8Array} point */
function isSmallOrder(point) {
  const cleared = point.slice();
  cleared[31] &= 0x7f;
  return SMALL_ORDER.has(hex(cleared));
}

/** @param {Uint8Array} scalar little-endian */
function isBelowOrder(scalar) {
  const big = (/** @type {string} */ text) => (text.match(/../g) ?? []).reverse().join('');
  return big(hex(scalar)) < big(ORDER);
}
