// JSON in one spelling (RFC 8785) for the values that are signed: integers only, ASCII keys.

import { FormatError } from './errors.js';

const DEEPEST = 24;

/** The canonical text of a value. @param {any} value @returns {string} */
export function canonical(value, depth = DEEPEST) {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return string(value);
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new FormatError('not a safe integer');
    return String(value);
  }
  if (typeof value !== 'object') throw new FormatError('not a JSON value');
  if (depth === 0) throw new FormatError('nested too deeply');
  if (Array.isArray(value)) {
    return `[${value.map((item) => canonical(item, depth - 1)).join(',')}]`;
  }
  const members = Object.keys(value).sort().map((key) => {
    if (!/^[\x00-\x7f]*$/.test(key)) throw new FormatError('a key that is not ASCII');
    return `${string(key)}:${canonical(value[key], depth - 1)}`;
  });
  return `{${members.join(',')}}`;
}

/** @param {string} text */
function string(text) {
  // Half a surrogate pair would be written as an escape and so come back equal.
  if (/\p{Cs}/u.test(text)) throw new FormatError('half of a surrogate pair');
  return JSON.stringify(text);
}

/**
 * The value of a text that is its own canonical form: what was repeated, spaced, unsorted or
 * fractional does not come back equal.
 * @param {string} text @returns {any}
 */
export function parse(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new FormatError('not JSON');
  }
  if (canonical(value) !== text) throw new FormatError('JSON that is not in canonical form');
  return value;
}
