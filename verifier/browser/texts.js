// A report in words: which sentences of texts.json are shown, with their places filled.

/**
 * @typedef {'zh' | 'en'} Language
 * @typedef {{phone?: string | null, site?: string | null}} Contact what the page's owner gives
 * @typedef {Record<string, any>} Texts the whole of texts.json
 * @typedef {{icon: string, colour: string, headline: string, sentence: string, action: string,
 *   notices: string[]}} Words
 */

const MONTHS = [
  'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September',
  'October', 'November', 'December',
];

/** A civil date in words. @param {string} date ISO @param {Language} language */
export function dateWords(date, language) {
  const [year, month, day] = date.split('-').map(Number);
  return language === 'zh' ? `${year}年${month}月${day}日` : `${day} ${MONTHS[month - 1]} ${year}`;
}

/** An instant in Shanghai time. @param {string} instant ISO, UTC @param {Language} language */
export function instantWords(instant, language) {
  const local = new Date(Date.parse(instant) + 8 * 3600 * 1000).toISOString();
  const date = dateWords(local.slice(0, 10), language);
  return language === 'zh' ? `${date} ${local.slice(11, 16)}` : `${date}, ${local.slice(11, 16)}`;
}

/**
 * The words of one report (a JSON document of report.schema.json).
 * @param {Record<string, any>} report @param {Texts} texts @param {Language} language
 * @param {Contact} contact @returns {Words}
 */
export function words(report, texts, language, contact = {}) {
  const { verdicts } = texts;
  const entry = verdicts[`${report.verdict}.${report.reason}`] ?? verdicts[report.verdict];
  const values = placeholders(report, texts, language, contact);
  const notices = report.notices.map((/** @type {string} */ code) => texts.notices[code]?.[language]);
  return {
    icon: entry.icon,
    colour: entry.colour,
    headline: entry[language].headline,
    sentence: fullest(entry[language].sentence, values),
    action: fullest(entry[language].action, values),
    notices: notices.filter(Boolean),
  };
}

/**
 * The first sentence whose every place can be filled.
 * @param {string[]} sentences from the fullest to the barest
 * @param {Record<string, string | null | undefined>} values
 */
function fullest(sentences, values) {
  const places = (/** @type {string} */ sentence) => sentence.match(/\{\w+\}/g) ?? [];
  const isFilled = (/** @type {string} */ place) => Boolean(values[place.slice(1, -1)]);
  const chosen = sentences.find((sentence) => places(sentence).every(isFilled)) ?? '';
  return chosen.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
}

/**
 * @param {Record<string, any>} report @param {Texts} texts @param {Language} language
 * @param {Contact} contact @returns {Record<string, string | null | undefined>}
 */
function placeholders(report, texts, language, contact) {
  const { note } = report;
  const date = dateOf(report);
  return {
    issuer: issuerName(report, language),
    time: report.status_as_of && instantWords(report.status_as_of, language),
    date: date && dateWords(date, language),
    authority: inLanguage(note?.authority, language),
    ground: inLanguage(note?.ground, language),
    body: inLanguage(note?.appeal?.body, language),
    until: note?.appeal?.until && dateWords(note.appeal.until, language),
    phone: report.phone ?? contact.phone,
    number: note?.replacement?.number,
    version: note?.replacement && String(note.replacement.version),
    last_known: report.last_known && texts.states[report.last_known][language],
    site: contact.site,
  };
}

/** @param {Record<string, any>} report @param {Language} language @returns {string | null} */
export function issuerName(report, language) {
  return (language === 'en' && report.issuer_name_en) || report.issuer_name;
}

/** A text in both languages, or a plain one. @param {any} value @param {Language} language */
export function inLanguage(value, language) {
  if (value === null || value === undefined || typeof value === 'string') return value;
  return value[language] ?? value.zh;
}

/** The date that a verdict's sentence means. @param {Record<string, any>} report */
function dateOf(report) {
  if (report.verdict === 'expired') return report.certificate?.valid_until;
  if (report.verdict === 'not_yet_valid') {
    return report.certificate?.valid_from ?? report.certificate?.awarded;
  }
  return report.note?.date;
}
