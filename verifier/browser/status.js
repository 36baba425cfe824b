// Token Status List of 4 bits; twin of schemas/token_status.py.

import { FormatError } from './errors.js';
import * as claims from './claims.js';
import { inflate } from './inflate.js';

/** COSE header 16. */
export const TYP = 'application/statuslist+cwt';

const OURS = -65538;
const CLAIMS = [2, 4, 6, 65533, 65534, OURS];
const LARGEST = 1 << 23;

/** Words of the state values, as reports and texts.json call them. */
export const STATES = new Map([
  [0, 'valid'], [1, 'revoked'], [2, 'suspended'], [12, 'superseded'],
  [13, 'cancelled'], [14, 'withdrawn'],
]);

/** @typedef {claims.Common & {states: Uint8Array}} StatusList two entries to the byte, low first */

/** @param {Uint8Array} payload @returns {Promise<StatusList>} */
export async function parse(payload) {
  const path = /^(.{1,120})\/s\/(?:0|[1-9][0-9]{0,9})$/u;
  const { map, common } = claims.parse(payload, OURS, CLAIMS, [1, 2], path);
  const inner = map.get(65533);
  const isList = inner instanceof Map && inner.size === 2 && inner.get('bits') === 4;
  const packed = isList ? inner.get('lst') : null;
  if (!(packed instanceof Uint8Array)) throw new FormatError('not a list of 4 bits');
  claims.count(map.get(65534));
  const states = await inflate(packed.slice(), LARGEST);
  if (states.length === 0) throw new FormatError('an empty list');
  return { ...common, states };
}

/** Value at an index, or null beyond the list. @param {StatusList} list @param {number} index */
export function state(list, index) {
  if (index >= list.states.length * 2) return null;
  return (list.states[index >> 1] >> (4 * (index & 1))) & 15;
}
