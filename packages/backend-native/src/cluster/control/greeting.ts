/** The first bytes of a connection to the control port: what does not begin as HTTP/2 or TLS must is not looked at further. */

/** RFC 9113, section 3.4: what a client sends first, before its SETTINGS frame. */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
/** Length (3 bytes), type, flags, stream (4 bytes): RFC 9113, section 4.1. */
const FRAME_HEAD_BYTES = 9;
const SETTINGS = 4;
const SETTING_BYTES = 6;
const SETTINGS_MAX = 32;
/** RFC 8446, section 5.1: a record of the handshake, of any 3.x. */
const TLS_HANDSHAKE = Buffer.from([22, 3]);

/** `more` bytes are needed to tell, it `fits`, or it is `wrong` whatever follows. */
export type GreetingVerdict = 'more' | 'fits' | 'wrong';

/** Judges the beginning of an HTTP/2 connection in plain text. */
export function judgeHttp2(bytes: Buffer): GreetingVerdict {
  if (!begins(bytes, PREFACE)) return 'wrong';
  if (bytes.length < PREFACE.length + FRAME_HEAD_BYTES) return 'more';
  const at = PREFACE.length;
  const lengthBytes = bytes.readUIntBE(at, 3);
  const isSettings = bytes[at + 3] === SETTINGS && bytes[at + 4] === 0 && bytes.readUInt32BE(at + 5) === 0;
  const isWhole = lengthBytes % SETTING_BYTES === 0 && lengthBytes <= SETTINGS_MAX * SETTING_BYTES;
  return isSettings && isWhole ? 'fits' : 'wrong';
}

/** Judges the beginning of a TLS connection. */
export function judgeTls(bytes: Buffer): GreetingVerdict {
  if (!begins(bytes, TLS_HANDSHAKE)) return 'wrong';
  return bytes.length < TLS_HANDSHAKE.length ? 'more' : 'fits';
}

/** Whether as much of `expected` as is there is right. */
function begins(bytes: Buffer, expected: Buffer): boolean {
  const length = Math.min(bytes.length, expected.length);
  return bytes.compare(expected, 0, length, 0, length) === 0;
}
