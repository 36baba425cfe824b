// A report on the page: the card of registry/web/templates/pieces/verdict.html, made by DOM calls
// only, so that nothing that a certificate says can ever become markup.

import { dateWords, inLanguage, instantWords, issuerName, words } from './texts.js';

/** @typedef {import('./texts.js').Language} Language */

const SVG = 'http://www.w3.org/2000/svg';
/** From this many characters on a name has the line to itself. */
const LONG_NAME = 7;
/** Verdicts that another attempt may change. */
const AGAIN = ['undetermined', 'suspended', 'not_yet_valid'];

/**
 * @param {string} tag @param {string} className @param {(Node | string)[]} children
 * @returns {HTMLElement}
 */
function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/**
 * A sentence whose dates and numbers are not torn at the end of a line.
 * @param {string} className @param {string} text
 */
function sentence(className, text) {
  const parts = text.split(/(\d+年\d+月\d+日|[+\d][\d-]{4,})/);
  const nodes = parts.map((part, at) => (at % 2 ? element('span', 'verdict-whole', part) : part));
  return element('p', className, ...nodes);
}

/**
 * The whole card.
 * @param {Record<string, any>} report a document of report.schema.json
 * @param {Record<string, any>} texts texts.json
 * @param {Language} language
 * @param {import('./texts.js').Contact} contact
 * @returns {HTMLElement}
 */
export function card(report, texts, language, contact) {
  const said = words(report, texts, language, contact);
  const label = (/** @type {string} */ name) => texts.labels[name][language];
  const made = element('article', `verdict verdict-tone-${said.colour}`);
  made.dataset.verdict = report.verdict;
  made.dataset.reason = report.reason ?? '';
  made.tabIndex = -1;
  made.append(head(said));
  if (said.action) made.append(sentence('verdict-action', said.action));
  if (report.certificate) made.append(compare(report.certificate, label));
  if (said.notices.length) {
    const items = said.notices.map((notice) => element('li', '', notice));
    made.append(element('ul', 'verdict-notices', ...items));
  }
  made.append(...buttons(report, label));
  if (report.note) made.append(decision(report, label, language));
  if (report.certificate) made.append(content(report, texts, label, language));
  if (report.status_as_of) made.append(asOf(report.status_as_of, label, language));
  made.append(details(report, texts, label, language));
  return made;
}

/** @param {import('./texts.js').Words} said */
function head(said) {
  const icon = document.createElementNS(SVG, 'svg');
  icon.setAttribute('class', 'verdict-icon');
  icon.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `#verdict-icon-${said.icon}`);
  icon.append(use);
  const headline = element('h1', 'verdict-headline', said.headline);
  const made = element('header', 'verdict-head', headline);
  made.append(sentence('verdict-sentence', said.sentence));
  made.prepend(icon);
  return made;
}

/**
 * What is held against the ID card: the name and the last four, large.
 * @param {Record<string, any>} certificate @param {(name: string) => string} label
 */
function compare(certificate, label) {
  const { name, last4 } = certificate;
  const isLong = [...name].length >= LONG_NAME;
  const made = element('dl', isLong ? 'verdict-compare verdict-compare-long' : 'verdict-compare');
  const person = element('dd', 'verdict-name', name);
  person.lang = 'zh-CN';
  made.append(element('div', '', element('dt', '', label('name')), person));
  const four = element('dd', 'verdict-last4', last4);
  made.append(element('div', '', element('dt', '', label('last4')), four));
  return made;
}

/** @param {Record<string, any>} report @param {(name: string) => string} label */
function buttons(report, label) {
  const made = [];
  const page = report.note?.replacement?.page;
  if (report.verdict === 'superseded' && isWebAddress(page)) {
    const link = /** @type {HTMLAnchorElement} */ (element('a', 'button', label('replacement')));
    link.href = page;
    link.rel = 'noreferrer';
    made.push(link);
  }
  if (AGAIN.includes(report.verdict)) {
    const again = /** @type {HTMLButtonElement} */ (element('button', 'button', label('again')));
    again.type = 'button';
    again.dataset.again = '';
    made.push(again);
  }
  return made.length ? [element('p', 'verdict-buttons', ...made)] : [];
}

