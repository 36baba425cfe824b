// The checks of a QR certificate, each giving one code of verifier/README.md.

import { hex } from './bytes.js';
import { shanghaiDay } from './dates.js';
import { isInWindow, isStolen, verified } from './evidence.js';
import * as status from './status.js';
import * as tile from './tile.js';

/**
 * @typedef {import('./facts.js').Facts} Facts
 * @typedef {import('./trust.js').Trust} Trust
 * @typedef {import('./trust.js').Key} Key
 * @typedef {import('./claims.js').Common} Common
 */

/** States that no later one follows: they count from a stale list too. */
const TERMINAL = [1, 12, 13, 14];
const HALF = 8;

/**
 * Keys that may have signed, and the code.
 * @param {Trust} trust @param {string} issuer @param {Uint8Array} kid @param {number} at
 */
export function key(trust, issuer, kid, at) {
  const keys = trust.issuerKeys(issuer, kid);
  if (keys.length) return { keys, code: 'key.ok' };
  return { keys, code: trust.isCurrent(at) ? 'key.unknown' : 'key.unknown_stale' };
}

/** The key whose signature verifies. @param {import('./cose.js').Sign1} sign1 @param {Key[]} keys */
export async function signature(sign1, keys) {
  for (const candidate of keys) {
    if (await verified(sign1, candidate)) return { key: candidate, code: 'signature.ok' };
  }
  return { key: null, code: 'signature.bad' };
}

/** @param {Key} by @param {Facts} facts */
export function scope(by, facts) {
  if (by.role !== 'issuer') return 'scope.role';
  if (by.kinds !== null && !by.kinds.includes(facts.kind)) return 'scope.kind';
  if (by.provinces !== null && !by.provinces.includes(facts.site.slice(0, 2))) {
    return 'scope.province';
  }
  if (!isInWindow(by, facts.signed_at)) return 'scope.window';
  return isStolen(by) ? 'scope.stolen' : 'scope.ok';
}

/**
 * @param {import('./evidence.js').Found<tile.IssuedTile>} found
 * @param {Facts} facts @param {Uint8Array} digest of the COSE bytes
 * @param {number} at @param {Trust} trust
 */
export function issued(found, facts, digest, at, trust) {
  if (found.problem === 'foreign') return 'issued.missing';
  if (found.problem !== null) return `issued.${found.problem}`;
  if (!speaksFor(found.key, facts)) return 'issued.spoilt';
  const record = tile.record(found.value, facts.status_index);
  const isFree = record.every((byte) => byte === 0);
  if (!isFree && hex(record.subarray(0, HALF)) !== hex(digest.subarray(0, HALF))) {
    return 'issued.differs';
  }
  if (!isFresh(found.value, at, trust)) return 'issued.stale';
  if (!isFree) return 'issued.ok';
  return found.value.issued > facts.signed_at ? 'issued.absent' : 'issued.too_early';
}

/** @param {Facts} facts @param {number} at */
export function period(facts, at) {
  const today = shanghaiDay(at);
  if (today < (facts.valid_from ?? facts.awarded)) return 'period.not_yet';
  const isOver = facts.valid_until !== null && today > facts.valid_until;
  return isOver ? 'period.expired' : 'period.ok';
}

/**
 * @param {import('./evidence.js').Found<status.StatusList>} found
 * @param {Facts} facts @param {number} at @param {Trust} trust
 * @returns {{code: string, state: number | null}} state only where the list has the place
 */
export function state(found, facts, at, trust) {
  if (found.problem !== null) return { code: `status.${found.problem}`, state: null };
  if (!speaksFor(found.key, facts)) return { code: 'status.spoilt', state: null };
  const value = status.state(found.value, facts.status_index);
  if (value === null) return { code: 'status.out_of_range', state: null };
  const word = status.STATES.get(value) ?? 'unknown_state';
  if (!TERMINAL.includes(value) && !isFresh(found.value, at, trust)) {
    return { code: 'status.stale', state: value };
  }
  return { code: value === 0 ? 'status.ok' : `status.${word}`, state: value };
}

/**
 * The least version of the trust list that the opened evidence asks for.
 * @param {import('./evidence.js').Found<Common>} list
 * @param {import('./evidence.js').Found<Common>} tiled @param {Facts} facts
 */
export function needsTrust(list, tiled, facts) {
  const counted = [list, tiled].filter(({ key: by }) => by !== null && speaksFor(by, facts));
  return Math.max(0, ...counted.map(({ value }) => value?.leastTrust ?? 0));
}

/** A status key of the registry, or of the issuer. @param {Key} by @param {Facts} facts */
export function speaksFor(by, facts) {
  return by.issuer === null || by.issuer === facts.issuer;
}

/** @param {Common} list @param {number} at @param {Trust} trust */
function isFresh(list, at, trust) {
  return at < list.expires && at - list.issued <= trust.list.freshness.status;
}

/** Checks whose evidence does not exist yet. @param {Key} by */
export function later(by) {
  return ['logged', 'catalogue', 'authority'].map((check) => (
    by.checks.includes(check) ? `${check}.required` : `${check}.no_evidence`
  ));
}
