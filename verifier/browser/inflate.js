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
  const out = new Uint8Array(limit);
  const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream('deflate'));
  const reader = stream.getReader();
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw new FormatError('not a whole zlib stream');
    });
    if (done) return out.subarray(0, length);
    if (length + value.length > limit) {
      await reader.cancel().catch(() => undefined);
      throw new FormatError('inflates beyond the limit');
    }
    out.set(value, length);
    length += value.length;
  }
}
