// Issues and verifies credentials with Digital Bazaar's libraries and counts CPU time; run by Node,
// offline. Standard input: {documents: {address: object}, credentials: [unsecured, …], seed: hex,
// method: id, warm: n}. Standard output: {issue, verify}, CPU-seconds for each credential after the
// first n, which only warm up.
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import * as vc from '@digitalbazaar/vc';
import {text} from 'node:stream/consumers';

const given = JSON.parse(await text(process.stdin));
const controller = given.method.split('#')[0];
const key = await Ed25519Multikey.generate({seed: Buffer.from(given.seed, 'hex'), controller});
if(key.id !== given.method) throw new Error(`another key: ${key.id}`);

async function documentLoader(url) {
  const whole = given.documents[url.split('#')[0]];
  if(!whole) throw new Error(`not at hand: ${url}`);
  const parts = whole.verificationMethod ?? [];
  const part = url.includes('#') ? parts.find(each => each.id === url) : whole;
  const context = part === whole ? {} : {'@context': 'https://w3id.org/security/multikey/v1'};
  return {contextUrl: null, documentUrl: url, document: {...context, ...part}};
}

async function cost(items, work) {
  let begun;
  const done = [];
  for(const [at, item] of items.entries()) {
    if(at === given.warm) begun = process.cpuUsage();
    done.push(await work(item));
  }
  const {user, system} = process.cpuUsage(begun);
  return {done, seconds: (user + system) / 1e6 / (items.length - given.warm)};
}

const issued = await cost(given.credentials, credential => vc.issue({
  credential, documentLoader, suite: new DataIntegrityProof({cryptosuite, signer: key.signer()}),
}));
const verified = await cost(issued.done, async credential => {
  const result = await vc.verifyCredential({
    credential, documentLoader, suite: new DataIntegrityProof({cryptosuite}),
    // Our list stands at an address of its own; a state is not what is compared here.
    checkStatus: async () => ({verified: true}),
  });
  if(!result.verified) throw result.error;
});
process.stdout.write(JSON.stringify({issue: issued.seconds, verify: verified.seconds}));
