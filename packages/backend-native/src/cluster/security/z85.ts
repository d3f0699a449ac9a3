/** Z85, the text form of CURVE keys (ZeroMQ RFC 32): 4 bytes become 5 printable characters. */
const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#';
const VALUES = new Map([...DIGITS].map((digit, value) => [digit, value]));

/** @throws TypeError when the length is not a multiple of 4. */
export function z85Encode(bytes: Buffer): string {
  if (bytes.length % 4 !== 0) throw new TypeError(`Z85 takes groups of 4 bytes, not ${bytes.length} bytes.`);
  let text = '';
  for (let at = 0; at < bytes.length; at += 4) {
    const group = bytes.readUInt32BE(at);
    for (let divisor = 85 ** 4; divisor >= 1; divisor /= 85) text += DIGITS[Math.floor(group / divisor) % 85];
  }
  return text;
}

/** @throws TypeError when the text is not Z85. */
export function z85Decode(text: string): Buffer {
  if (text.length % 5 !== 0) throw new TypeError(`Z85 is groups of 5 characters, not ${text.length}.`);
  const bytes = Buffer.alloc((text.length / 5) * 4);
  for (let at = 0; at < text.length; at += 5) {
    let group = 0;
    for (const digit of text.slice(at, at + 5)) group = group * 85 + (VALUES.get(digit) ?? Number.NaN);
    if (!(group <= 0xffff_ffff)) throw new TypeError(`"${text.slice(at, at + 5)}" is no group of Z85.`);
    bytes.writeUInt32BE(group, (at / 5) * 4);
  }
  return bytes;
}
