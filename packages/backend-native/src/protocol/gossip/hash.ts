/** 32-bit mixing for orders, digests and assignments. Not for security: signatures and view ids use the driver's hash. */

/** MurmurHash3's finaliser over both words. */
export function mix(left: number, right: number): number {
  let word = (left ^ Math.imul(right, 0x9e3779b9)) | 0;
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return (word ^ (word >>> 16)) >>> 0;
}

export function hashText(text: string): number {
  let word = 0x811c9dc5;
  for (let index = 0; index < text.length; index++)
    word = Math.imul(word ^ text.charCodeAt(index), 0x01000193);
  return mix(word, text.length);
}
