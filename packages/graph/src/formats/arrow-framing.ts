/** The messages of an Arrow stream or file, told apart and checked before the library sees them. */
import { type ArrowBlock, type ArrowKind, checkFooter, checkMessage } from './arrow-metadata.js';
import { PieceReader } from './piece-reader.js';

/** What files begin and end with. */
const MAGIC = Buffer.from('ARROW1');
/** Magic, length of the footer. */
const TAIL_BYTES = MAGIC.length + 4;
const HEAD_BYTES = 8;
/** Before a length, since version 0.15. */
const CONTINUATION = -1;

/** What the library reads: a stream as it comes, or the whole of a file. @throws Error saying what is wrong */
export async function checkedArrow(
  pieces: AsyncIterable<Uint8Array>,
): Promise<AsyncIterable<Uint8Array> | Uint8Array> {
  const input = new PieceReader(pieces);
  const head = await input.take(MAGIC.length);
  if (!MAGIC.equals(head)) {
    input.putBack(head);
    return checkedStream(input);
  }
  const rest = await input.rest();
  const file = Buffer.concat([head, rest]);
  checkFile(file);
  return file;
}

/** Message by message: its metadata once they are checked, then its body. */
async function* checkedStream(input: PieceReader): AsyncGenerator<Uint8Array> {
  for (;;) {
    const prefix = await readPrefix(input);
    yield prefix.bytes;
    if (prefix.length === 0) return;
    const metadata = await whole(input, prefix.length);
    const { bodyLength } = checkMessage(metadata);
    yield metadata;
    if (bodyLength > 0) yield await whole(input, bodyLength);
  }
}

/** Length 0 is the end, which a stream may leave out. */
async function readPrefix(
  input: PieceReader,
): Promise<{ readonly bytes: Uint8Array; readonly length: number }> {
  const first = await input.take(4);
  if (first.length === 0) return { bytes: first, length: 0 };
  if (first.length < 4) throw truncated();
  if (int32At(first, 0) !== CONTINUATION) return { bytes: first, length: lengthAt(first, 0) };
  const bytes = Buffer.concat([first, await whole(input, 4)]);
  return { bytes, length: lengthAt(bytes, 4) };
}

async function whole(input: PieceReader, length: number): Promise<Uint8Array> {
  const bytes = await input.take(length);
  if (bytes.length < length) throw truncated();
  return bytes;
}

function checkFile(file: Uint8Array): void {
  const end = file.length - TAIL_BYTES;
  if (end < HEAD_BYTES || !MAGIC.equals(file.subarray(file.length - MAGIC.length))) throw truncated();
  const footerAt = end - lengthAt(file, end);
  if (footerAt < HEAD_BYTES) throw new Error('its footer is longer than the file');
  const { dictionaries, batches } = checkFooter(file.subarray(footerAt, end));
  const messages = file.subarray(0, footerAt);
  for (const block of dictionaries) checkBlock(messages, block, 'dictionary');
  for (const block of batches) checkBlock(messages, block, 'batch');
}

function checkBlock(
  messages: Uint8Array,
  { offset, metadataLength, bodyLength }: ArrowBlock,
  kind: ArrowKind,
): void {
  const isOut =
    offset < HEAD_BYTES || metadataLength < 8 || offset + metadataLength + bodyLength > messages.length;
  if (isOut) throw new Error(`its footer has a ${kind} where there is none`);
  const prefixLength = int32At(messages, offset) === CONTINUATION ? 8 : 4;
  const length = lengthAt(messages, offset + prefixLength - 4);
  const start = offset + prefixLength;
  const found = checkMessage(messages.subarray(start, Math.min(start + length, offset + metadataLength)));
  if (found.kind === kind && found.bodyLength <= bodyLength && length <= metadataLength) return;
  throw new Error(`its footer says ${kind} where there is a ${found.kind}, or another length`);
}

function lengthAt(bytes: Uint8Array, at: number): number {
  const length = int32At(bytes, at);
  if (length < 0) throw new Error(`it has a message of ${length} bytes`);
  return length;
}

const int32At = (bytes: Uint8Array, at: number): number =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getInt32(at, true);

const truncated = (): Error => new Error('it ends too early: the file is truncated');