/** Signed text may still not name a script. @param {any} address */
function isWebAddress(address) {
  return typeof address === 'string' && /^https?:\/\//.test(address);
}

/**
 * Rows of name and value; those without a value are left out.
 * @param {string} title @param {[string, string | null | undefined, string?][]} rows
 */
function section(title, rows) {
  const list = element('dl', 'facts');
  for (const [name, value, className] of rows) {
    if (!value) continue;
    const row = element('div', '', element('dt', '', name), element('dd', className ?? '', value));
    list.append(row);
  }
  return element('section', 'verdict-section', element('h2', '', title), list);
}

/**
 * @param {Record<string, any>} report @param {Record<string, any>} texts
 * @param {(name: string) => string} label @param {Language} language
 */
function content(report, texts, label, language) {
  const { certificate: is, names } = report;
  const day = (/** @type {string | null} */ date) => date && dateWords(date, language);
  const isPlain = language === 'zh' || !names?.occupation_en;
  const occupation = isPlain ? is.occupation_name : names.occupation_en;
  const level = names ? names[language === 'zh' ? 'level' : 'level_en'] : null;
  return section(label('content'), [
    [label('kind'), texts.kinds[is.kind][language]],
    [label('occupation'), [occupation, is.occupation].filter(Boolean).join(' ')],
    [label('level'), level ?? texts.levels[is.level]?.[language] ?? is.level],
    [label('work_type'), names?.work_type ?? is.work_type],
    [label('number'), is.number, 'verdict-number'],
    [label('version'), is.version > 1 ? String(is.version) : null],
    [label('issuer'), issuerName(report, language)],
    [label('site'), [names?.site, is.site].filter(Boolean).join(' ')],
    [label('assessed'), day(is.assessed)],
    [label('awarded'), day(is.awarded)],
    [label('valid_from'), day(is.valid_from)],
    [label('valid_until'), day(is.valid_until)],
  ]);
}

/**
 * @param {Record<string, any>} report @param {(name: string) => string} label
 * @param {Language} language
 */
function decision(report, label, language) {
  const { note } = report;
  const { appeal, replacement } = note;
  const until = appeal?.until ? dateWords(appeal.until, language) : null;
  const next = replacement && [replacement.number, `${label('version')} ${replacement.version}`];
  return section(label('decision'), [
    [label('authority'), inLanguage(note.authority, language)],
    [label('date'), dateWords(note.date, language)],
    [label('ground'), inLanguage(note.ground, language)],
    [label('appeal'), appeal && inLanguage(appeal.body, language)],
    [label('appeal_until'), until],
    [label('phone'), note.phone],
    [label('successor'), next && next.join(' · '), 'verdict-number'],
  ]);
}

/** @param {string} instant @param {(name: string) => string} label @param {Language} language */
function asOf(instant, label, language) {
  const time = /** @type {HTMLTimeElement} */ (element('time', '', instantWords(instant, language)));
  time.dateTime = instant;
  return element('p', 'verdict-as-of', `${label('status_as_of')} `, time);
}

/**
 * Every check, folded away.
 * @param {Record<string, any>} report @param {Record<string, any>} texts
 * @param {(name: string) => string} label @param {Language} language
 */
function details(report, texts, label, language) {
  const list = element('ol', 'verdict-steps');
  for (const { check, outcome, code } of report.steps) {
    const words = (/** @type {string} */ part, /** @type {string} */ key) => (
      texts[part][key]?.[language] ?? key
    );
    const step = element(
      'li', `verdict-step verdict-step-${outcome}`,
      element('span', 'verdict-step-name', words('checks', check)),
      element('span', 'verdict-step-outcome', words('outcomes', outcome)),
      element('span', 'verdict-step-code', words('codes', code)),
    );
    step.dataset.code = code;
    list.append(step);
  }
  return element('details', 'verdict-checks', element('summary', '', label('details')), list);
}
