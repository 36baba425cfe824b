// Bounded inflate of a zlib stream (RFC 1950), which is what the Token Status List carries.

import { EngineError, FormatError } from './errors.js';

/**
 * The inflated bytes; refused as soon as they exceed the limit, so that a small file cannot
 * unpack into a large one.
 * @param {Uint8Array<ArrayBuffer>} data @param {number} limit bytes
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function inflate(data, limit) {
  if (typeof DecompressionStream === 'undefined') throw new EngineError('cannot inflate here');
  const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream('deflate'));
  const reader = stream.getReader();
  const chunks = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new FormatError('not a whole zlib stream');
    });
    if (done) return joined(chunks, length);
    length += value.length;
    if (length > limit) {
      await reader.cancel().catch(() => undefined);
      throw new FormatError('inflates beyond the limit');
    }
    chunks.push(value);
  }
}

/** @param {Uint8Array[]} chunks @param {number} length */
function joined(chunks, length) {
  const out = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}
