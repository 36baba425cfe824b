// Verifies our credentials and their status with Digital Bazaar's libraries; run by Node, offline.
// Standard input: {documents: {address: object}, credentials: [object, …]}; every address that is
// asked for must be there. Standard output: one answer per credential.
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import * as vc from '@digitalbazaar/vc';
import {checkStatus} from '@digitalbazaar/vc-bitstring-status-list';
import {text} from 'node:stream/consumers';

const given = JSON.parse(await text(process.stdin));
const asked = new Set();

/** Answers from what was sent; a part of a document is found by its id. */
async function documentLoader(url) {
  asked.add(url);
  const whole = given.documents[url.split('#')[0]];
  if(!whole) throw new Error(`not at hand: ${url}`);
  const parts = whole.verificationMethod ?? [];
  const part = url.includes('#') ? parts.find(each => each.id === url) : whole;
  if(!part) throw new Error(`no such part: ${url}`);
  const context = part === whole ? {} : {'@context': 'https://w3id.org/security/multikey/v1'};
  return {contextUrl: null, documentUrl: url, document: {...context, ...part}};
}

function reasons(error) {
  if(!error) return [];
  return [error.message, ...(error.errors ?? []).flatMap(reasons), ...reasons(error.cause)];
}

// Lists are the centre's, certificates its member bodies': their issuers differ by design.
const listed = ({credential}) => checkStatus({
  credential, suite: new DataIntegrityProof({cryptosuite}), documentLoader,
  verifyMatchingIssuers: false,
});

async function answer(credential) {
  const suite = new DataIntegrityProof({cryptosuite});
  const result = await vc.verifyCredential({
    credential, suite, documentLoader, checkStatus: listed,
  });
  return {
    verified: result.verified,
    reasons: reasons(result.error),
    bits: result.statusResult?.results?.map(each => each.status) ?? [],
  };
}

const answers = [];
for(const credential of given.credentials) answers.push(await answer(credential));
process.stdout.write(JSON.stringify({answers, asked: [...asked].sort()}));
