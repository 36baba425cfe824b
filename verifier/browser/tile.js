// Issued tile: which forms stand at each of 1,024 places of a list; twin of schemas/tile.py.

import { FormatError } from './errors.js';
import * as claims from './claims.js';

/** COSE header 16. */
export const TYP = 'application/hallmark-issued+cwt';

const OURS = -65539;
const ENTRIES = 1024;
const RECORD = 16;

/** @typedef {claims.Common & {records: Uint8Array}} IssuedTile 1,024 records of 16 bytes */

/** @param {Uint8Array} payload @returns {IssuedTile} */
export function parse(payload) {
  const number = '(?:0|[1-9][0-9]{0,9})';
  const path = new RegExp(`^(.{1,120})/i/${number}/${number}$`, 'u');
  const { inner, common } = claims.parse(payload, OURS, [2, 4, 6, OURS], [1, 2, 3], path);
  const records = inner.get(3);
  if (!(records instanceof Uint8Array) || records.length !== ENTRIES * RECORD) {
    throw new FormatError('not 1,024 records');
  }
  return { ...common, records };
}

/**
 * Record of an index, counted in the whole list.
 * @param {IssuedTile} tile @param {number} index
 */
export function record(tile, index) {
  const at = (index % ENTRIES) * RECORD;
  return tile.records.subarray(at, at + RECORD);
}
