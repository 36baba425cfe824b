// What this browser has seen: the highest sequence verified of each list, so that an older one is
// refused. Kept apart per pinned root, because another registry counts for itself.

import { hex, sha256 } from './bytes.js';

/**
 * A memory in `localStorage`, or for the life of the page where that is not to be had.
 * @param {Uint8Array<ArrayBuffer> | null} root the pinned root.note
 * @returns {Promise<import('./evidence.js').Memory>}
 */
export async function lasting(root) {
  const prefix = root ? `hallmark/${hex((await sha256(root)).subarray(0, 8))}` : 'hallmark/none';
  const seen = new Map();
  return {
    highest: (uri) => Math.max(seen.get(uri) ?? 0, stored(prefix + uri)) || null,
    remember: (uri, sequence) => {
      seen.set(uri, Math.max(seen.get(uri) ?? 0, sequence));
      if (sequence > stored(prefix + uri)) store(prefix + uri, sequence);
    },
  };
}

/** @param {string} key */
function stored(key) {
  try {
    const value = Number(localStorage.getItem(key) ?? 0);
    return Number.isSafeInteger(value) && value > 0 ? value : 0;
  } catch {
    return 0;
  }
}

/** @param {string} key @param {number} sequence */
function store(key, sequence) {
  try {
    localStorage.setItem(key, String(sequence));
  } catch {
    // Private mode or a full store: the page still remembers while it is open.
  }
}
