/** Writes the pipe framing of docs/protocol.md section 3. No IO. */
const LONG_LENGTH = 0xffffffff;

/** The chunks to write for one message, in order. Buffers are passed through, never copied. */
export function frameParts(head: Uint8Array, buffers: readonly Uint8Array[]): Uint8Array[] {
  const first = new Uint8Array(8 + head.byteLength);
  const view = new DataView(first.buffer);
  view.setUint32(0, 1 + buffers.length, true);
  view.setUint32(4, head.byteLength, true);
  first.set(head, 8);
  const chunks: Uint8Array[] = [first];
  for (const buffer of buffers) {
    chunks.push(lengthField(buffer.byteLength));
    if (buffer.byteLength > 0) chunks.push(buffer);
  }
  return chunks;
}

function lengthField(bytes: number): Uint8Array {
  const isLong = bytes >= LONG_LENGTH;
  const field = new Uint8Array(isLong ? 12 : 4);
  const view = new DataView(field.buffer);
  view.setUint32(0, isLong ? LONG_LENGTH : bytes, true);
  if (isLong) view.setBigUint64(4, BigInt(bytes), true);
  return field;
}
