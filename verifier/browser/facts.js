// The QR's claims: what they say, read strictly. The twin of schemas/qr.py and schemas/facts.py;
// the format is schemas/spec/qr.md.

import { FormatError, NewerFormatError, NotOurProfileError } from './errors.js';
import { hex } from './bytes.js';
import { decode } from './cbor.js';
import { checkInstant, fromDay } from './dates.js';
import * as digits from './digits.js';
import * as text from './text.js';

/** COSE header 16 of a certificate: `application/cwt`. */
export const TYP = 61;

const OURS = -65537;
const CLAIMS = new Set([1, 2, 6, 7, 65535, OURS]);
const FIELDS = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
const NEEDED = [1, 2, 3, 4, 5, 6, 7, 9];
const MUST_UNDERSTAND = 64;

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
/** Origin of a registry. */
export const BASE = new RegExp(`^https?://${LABEL}(?:\\.${LABEL})*(?::[1-9][0-9]{0,4})?$`);
const CODE = /^[0-9A-Za-z](?:[0-9A-Za-z._-]{0,62}[0-9A-Za-z])?$/;
const NUMBER = /^[0-9A-Z\u4e00-\u9fff\u3014\u3015()-]{4,40}$/;

/**
 * What a certificate says; dates are ISO dates, instants UTC seconds.
 * @typedef {object} Facts
 * @property {string} base
 * @property {string} uuid
 * @property {string} issuer
 * @property {string} number
 * @property {number} version
 * @property {number} kind
 * @property {string} name
 * @property {string} last4
 * @property {string} occupation
 * @property {string | null} occupation_name
 * @property {string} level
 * @property {string | null} work_type
 * @property {string} site
 * @property {string} assessed
 * @property {string} awarded
 * @property {string | null} valid_from
 * @property {string | null} valid_until
 * @property {number} signed_at
 * @property {string} status_uri
 * @property {number} status_list
 * @property {number} status_index
 */

/**
 * Sealed bytes of a symbol's text, with its address (any host) or digits alone. The host says
 * nothing about who issued the certificate; only the signature does.
 * @param {string} symbol
 */
export function fromText(symbol) {
  const mark = symbol.indexOf('#');
  if (mark >= 0 && !/^https?:\/\/[^/?#\s@]{1,260}\/v$/u.test(symbol.slice(0, mark))) {
    throw new NotOurProfileError('an address that is not one of a certificate');
  }
  const fragment = symbol.slice(mark + 1);
  if (mark < 0 && !/^[0-9]+$/.test(fragment)) throw new NotOurProfileError('some other text');
  if (!fragment) throw new FormatError('an address without digits');
  return digits.decode(fragment);
}

/** What these claims say. @param {Uint8Array} payload @returns {Facts} */
export function parse(payload) {
  const claims = decode(payload);
  if (!(claims instanceof Map) || !claims.has(OURS)) throw new NotOurProfileError('no such claims');
  const ours = claims.get(OURS);
  known(claims, CLAIMS);
  known(ours, FIELDS);
  const lacks = [...CLAIMS].some((key) => !claims.has(key)) || NEEDED.some((key) => !ours.has(key));
  if (lacks) throw new FormatError('claims are missing');
  return checked({
    ...place(claims.get(65535)),
    uuid: uuid(claims.get(7)),
    issuer: matching(claims.get(1), CODE),
    number: matching(claims.get(2), NUMBER),
    version: ours.has(11) ? integer(ours.get(11), 2, 65535) : 1,
    kind: kind(ours.get(1)),
    name: text.check(ours.get(2), text.NAME, 60),
    last4: matching(ours.get(3), /^[0-9A-Z]{4}$/),
    occupation: occupation(ours.get(4)),
    occupation_name: ours.has(8) ? text.check(ours.get(8), text.WORDS, 60) : null,
    level: coded(ours.get(5), 1, 5, 1, /^[0-9]+$/),
    work_type: ours.has(10) ? String(integer(ours.get(10), 0, 999)).padStart(3, '0') : null,
    site: coded(ours.get(7), 0, 99999999, 8, /^[0-9]{8}$/),
    assessed: fromDay(ours.get(6)),
    awarded: fromDay(ours.get(9)),
    valid_from: ours.has(13) ? fromDay(ours.get(13)) : null,
    valid_until: ours.has(12) ? fromDay(ours.get(12)) : null,
    signed_at: checkInstant(claims.get(6)),
  });
}

/** @param {any} map @param {Set<number>} keys */
function known(map, keys) {
  if (!(map instanceof Map)) throw new FormatError('not a map');
  for (const key of map.keys()) {
    if (keys.has(key)) continue;
    if (typeof key === 'string') throw new FormatError('a key that is not an integer');
    if (key < MUST_UNDERSTAND) throw new NewerFormatError(`field ${key} is not known`);
  }
}

/** The status list and the place in it. @param {any} claim */
function place(claim) {
  const entry = claim instanceof Map && claim.size === 1 ? claim.get('status_list') : null;
  if (!(entry instanceof Map) || entry.size !== 2) throw new FormatError('not a status claim');
  const uri = entry.get('uri');
  const found = typeof uri === 'string' && /^(.{1,300})\/s\/(0|[1-9][0-9]{0,8})$/u.exec(uri);
  if (!found || !BASE.test(found[1]) || found[1].length > 120) {
    throw new FormatError('not the URI of a status list');
  }
  return {
    base: found[1],
    status_uri: String(uri),
    status_list: Number(found[2]),
    status_index: integer(entry.get('idx'), 0, 2 ** 24 - 1),
  };
}

/** @param {any} value @param {number} least @param {number} most @returns {number} */
function integer(value, least, most) {
  const isWithin = typeof value === 'number' && value >= least && value <= most;
  if (!isWithin) throw new FormatError('an integer beyond its bounds');
  return value;
}

/** @param {any} value @param {RegExp} pattern @returns {string} */
function matching(value, pattern) {
  if (typeof value !== 'string' || !pattern.test(value)) throw new FormatError('not such a text');
  return value;
}

/** @param {any} value @returns {string} */
function uuid(value) {
  if (!(value instanceof Uint8Array) || value.length !== 16) throw new FormatError('not a cti');
  return hex(value).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** @param {any} value @returns {number} */
function kind(value) {
  if (typeof value !== 'number') throw new FormatError('kind is not an integer');
  if (![1, 2, 3].includes(value)) throw new NewerFormatError(`kind ${value} is not known`);
  return value;
}

/**
 * A code that is an integer where it is so many digits, and text where it is not.
 * @param {any} value @param {number} least @param {number} most @param {number} width
 * @param {RegExp} numeric what must not be written as text
 */
function coded(value, least, most, width, numeric) {
  if (typeof value === 'number') return String(integer(value, least, most)).padStart(width, '0');
  const code = matching(value, CODE);
  if (numeric.test(code)) throw new FormatError('digits that are written as an integer');
  return code;
}

/** @param {any} value */
function occupation(value) {
  const code = coded(value, 0, 9999999, 7, /^[0-9]-[0-9]{2}-[0-9]{2}-[0-9]{2}$/);
  return typeof value === 'number' ? code.replace(/^(.)(..)(..)(..)$/, '$1-$2-$3-$4') : code;
}

/** The period must be one. @param {Facts} facts */
function checked(facts) {
  const { awarded, valid_from: first, valid_until: last } = facts;
  if (first !== null && first <= awarded) throw new FormatError('begins before the award');
  if (last !== null && last < (first ?? awarded)) throw new FormatError('ends before it begins');
  return facts;
}
