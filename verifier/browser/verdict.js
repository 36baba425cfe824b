// From the codes of the steps to the one verdict: the precedence table of verifier/README.md.

/** Every check, in the order in which they run and are reported. */
export const CHECKS = [
  'readable', 'trust', 'key', 'signature', 'scope', 'issued',
  'logged', 'catalogue', 'authority', 'period', 'status',
];

/** Checks without which a certificate is never valid, whatever the table says. */
const MUST_PASS = ['readable', 'trust', 'key', 'signature', 'scope', 'period', 'status'];

/** Order of the checks within line 10. */
const UNDETERMINED = ['trust', 'signature', 'status', 'issued', 'logged', 'catalogue', 'authority'];

/**
 * One row for every code that decides something. Codes that are absent decide nothing.
 * @typedef {{line: number, outcome: 'failed' | 'not_checked', verdict: string,
 *   reason: string | null, stop: boolean}} Row
 */

/** @param {number} line @param {string} verdict @param {string | null} reason @returns {Row} */
const stop = (line, verdict, reason) => ({ line, outcome: 'failed', verdict, reason, stop: true });
/** @param {number} line @param {string} verdict @param {string | null} reason @returns {Row} */
const fail = (line, verdict, reason) => ({ line, outcome: 'failed', verdict, reason, stop: false });
/** @param {string} reason @returns {Row} */
const open = (reason) => (
  { line: 10, outcome: 'not_checked', verdict: 'undetermined', reason, stop: false }
);

/** @type {Readonly<Record<string, Row>>} */
export const TABLE = {
  'readable.unreadable': stop(1, 'unrecognised', 'unreadable'),
  'readable.other_registry': stop(1, 'unrecognised', 'other_registry'),
  'readable.newer': stop(1, 'unrecognised', 'newer'),
  'trust.none': stop(2, 'undetermined', 'no_trust'),
  'trust.spoilt': stop(2, 'undetermined', 'trust_spoilt'),
  'trust.stale': fail(10, 'undetermined', 'trust_stale'),
  'key.unknown': stop(3, 'untrusted_issuer', 'unknown'),
  'key.unknown_stale': stop(3, 'undetermined', 'trust_stale'),
  'signature.bad': stop(4, 'forged', null),
  'scope.role': fail(5, 'untrusted_issuer', 'out_of_scope'),
  'scope.kind': fail(5, 'untrusted_issuer', 'out_of_scope'),
  'scope.province': fail(5, 'untrusted_issuer', 'out_of_scope'),
  'scope.window': fail(5, 'untrusted_issuer', 'out_of_scope'),
  'scope.stolen': fail(6, 'untrusted_issuer', 'stolen'),
  'issued.differs': fail(6, 'untrusted_issuer', 'never_issued'),
  'issued.absent': fail(6, 'untrusted_issuer', 'never_issued'),
  'issued.missing': open('issued_missing'),
  'issued.spoilt': open('issued_spoilt'),
  'issued.rolled_back': open('issued_rolled_back'),
  'issued.stale': open('issued_stale'),
  'issued.too_early': open('issued_stale'),
  'logged.required': open('required_check'),
  'catalogue.required': open('required_check'),
  'authority.required': open('required_check'),
  'period.expired': fail(9, 'expired', null),
  'period.not_yet': fail(9, 'not_yet_valid', null),
  'status.revoked': fail(8, 'revoked', 'revoked'),
  'status.cancelled': fail(8, 'revoked', 'cancelled'),
  'status.withdrawn': fail(8, 'revoked', 'withdrawn'),
  'status.unknown_state': fail(8, 'revoked', 'unknown_ground'),
  'status.superseded': fail(8, 'superseded', null),
  'status.suspended': fail(8, 'suspended', null),
  'status.foreign': open('status_missing'),
  'status.missing': open('status_missing'),
  'status.spoilt': open('status_spoilt'),
  'status.rolled_back': open('status_rolled_back'),
  'status.out_of_range': open('status_missing'),
  'status.stale': open('status_stale'),
};

const ORDER = Object.keys(TABLE);

/** Place of a code in the order of precedence: smaller wins. @param {string} code */
function rank(code) {
  const { line } = TABLE[code];
  const within = line === 10 ? UNDETERMINED.indexOf(code.split('.')[0]) : 0;
  return (line * 100 + within) * 100 + ORDER.indexOf(code);
}

/**
 * Verdict and reason that these codes add up to.
 * @param {string[]} codes @returns {{verdict: string, reason: string | null}}
 */
export function decide(codes) {
  const [first] = codes.filter((code) => code in TABLE).sort((a, b) => rank(a) - rank(b));
  if (first === undefined) {
    // No row names these codes, yet a needed check may not have passed: never fail open.
    const isWhole = MUST_PASS.every((check) => codes.includes(`${check}.ok`));
    if (isWhole) return { verdict: 'valid', reason: null };
    return { verdict: 'undetermined', reason: 'required_check' };
  }
  const { verdict, reason } = TABLE[first];
  return { verdict, reason };
}

/** How the check that ended with this code ended. @param {string} code */
export function outcome(code) {
  if (code.endsWith('.ok')) return 'passed';
  return TABLE[code]?.outcome ?? 'not_checked';
}
