// Verification of a QR text in the browser: the same report as verifier.verify gives.

import { hex, sha256 } from './bytes.js';
import * as checks from './checks.js';
import * as cose from './cose.js';
import { utc } from './dates.js';
import { FormatError, NewerFormatError, NotOurProfileError } from './errors.js';
import { Evidence, loadTrust } from './evidence.js';
import * as facts from './facts.js';
import { STATES } from './status.js';
import { CHECKS, decide, outcome } from './verdict.js';

const LARGEST = 64 * 1024;
/** Place in the steps of what a later check may change. */
const TRUST = CHECKS.indexOf('trust');
/** Verdicts that a status note explains. */
const NOTED = ['revoked', 'superseded', 'suspended'];

/**
 * What verification needs from outside.
 * @typedef {object} Means
 * @property {Uint8Array | null} root the pinned root.note
 * @property {import('./evidence.js').Source} source
 * @property {import('./evidence.js').Memory} memory
 * @property {Record<string, any>} texts texts.json
 * @property {number} at the instant asked about, UTC seconds
 * @property {boolean} online
 */

/**
 * @typedef {Record<string, any>} Report a document of report.schema.json, without words
 * @typedef {{bytes: Uint8Array<ArrayBuffer>, sign1: cose.Sign1, says: facts.Facts}} Form
 */

/**
 * Verify what a QR code says. Resolves for any text; rejects only where the engine itself fails.
 * @param {string} symbol text of the symbol, or its digits @param {Means} means
 * @returns {Promise<Report>}
 */
export async function verify(symbol, means) {
  const text = symbol.replace(/^[\ufeff \t\r\n]+|[\ufeff \t\r\n]+$/g, '');
  const report = blank(text ? 'qr' : 'unknown', means.at);
  let form;
  try {
    form = open(text);
  } catch (error) {
    return finish(report, [readableCode(error)]);
  }
  const loaded = await loadTrust(means.root, means.source, means.memory);
  if (loaded.trust === null) return finish(report, ['readable.ok', loaded.code]);
  const { trust } = loaded;
  report.phone = trust.phone(null);
  const codes = ['readable.ok', trust.isCurrent(means.at) ? 'trust.ok' : 'trust.stale'];
  const found = checks.key(trust, form.says.issuer, form.sign1.kid, means.at);
  codes.push(found.code);
  if (found.code !== 'key.ok') return finish(report, codes);
  const signed = await checks.signature(form.sign1, found.keys);
  codes.push(signed.code);
  if (signed.key === null) return finish(report, codes);
  report.certificate = certificate(form.says);
  Object.assign(report, issuerNames(trust, form.says));
  await rest(report, codes, form, trust, signed.key, means);
  return finish(report, codes, means.texts);
}

/** @param {string} text @returns {Form} */
function open(text) {
  if (text === '') throw new FormatError('nothing');
  const bytes = facts.fromText(text);
  if (bytes.length > LARGEST) throw new FormatError('too long for a certificate');
  const sign1 = cose.parse(bytes);
  if (sign1.typ !== facts.TYP) throw new NotOurProfileError('not a certificate');
  return { bytes, sign1, says: facts.parse(sign1.payload) };
}

/** @param {any} error */
function readableCode(error) {
  if (error instanceof NewerFormatError) return 'readable.newer';
  if (error instanceof NotOurProfileError) return 'readable.other_registry';
  if (error instanceof FormatError) return 'readable.unreadable';
  throw error;
}

/**
 * The checks after the signature; list and tile are asked for together.
 * @param {Report} report @param {string[]} codes @param {Form} form
 * @param {import('./trust.js').Trust} trust @param {import('./trust.js').Key} by @param {Means} means
 */
async function rest(report, codes, form, trust, by, means) {
  const { says } = form;
  const evidence = new Evidence(means.source, trust, means.memory, means.online);
  const digest = await sha256(form.bytes);
  const place = Math.floor(says.status_index / 1024);
  const [list, tile] = await Promise.all([
    evidence.statusList(says.status_uri),
    evidence.issuedTile(`${says.base}/i/${says.status_list}/${place}`),
  ]);
  const read = checks.state(list, says, means.at, trust);
  const issued = checks.issued(tile, says, digest, means.at, trust);
  const isOffline = !means.online && !by.checks.includes('issued');
  codes.push(checks.scope(by, says));
  codes.push(isOffline && outcome(issued) === 'not_checked' ? 'issued.offline' : issued);
  codes.push(...checks.later(by), checks.period(says, means.at), read.code);
  if (checks.needsTrust(list, tile, says) > trust.list.version) codes[TRUST] = 'trust.stale';
  if (read.state !== null && list.value) report.status_as_of = utc(list.value.issued);
  if (read.state !== null && read.code === 'status.stale') {
    report.last_known = STATES.get(read.state) ?? 'unknown';
  }
  if (read.state !== null && NOTED.includes(decide(codes).verdict)) {
    report.note = await evidence.statusNote(says, hex(digest), read.state);
  }
  report.phone = report.note?.phone ?? trust.phone(says.issuer);
}

/** A report before any check. @param {string} form @param {number} at @returns {Report} */
export function blank(form, at) {
  return {
    verdict: 'undetermined', reason: null, form, at: utc(at),
    status_as_of: null, last_known: null, issuer_name: null, issuer_name_en: null,
    phone: null, certificate: null, names: null, note: null, notices: [], match: null, face: null, steps: [],
  };
}

/** @param {Report} report @param {string[]} codes @param {Record<string, any>} texts */
function finish(report, codes, texts = {}) {
  const all = CHECKS.map((check, place) => codes[place] ?? `${check}.stopped`);
  Object.assign(report, decide(all));
  report.steps = all.map((code, place) => ({ check: CHECKS[place], outcome: outcome(code), code }));
  report.notices = notices(report, all, texts);
  return report;
}

/** @param {Report} report @param {string[]} codes @param {Record<string, any>} texts */
function notices(report, codes, texts) {
  const out = [];
  if (report.verdict === 'valid' && isSpecial(report.certificate, texts.special_operations)) {
    out.push('special_operation');
  }
  if (codes.includes('issued.offline')) out.push('offline');
  return out;
}

/** Whether the occupation also exists as a permit for special operations. @param {any} is @param {any} special */
function isSpecial(is, special) {
  const name = is.occupation_name ?? '';
  return special.occupations.includes(is.occupation)
    || special.work_types.includes(is.work_type)
    || special.names.some((/** @type {string} */ part) => name.includes(part));
}

/** The certificate as the report shows it. @param {facts.Facts} says */
function certificate(says) {
  const { status_uri: _, ...shown } = says;
  return { ...shown, signed_at: utc(says.signed_at) };
}

/** Names in force at signing, from the trust list. @param {import('./trust.js').Trust} trust @param {facts.Facts} says */
function issuerNames(trust, says) {
  const name = trust.nameOf(says.issuer, says.signed_at);
  return { issuer_name: name?.zh ?? null, issuer_name_en: name?.en ?? null };
}
