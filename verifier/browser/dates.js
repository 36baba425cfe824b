// Civil dates of Asia/Shanghai and instants of UTC seconds, from 1970 to 2199.

import { FormatError } from './errors.js';

const LAST_DAY = 84005;
const LAST_INSTANT = 7258118399;
const OFFSET = 8 * 3600;
const DAY = 86400;

/** ISO date of a number of days since 1970-01-01. @param {any} day @returns {string} */
export function fromDay(day) {
  if (!Number.isInteger(day) || day < 0 || day > LAST_DAY) throw new FormatError('not a day');
  return new Date(day * DAY * 1000).toISOString().slice(0, 10);
}

/** An instant, checked. @param {any} instant @returns {number} */
export function checkInstant(instant) {
  const isInstant = Number.isInteger(instant) && instant >= 0 && instant <= LAST_INSTANT;
  if (!isInstant) throw new FormatError('not an instant');
  return instant;
}

/** `2026-11-22T04:00:00Z`. @param {number} instant */
export function utc(instant) {
  return `${new Date(checkInstant(instant) * 1000).toISOString().slice(0, 19)}Z`;
}

/** Instant of what `utc` writes, and of nothing else. @param {any} text @returns {number} */
export function parseUtc(text) {
  const instant = typeof text === 'string' ? Date.parse(text) / 1000 : NaN;
  if (!Number.isInteger(instant) || utc(instant) !== text) throw new FormatError('not an instant');
  return instant;
}

/** A civil date such as `2026-11-22`, checked. @param {any} text @returns {string} */
export function parseDate(text) {
  if (typeof text !== 'string' || !/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) {
    throw new FormatError('not a date');
  }
  const day = Date.parse(`${text}T00:00:00Z`) / 1000 / DAY;
  if (Number.isNaN(day) || fromDay(day) !== text) throw new FormatError('not a date');
  return text;
}

/** ISO date in Shanghai at an instant. @param {number} instant */
export function shanghaiDay(instant) {
  return new Date((checkInstant(instant) + OFFSET) * 1000).toISOString().slice(0, 10);
}
