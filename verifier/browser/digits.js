// Decimal digits of a QR code: 7 bytes to 17 digits, little-endian, one spelling per byte string.

import { FormatError } from './errors.js';

/** Digits that a chunk of 0…7 bytes takes. */
const WIDTH = [0, 3, 5, 8, 10, 13, 15, 17];

/**
 * Bytes of a string of digits. A chunk is kept as its upper digits and its lower nine, so that
 * every product stays below 2^53 and no big integer is needed.
 * @param {string} digits @returns {Uint8Array<ArrayBuffer>}
 */
export function decode(digits) {
  if (!/^[0-9]*$/.test(digits)) throw new FormatError('not all digits');
  const last = WIDTH.indexOf(digits.length % 17);
  if (last < 0) throw new FormatError('a cut string of digits');
  const out = new Uint8Array(Math.floor(digits.length / 17) * 7 + last);
  for (let from = 0, at = 0; from < digits.length; from += 17, at += 7) {
    const chunk = digits.slice(from, from + 17);
    let high = Number(chunk.slice(0, -9) || '0');
    let low = Number(chunk.slice(-9));
    const end = Math.min(at + 7, out.length);
    for (let byte = at; byte < end; byte += 1) {
      const rest = (high % 256) * 1e9 + low;
      out[byte] = rest % 256;
      low = Math.floor(rest / 256);
      high = Math.floor(high / 256);
    }
    if (high !== 0 || low !== 0) throw new FormatError('digits above the largest chunk');
  }
  return out;
}
