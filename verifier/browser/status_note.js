// Status note: why, when and by whom a state was changed; twin of schemas/status_note.py.

import { FormatError, NewerFormatError, NotOurProfileError } from './errors.js';
import { WORDS, check } from './text.js';
import * as jcs from './jcs.js';
import * as shape from './shape.js';
import { STATES } from './status.js';

const FIRST_LINE = 'hallmark-status-note/1';
const LARGEST = 16 * 1024;
const CODE = /^[0-9A-Za-z](?:[0-9A-Za-z._-]{0,62}[0-9A-Za-z])?$/;

const words = (/** @type {any} */ value) => check(value, WORDS, 300);
const authority = { id: shape.nullable(shape.matching(CODE)), zh: words, en: words };
const ground = { code: shape.matching(CODE), zh: words, en: words };
const replacement = {
  number: shape.matching(/^[0-9A-Z\u4e00-\u9fff\u3014\u3015()-]{4,40}$/),
  version: shape.integer(1, 65535),
  page: shape.matching(/^https?:\/\/[a-z0-9.:-]+\/c\/[0-9A-Za-z_-]{8,64}$/),
};

const read = shape.object({
  list: shape.text,
  index: shape.integer(0, 2 ** 24 - 1),
  state: shape.integer(0, 15),
  sequence: shape.integer(1),
  forms: shape.object({ cose: shape.hexadecimal(32), jcs: shape.hexadecimal(32) }),
  date: shape.date,
  authority: shape.object(authority),
  ground: shape.nullable(shape.object(ground)),
  appeal: shape.nullable(shape.object({ body: words, until: shape.date })),
  replacement: shape.nullable(shape.object(replacement)),
  phone: shape.nullable(shape.matching(/^[0-9+](?:[0-9 -]{1,28}[0-9])$/)),
});

/** @typedef {ReturnType<typeof read>} StatusNote */

/** The note of a signed note's text. @param {string} text @returns {StatusNote} */
export function parse(text) {
  const split = text.indexOf('\n');
  const first = text.slice(0, split);
  if (!/^hallmark-status-note\/[1-9][0-9]{0,3}$/.test(first)) {
    throw new NotOurProfileError('not a status note');
  }
  if (first !== FIRST_LINE) throw new NewerFormatError(first);
  const rest = text.slice(split + 1);
  if (!rest.endsWith('\n') || rest.length > LARGEST) throw new FormatError('cut short or too long');
  const note = read(jcs.parse(rest.slice(0, -1)));
  if (!STATES.has(note.state)) throw new FormatError('an unknown state');
  if (note.state === 12 && note.replacement === null) throw new FormatError('replaced by nothing');
  return note;
}
