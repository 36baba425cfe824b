// The page that a QR code opens: reads what stands after the #, verifies it here and shows the card.

import { isSupported } from './ed25519.js';
import { EngineError } from './errors.js';
import { lasting } from './memory.js';
import { Network, askServer } from './network.js';
import { blank, verify } from './verify.js';
import { card } from './view.js';

/** @param {string} id @returns {any} */
const byId = (id) => document.getElementById(id);

const scan = byId('scan');
const contact = { phone: scan.dataset.phone, site: scan.dataset.site };
const language = document.documentElement.lang.startsWith('en') ? 'en' : 'zh';
const title = document.title;

/** What is shown now; null before anything was asked. @type {string | null} */
let current = null;
/** Counts questions, so that a late answer to an earlier one is not shown. */
let question = 0;

/** The page's own two files, kept once they are there. @type {{texts: any, root: any}} */
const own = { texts: null, root: null };

/** @param {Network} network */
async function loadOwn(network) {
  const [texts, root] = await Promise.all([
    own.texts ?? network.get(scan.dataset.texts),
    own.root ?? network.get(scan.dataset.root),
  ]);
  own.root = root;
  if (texts instanceof Uint8Array) own.texts = JSON.parse(new TextDecoder().decode(texts));
}

/** Why this browser cannot check by itself, or null. @returns {Promise<string | null>} */
async function shortcoming() {
  if (!globalThis.isSecureContext || !globalThis.crypto?.subtle) return 'not_https';
  const isAble = typeof DecompressionStream !== 'undefined' && (await isSupported());
  return isAble ? null : 'old_browser';
}

/** @param {string} symbol @param {number} at */
async function verifyHere(symbol, at) {
  const network = new Network();
  const report = await verify(symbol, {
    root: own.root,
    source: (uri) => network.get(uri),
    memory: await lasting(own.root),
    texts: own.texts,
    at,
    online: navigator.onLine,
  });
  if (report.reason === 'no_trust' && network.isCut) report.reason = 'no_network';
  return report;
}

/** @param {string} symbol @param {number} at @param {string} why */
async function verifyThere(symbol, at, why) {
  const report = await askServer(scan.dataset.api, symbol);
  if (report) return { ...report, notices: [...report.notices, 'server_checked'] };
  return { ...blank('qr', at), verdict: 'undetermined', reason: why };
}

/** @param {string} symbol */
async function reportOn(symbol) {
  const at = Math.floor(Date.now() / 1000);
  const why = await shortcoming();
  if (why) return verifyThere(symbol, at, why);
  try {
    return await verifyHere(symbol, at);
  } catch (error) {
    if (error instanceof EngineError) return verifyThere(symbol, at, 'old_browser');
    throw error;
  }
}

/** Ask about a text and show the answer. @param {string} symbol */
async function ask(symbol) {
  current = symbol;
  question += 1;
  const mine = question;
  show('busy');
  try {
    await loadOwn(new Network());
    const report = own.texts && (await reportOn(symbol));
    if (mine !== question) return;
    if (report) showReport(report);
    else show('broken');
  } catch (error) {
    if (mine === question) show('broken');
    throw error;
  }
}

/** @param {Record<string, any>} report */
function showReport(report) {
  const made = card(report, own.texts, language, contact);
  byId('scan-result').replaceChildren(made);
  show('result');
  document.title = `${made.querySelector('.verdict-headline')?.textContent} · ${title}`;
  made.focus({ preventScroll: true });
  scrollTo(0, 0);
}

/** @param {'start' | 'busy' | 'result' | 'broken'} part */
function show(part) {
  byId('scan-start').hidden = part !== 'start';
  byId('scan-busy').hidden = part !== 'busy';
  byId('scan-broken').hidden = part !== 'broken';
  byId('scan-result').hidden = part !== 'result';
  byId('scan-after').hidden = part !== 'result';
  document.title = title;
}

/** Take what stands after the # out of the address, so that it is neither shared nor left behind. */
function takeFragment() {
  const fragment = location.hash.slice(1);
  if (!fragment) return;
  // The entry keeps it, so that reloading asks again instead of forgetting the question.
  const symbol = `${location.origin}/v#${fragment}`;
  history.replaceState({ symbol }, '', location.pathname + location.search);
  ask(symbol);
}

addEventListener('hashchange', takeFragment);

document.addEventListener('click', (event) => {
  const pressed = event.target instanceof Element && event.target.closest('[data-again]');
  if (pressed && current !== null) ask(current);
});

byId('scan-another').addEventListener('click', () => {
  current = null;
  question += 1;
  history.replaceState(null, '', location.pathname + location.search);
  show('start');
  byId('scan-text').focus();
});

byId('scan-form').addEventListener('submit', (/** @type {Event} */ event) => {
  event.preventDefault();
  const text = byId('scan-text').value.trim();
  if (text) ask(text);
});

// The other language is another page; the browser carries what stands after the # along to it
// without sending it.
document.querySelector('form.language')?.addEventListener('submit', (event) => {
  const form = /** @type {HTMLFormElement} */ (event.currentTarget);
  const digits = current?.split('#').pop();
  if (!digits || !/^[0-9]+$/.test(digits)) return;
  const action = new URL(form.action);
  action.hash = digits;
  form.action = action.href;
});

scan.dataset.ready = '';
if (location.hash) takeFragment();
else if (history.state?.symbol) ask(history.state.symbol);
else loadOwn(new Network());
