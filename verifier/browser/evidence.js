// Evidence about one certificate: the trust list, its status list, its issued tile and its note.
// Nothing here knows a clock: age is judged by the checks.

import { equal } from './bytes.js';
import * as cose from './cose.js';
import { FormatError, SignatureError } from './errors.js';
import * as note from './note.js';
import * as status from './status.js';
import * as statusNote from './status_note.js';
import * as tile from './tile.js';
import * as trusts from './trust.js';

/**
 * Gives public files by address or by path of ours, null where there is none.
 * @typedef {(uri: string) => Promise<Uint8Array | null>} Source
 */

/**
 * Remembers the highest sequence verified of each address.
 * @typedef {{highest(uri: string): number | null, remember(uri: string, sequence: number): void}} Memory
 */

/**
 * A verified value with the key that signed it, or why it does not count.
 * @template T
 * @typedef {{value: T, key: trusts.Key, problem: null}
 *   | {value: null, key: null, problem: 'missing' | 'spoilt' | 'rolled_back' | 'foreign'}} Found
 */

/** What the memory of sequences calls the trust list. */
const TRUST = '/trust';

/**
 * The newest trust list, held against the pinned root. It is opened directly: a threshold of the
 * root's holders signed it, so the versions before it need not be fetched.
 * @param {Uint8Array | null} rootNote @param {Source} source @param {Memory} memory
 * @returns {Promise<{trust: trusts.Trust, code: null} | {trust: null, code: string}>}
 */
export async function loadTrust(rootNote, source, memory) {
  if (rootNote === null) return { trust: null, code: 'trust.none' };
  const bytes = await source('/trust/latest');
  if (bytes === null) return { trust: null, code: 'trust.none' };
  try {
    const trust = await trusts.open(await trusts.openRoot(rootNote), bytes);
    const { version } = trust.list;
    if ((memory.highest(TRUST) ?? 0) > version) return { trust: null, code: 'trust.spoilt' };
    memory.remember(TRUST, version);
    return { trust, code: null };
  } catch (error) {
    rethrowOthers(error);
    return { trust: null, code: 'trust.spoilt' };
  }
}

/** Evidence from one source under one trust list. */
export class Evidence {
  /**
   * @param {Source} source @param {trusts.Trust} trust @param {Memory} memory
   * @param {boolean} online whether the source would have what exists
   */
  constructor(source, trust, memory, online) {
    this.source = source;
    this.trust = trust;
    this.memory = memory;
    this.online = online;
  }

  /** @param {string} uri @returns {Promise<Found<status.StatusList>>} */
  async statusList(uri) {
    return this.list(uri, status.TYP, status.parse);
  }

  /** @param {string} uri @returns {Promise<Found<tile.IssuedTile>>} */
  async issuedTile(uri) {
    return this.list(uri, tile.TYP, async (payload) => tile.parse(payload));
  }

  /**
   * The note about a form in one state, if a sound one is there.
   * @param {import('./facts.js').Facts} facts @param {string} digest SHA-256 of the form, hex
   * @param {number} state
   */
  async statusNote(facts, digest, state) {
    const bytes = await this.get(`${facts.base}/n/${digest}`);
    if (bytes === null) return null;
    try {
      const { value, key } = await this.openNote(bytes);
      const isOurs = value.list === facts.status_uri && value.index === facts.status_index;
      const names = value.forms.cose === digest || value.forms.jcs === digest;
      const speaks = key.issuer === null || key.issuer === facts.issuer;
      return isOurs && names && speaks && value.state === state ? value : null;
    } catch (error) {
      rethrowOthers(error);
      return null;
    }
  }

  /** The only way to the source: moved, and allowed. @param {string} uri */
  async get(uri) {
    const located = this.trust.locate(uri);
    return this.trust.allows(located) ? this.source(located) : null;
  }

  /**
   * @template {import('./claims.js').Common} T
   * @param {string} uri @param {string} typ @param {(payload: Uint8Array) => Promise<T>} parse
   * @returns {Promise<Found<T>>}
   */
  async list(uri, typ, parse) {
    const without = (/** @type {'missing' | 'spoilt' | 'rolled_back' | 'foreign'} */ problem) => (
      { value: null, key: null, problem }
    );
    if (!this.trust.allows(this.trust.locate(uri))) return without('foreign');
    const bytes = await this.get(uri);
    if (bytes === null) return without('missing');
    try {
      const { payload, key } = await this.openSealed(bytes, typ);
      const value = await parse(payload);
      const isHere = value.uri === uri || value.uri === this.trust.locate(uri);
      if (!isHere || isStolen(key) || !isInWindow(key, value.issued)) return without('spoilt');
      if ((this.memory.highest(uri) ?? 0) > value.sequence) return without('rolled_back');
      this.memory.remember(uri, value.sequence);
      return { value, key, problem: null };
    } catch (error) {
      rethrowOthers(error);
      return without('spoilt');
    }
  }

  /** Payload that any status key sealed. @param {Uint8Array} bytes @param {string} typ */
  async openSealed(bytes, typ) {
    const sign1 = cose.parse(bytes);
    if (sign1.typ !== typ) throw new FormatError('an envelope of another type');
    for (const key of this.statusKeys()) {
      if (!equal(key.kid, sign1.kid)) continue;
      const payload = await verified(sign1, key);
      if (payload) return { payload, key };
    }
    throw new SignatureError('no status key signed it');
  }

  /** A note has a day and no instant, so of the key's window only theft counts. @param {Uint8Array} bytes */
  async openNote(bytes) {
    const parsed = note.parse(bytes);
    const keys = this.statusKeys();
    const text = await note.open(parsed, new Map(keys.map((key) => [key.name, key.public])), 1);
    const value = statusNote.parse(text);
    for (const line of parsed.signatures) {
      const key = keys.find(({ name }) => name === line.name);
      if (key && !isStolen(key)) return { value, key };
    }
    throw new SignatureError('signed by no status key in force');
  }

  statusKeys() {
    return this.trust.keys.filter((key) => key.role === 'status');
  }
}

/** Payload if this key signed it, else null. @param {cose.Sign1} sign1 @param {trusts.Key} key */
export async function verified(sign1, key) {
  try {
    return await cose.open(sign1, key);
  } catch (error) {
    if (error instanceof SignatureError) return null;
    throw error;
  }
}

/** @param {trusts.Key} key */
export function isStolen(key) {
  return key.closed?.why === 'stolen';
}

/** Inside its window, and not yet retired. @param {trusts.Key} key @param {number} signed */
export function isInWindow(key, signed) {
  const isRetired = key.closed?.why === 'retired' && signed > key.closed.at;
  return !isRetired && key.from <= signed && (key.until === null || signed <= key.until);
}

/** What is wrong with the bytes is an answer; what is wrong with the engine is not. @param {any} error */
function rethrowOthers(error) {
  const isAnswer = error instanceof FormatError || error instanceof SignatureError;
  if (!isAnswer) throw error;
}
