// The pinned root and the trust list that its holders sign; twin of schemas/trust.py and of
// verifier/trust.py. What a threshold of holders signed is read strictly, but not re-judged.

import { FormatError, NewerFormatError, NotOurProfileError, SignatureError } from './errors.js';
import { hex, sha256 } from './bytes.js';
import { shanghaiDay } from './dates.js';
import * as jcs from './jcs.js';
import * as note from './note.js';
import * as shape from './shape.js';

const ROLES = ['issuer', 'authority', 'status', 'log', 'witness', 'document', 'receipt'];
const NAME = /^[0-9A-Za-z][0-9A-Za-z._:/-]{0,120}$/;
const PREFIX = /^https?:\/\/[0-9A-Za-z.:-]+\/(?:[0-9A-Za-z._~-]+\/)*$/;

const { date, hexadecimal, instant, integer, list, matching, nullable, object, oneOf, text } = shape;

const readRoot = object({
  registry: matching(NAME),
  version: integer(1),
  threshold: integer(1),
  holders: list(object({
    name: matching(NAME),
    keys: list(object({ alg: oneOf(['Ed25519']), public: shape.base64url(32) })),
  })),
});

const readKey = object({
  name: matching(NAME),
  issuer: nullable(text),
  role: oneOf(ROLES),
  alg: oneOf(['Ed25519']),
  public: shape.base64url(32),
  kid: hexadecimal(4),
  kinds: nullable(list(integer(1, 3))),
  provinces: nullable(list(matching(/^[0-9]{2}$/))),
  from: instant,
  until: nullable(instant),
  closed: nullable(object({
    why: oneOf(['retired', 'stolen']),
    at: instant,
    log: nullable(text),
    size: nullable(integer()),
    root: nullable(hexadecimal(32)),
  })),
  checks: list(text),
});

const readIssuer = object({
  id: text,
  did: text,
  names: list(object({ zh: text, en: text, from: date, until: nullable(date) })),
  phone: nullable(text),
  successor: nullable(text),
});

const readList = object({
  registry: matching(NAME),
  version: integer(1),
  issued: instant,
  previous: nullable(hexadecimal(32)),
  root: integer(1),
  issuers: list(readIssuer),
  keys: list(readKey),
  logs: list(object({ origin: text, url: text, key: text })),
  witnesses: list(object({ key: text, group: text, from: instant, until: nullable(instant) })),
  status: list(matching(PREFIX)),
  locations: list(object({ from: matching(PREFIX), to: matching(PREFIX) })),
  freshness: object({ trust: integer(1), status: integer(1) }),
  checkpoints: list(object({ log: text, note: text })),
  phone: nullable(text),
});

/**
 * @typedef {ReturnType<typeof readRoot>} Root
 * @typedef {ReturnType<typeof readList>} TrustList
 * @typedef {ReturnType<typeof readIssuer>} Issuer
 * @typedef {ReturnType<typeof readKey>} ListedKey
 * @typedef {Omit<ListedKey, 'kid'> & {kid: Uint8Array}} Key
 */

/** What a verifier believes beforehand: a trust list that leads to the pinned root. */
export class Trust {
  /** @param {TrustList} list @param {Key[]} keys */
  constructor(list, keys) {
    this.list = list;
    this.keys = keys;
  }

  /** @param {string} id @returns {Issuer | undefined} */
  issuer(id) {
    return this.list.issuers.find((issuer) => issuer.id === id);
  }

  /** Name of an issuer in force at an instant; outside all dates, the newest. @param {string} id @param {number} at */
  nameOf(id, at) {
    const names = this.issuer(id)?.names ?? [];
    const day = shanghaiDay(at);
    const newest = [...names].sort((a, b) => (a.from < b.from ? 1 : -1))[0];
    return names.find(({ from, until }) => from <= day && (!until || day <= until)) ?? newest;
  }

  /** Whom to call about an issuer's certificates, else about any. @param {string | null} id */
  phone(id) {
    return (id !== null && this.issuer(id)?.phone) || this.list.phone;
  }

  /** Keys of an issuer with this key id; ids may collide. @param {string} id @param {Uint8Array} kid */
  issuerKeys(id, kid) {
    return this.keys.filter((key) => key.issuer === id && hex(key.kid) === hex(kid));
  }

  /** Whether the list is within its own age. @param {number} at */
  isCurrent(at) {
    return at - this.list.issued <= this.list.freshness.trust;
  }

  /** Where the file that signed data calls `uri` is fetched from today. @param {string} uri */
  locate(uri) {
    const moved = this.list.locations.find(({ from }) => uri.startsWith(from));
    return moved ? moved.to + uri.slice(moved.from.length) : uri;
  }

  /** Whether evidence may be fetched from there. @param {string} uri */
  allows(uri) {
    const isPlain = !uri.includes('/../') && !uri.includes('/./');
    return isPlain && this.list.status.some((prefix) => uri.startsWith(prefix));
  }
}

/** The pinned anchor, signed by a threshold of its own holders. @param {Uint8Array} bytes */
export async function openRoot(bytes) {
  const parsed = note.parse(bytes);
  const root = readRoot(body(parsed.text, 'hallmark-root'));
  if (root.threshold > root.holders.length) throw new FormatError('a threshold beyond the holders');
  await note.open(parsed, holderKeys(root), root.threshold);
  return root;
}

/**
 * A trust list signed by a threshold of the root's holders.
 * @param {Root} root @param {Uint8Array} bytes @returns {Promise<Trust>}
 */
export async function open(root, bytes) {
  const parsed = note.parse(bytes);
  await note.open(parsed, holderKeys(root), root.threshold);
  const list = readList(body(parsed.text, 'hallmark-trust-list'));
  if (list.registry !== root.registry || list.root !== root.version) {
    throw new SignatureError('a trust list of another registry or root');
  }
  return new Trust(list, await Promise.all(list.keys.map(withKeyId)));
}

/** @param {Root} root @returns {Map<string, Uint8Array<ArrayBuffer>>} */
function holderKeys(root) {
  return new Map(root.holders.map((holder) => [holder.name, holder.keys[0].public]));
}

/** The id is computed, never believed. @param {ListedKey} key @returns {Promise<Key>} */
async function withKeyId(key) {
  const kid = (await sha256(key.public)).slice(0, 4);
  if (hex(kid) !== key.kid) throw new FormatError('the key id of another key');
  return { ...key, kid };
}

/** The canonical JSON below a first line. @param {string} whole @param {string} format */
function body(whole, format) {
  const lines = whole.split('\n');
  if (lines[0] !== `${format}/1`) {
    if (lines[0].startsWith(`${format}/`)) throw new NewerFormatError(lines[0]);
    throw new NotOurProfileError(`not a ${format}`);
  }
  if (lines.length !== 3 || lines[2] !== '') throw new FormatError('not exactly two lines');
  return jcs.parse(lines[1]);
}
