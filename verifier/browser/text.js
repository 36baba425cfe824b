// Which characters signed text may hold; the same alphabets as schemas/text.py.

import { FormatError } from './errors.js';

const HAN =
  '\\u3007\\u3400-\\u4dbf\\u4e00-\\u9fff' +
  '\\ufa0e\\ufa0f\\ufa11\\ufa13\\ufa14\\ufa1f\\ufa21\\ufa23\\ufa24\\ufa27-\\ufa29' +
  '\\u{20000}-\\u{2a6df}\\u{2a700}-\\u{2ee5d}\\u{30000}-\\u{323af}';
const LATIN = 'A-Za-z\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u024f\\u1e00-\\u1eff';
const NAME_CHARACTERS = `${HAN}${LATIN}\u00b7'\\-`;
const WORDS_CHARACTERS =
  `${NAME_CHARACTERS}0-9.,:;\\/()%&+#@?!*=_<>"\\[\\]\\|~` +
  '\\u2010-\\u2015\\u2018\\u2019\\u201c\\u201d\\u2026\\u2160-\\u217f' +
  '\\u3001-\\u3003\\u3005\\u3008-\\u3011\\u3014-\\u301b\\uff01-\\uff5e\\uffe5°±×÷≥≤';

/** @param {string} characters */
const pattern = (characters) => new RegExp(`^[${characters}]+(?: [${characters}]+)*$`, 'u');

/** People's names. */
export const NAME = pattern(NAME_CHARACTERS);
/** Titles: names plus digits and punctuation. */
export const WORDS = pattern(WORDS_CHARACTERS);

/**
 * The text itself if it may be signed: of this alphabet, NFC, at most so many characters.
 * @param {any} text @param {RegExp} alphabet @param {number} longest @returns {string}
 */
export function check(text, alphabet = NAME, longest = 100) {
  if (typeof text !== 'string' || !alphabet.test(text)) throw new FormatError('not allowed text');
  if ([...text].length > longest) throw new FormatError('text too long');
  if (text.normalize('NFC') !== text) throw new FormatError('not in normalization form C');
  return text;
}
