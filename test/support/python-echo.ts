/** The Python half as an echo: what goes in is decoded and encoded again over there. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('../../python/src', import.meta.url));
const REPLY_TIMEOUT_MS = 30_000;

export class PythonEcho {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #replies: AsyncGenerator<readonly Buffer[]>;
  #errors = '';

  /** @param python path of an interpreter with the packages of the bridge */
  constructor(python: string) {
    this.#child = spawn(python, ['-m', 'anant_bridge.values', '--echo'], {
      env: { ...process.env, PYTHONPATH: SOURCES },
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
    this.#replies = readMessages(this.#child.stdout);
  }

  /** Sends the parts of a message and waits for the parts that come back. */
  async echo(parts: readonly Uint8Array[]): Promise<readonly Buffer[]> {
    this.#child.stdin.write(frame(parts));
    const deadline = AbortSignal.timeout(REPLY_TIMEOUT_MS);
    const late = once(deadline, 'abort').then(() => {
      throw new Error(`Python did not answer in ${REPLY_TIMEOUT_MS} ms: ${this.#errors}`);
    });
    const reply = await Promise.race([this.#replies.next(), late]);
    if (reply.done) throw new Error(`Python ended: ${this.#errors}`);
    return reply.value;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.stdin.end();
    await once(this.#child, 'exit');
  }
}

function frame(parts: readonly Uint8Array[]): Buffer {
  const pieces: Uint8Array[] = [uint32(parts.length)];
  for (const part of parts) pieces.push(uint32(part.byteLength), part);
  return Buffer.concat(pieces);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

async function* readMessages(stream: AsyncIterable<Buffer>): AsyncGenerator<readonly Buffer[]> {
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    held = Buffer.concat([held, chunk]);
    for (let message = takeMessage(held); message !== undefined; message = takeMessage(held)) {
      held = message.rest;
      yield message.parts;
    }
  }
}

function takeMessage(held: Buffer): { readonly parts: readonly Buffer[]; readonly rest: Buffer } | undefined {
  if (held.length < 4) return undefined;
  const parts: Buffer[] = [];
  let position = 4;
  for (let left = held.readUInt32LE(0); left > 0; left--) {
    if (held.length < position + 4) return undefined;
    const start = position + 4;
    position = start + held.readUInt32LE(position);
    if (held.length < position) return undefined;
    parts.push(held.subarray(start, position));
  }
  return { parts, rest: held.subarray(position) };
}
