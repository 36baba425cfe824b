// What the claims of the status list and of the issued tile share; twin of schemas/claims.py.

import { FormatError, NewerFormatError, NotOurProfileError } from './errors.js';
import { decode } from './cbor.js';
import { checkInstant } from './dates.js';
import { BASE } from './facts.js';

const MUST_UNDERSTAND = 64;

/**
 * @typedef {object} Common
 * @property {string} uri
 * @property {number} sequence
 * @property {number} issued
 * @property {number} expires
 * @property {number} leastTrust
 */

/**
 * Claims of a signed list: the map itself, our private map, and what both kinds of list say.
 * @param {Uint8Array} payload @param {number} ours key of the private claim
 * @param {number[]} claims every claim, all needed @param {number[]} fields of the private map
 * @param {RegExp} path what follows the base in the list's address
 */
export function parse(payload, ours, claims, fields, path) {
  const map = decode(payload);
  if (!(map instanceof Map) || !map.has(ours)) throw new NotOurProfileError('no such list');
  checkFields(map, claims);
  const inner = checkFields(map.get(ours), fields);
  const uri = map.get(2);
  const found = typeof uri === 'string' && path.exec(uri);
  if (!found || !BASE.test(found[1]) || found[1].length > 120) {
    throw new FormatError('not the address of a list');
  }
  const [issued, expires] = [checkInstant(map.get(6)), checkInstant(map.get(4))];
  if (expires <= issued) throw new FormatError('expires before it is issued');
  /** @type {Common} */
  const common = { uri, sequence: count(inner.get(1)), issued, expires, leastTrust: count(inner.get(2)) };
  return { map, inner, common };
}

/** @param {any} map @param {number[]} known @returns {Map<any, any>} */
function checkFields(map, known) {
  if (!(map instanceof Map)) throw new FormatError('not a map');
  for (const key of map.keys()) {
    if (typeof key === 'string') throw new FormatError('a key that is not an integer');
    const isKnown = known.includes(key) || key >= MUST_UNDERSTAND;
    if (!isKnown) throw new NewerFormatError(`field ${key} is not known`);
  }
  if (known.some((key) => !map.has(key))) throw new FormatError('a field is missing');
  return map;
}

/** An integer of one or more. @param {any} value @returns {number} */
export function count(value) {
  if (!Number.isSafeInteger(value) || value < 1) throw new FormatError('not a count');
  return value;
}
