// Strict reading of JSON objects: every field has a type, none is missing and none is left over.

import { FormatError, NewerFormatError } from './errors.js';
import { fromBase64Url } from './bytes.js';
import * as dates from './dates.js';

/**
 * @template T
 * @typedef {(value: any) => T} Read reads one value or throws
 */

/**
 * An object of exactly these fields; one that is not known makes it a newer format.
 * @template {Record<string, Read<any>>} S
 * @param {S} fields
 * @returns {Read<{[K in keyof S]: ReturnType<S[K]>}>}
 */
export function object(fields) {
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new FormatError('not an object');
    }
    /** @type {any} */
    const out = {};
    for (const [name, read] of Object.entries(fields)) {
      if (!Object.hasOwn(value, name)) throw new FormatError(`no ${name}`);
      out[name] = read(value[name]);
    }
    const extra = Object.keys(value).find((name) => !Object.hasOwn(fields, name));
    if (extra !== undefined) throw new NewerFormatError(`unknown field ${extra}`);
    return out;
  };
}

/** @template T @param {Read<T>} read @returns {Read<T[]>} */
export const list = (read) => (value) => {
  if (!Array.isArray(value)) throw new FormatError('not a list');
  return value.map(read);
};

/** Present, and perhaps null. @template T @param {Read<T>} read @returns {Read<T | null>} */
export const nullable = (read) => (value) => (value === null ? null : read(value));

/** @type {Read<string>} */
export const text = (value) => {
  if (typeof value !== 'string') throw new FormatError('not a text');
  return value;
};

/** A text of this pattern, matched whole. @param {RegExp} pattern @returns {Read<string>} */
export const matching = (pattern) => (value) => {
  if (!pattern.test(text(value))) throw new FormatError(`not written as ${pattern}`);
  return value;
};

/** A text that is one of these. @param {string[]} known @returns {Read<string>} */
export const oneOf = (known) => (value) => {
  if (!known.includes(text(value))) throw new NewerFormatError(`unknown ${value}`);
  return value;
};

/** @param {number} least @param {number} most @returns {Read<number>} */
export const integer = (least = 0, most = Number.MAX_SAFE_INTEGER) => (value) => {
  const isOne = Number.isSafeInteger(value) && value >= least && value <= most;
  if (!isOne) throw new FormatError('an integer beyond its bounds');
  return value;
};

/** UTC seconds of `2026-11-22T04:00:00Z`. @type {Read<number>} */
export const instant = dates.parseUtc;

/** @type {Read<string>} */
export const date = dates.parseDate;

/** Bytes in base64url. @param {number} length @returns {Read<Uint8Array<ArrayBuffer>>} */
export const base64url = (length) => (value) => {
  const bytes = fromBase64Url(text(value));
  if (bytes.length !== length) throw new FormatError(`not ${length} bytes`);
  return bytes;
};

/** So many bytes in lower-case hexadecimal, left as text. @param {number} length */
export const hexadecimal = (/** @type {number} */ length) => (
  matching(new RegExp(`^[0-9a-f]{${2 * length}}$`))
);
