// The only file that asks the network: public files of the registry, and the server as a fallback.

const PATIENCE = 15_000;
const LARGEST = 9 << 20;

/** Public files over HTTP. `isCut` says whether a request could not be made at all. */
export class Network {
  constructor() {
    this.isCut = false;
  }

  /**
   * A file at an address, or at a path of the page's own origin; null if it cannot be had.
   * Nothing follows a redirect: the address that was allowed is the address that answers.
   * @param {string} uri @returns {Promise<Uint8Array<ArrayBuffer> | null>}
   */
  async get(uri) {
    try {
      const response = await fetch(new URL(uri, location.origin), {
        cache: 'no-cache',
        credentials: 'omit',
        redirect: 'error',
        referrerPolicy: 'no-referrer',
        signal: AbortSignal.timeout(PATIENCE),
      });
      return response.ok ? await bounded(response) : null;
    } catch {
      this.isCut = true;
      return null;
    }
  }
}

/** The body, unless it is larger than any of ours. @param {Response} response */
async function bounded(response) {
  if (!response.body) return null;
  const reader = response.body.getReader();
  const chunks = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > LARGEST) {
      await reader.cancel();
      return null;
    }
    chunks.push(value);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/**
 * The server's report about a text, or null when it cannot be had.
 * @param {string} api address @param {string} text
 * @returns {Promise<Record<string, any> | null>}
 */
export async function askServer(api, text) {
  try {
    const response = await fetch(api, {
      method: 'POST',
      headers: { 'Content-Type': 'text/plain; charset=utf-8', Accept: 'application/json' },
      body: text,
      credentials: 'omit',
      redirect: 'error',
      referrerPolicy: 'no-referrer',
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (!response.ok) return null;
    const answer = await response.json();
    return Array.isArray(answer) ? answer[0] : answer;
  } catch {
    return null;
  }
}
