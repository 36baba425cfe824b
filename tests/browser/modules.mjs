// Puts single modules of the browser verifier to known answers: JSON on standard input, JSON out.
//
//   node modules.mjs digits|ed25519|flips

import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { join, resolve } from 'node:path';

const folder = pathToFileURL(join(resolve(process.env.HALLMARK_VERIFIER), '/'));
const load = (name) => import(new URL(`${name}.js`, folder));
const given = JSON.parse(readFileSync(0, 'utf8'));
const unhex = (text) => new Uint8Array(Buffer.from(text, 'hex'));

/** Whether a call is refused by an error of our own. */
async function refused(call) {
  try {
    await call();
    return false;
  } catch (error) {
    if (!['FormatError', 'SignatureError'].includes(error.constructor.name)) throw error;
    return true;
  }
}

const modes = {
  /** Digits to hexadecimal, null where refused. */
  async digits() {
    const { decode } = await load('digits');
    const one = async (text) => (
      (await refused(() => decode(text))) ? null : Buffer.from(decode(text)).toString('hex')
    );
    return Promise.all(given.map(one));
  },

  /** Whether each [key, message, signature] verifies. */
  async ed25519() {
    const { verify } = await load('ed25519');
    const one = async (row) => !(await refused(() => verify(...row.map(unhex))));
    return Promise.all(given.map(one));
  },

  /** Verdicts, with their number, of every single-bit change of a sealed certificate. */
  async flips() {
    const { verify } = await load('verify');
    const texts = JSON.parse(readFileSync(new URL('../texts.json', folder), 'utf8'));
    const files = new Map(Object.entries(given.files).map(([path, data]) => [path, unhex(data)]));
    const source = async (uri) => files.get(new URL(uri, 'https://x.invalid').pathname) ?? null;
    const memory = { highest: () => null, remember: () => undefined };
    const found = {};
    for (const symbol of given.symbols) {
      const root = unhex(given.root);
      const means = { root, source, memory, texts, at: given.at, online: true };
      const { verdict } = await verify(symbol, means);
      found[verdict] = (found[verdict] ?? 0) + 1;
    }
    return found;
  },
};

console.log(JSON.stringify(await modes[process.argv[2]]()));
