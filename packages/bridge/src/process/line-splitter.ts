/** Cuts the output of a process into lines for a log. No IO. */

/** A longer line is delivered in pieces of this size. */
export const LINE_CHARACTERS_MAX = 16_384;
/** Lines kept to explain an unexpected end. */
export const TAIL_LINES_MAX = 40;

/** Feed it chunks; it calls `onLine` per line and remembers the last ones. */
export class LineSplitter {
  readonly #decoder = new TextDecoder();
  readonly #tail: string[] = [];
  #rest = '';

  constructor(private readonly onLine: (line: string) => void) {}

  /** The last lines, newest last, as one text. */
  get tail(): string {
    return [...this.#tail, this.#rest].filter(Boolean).join('\n');
  }

  feed(chunk: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split('\n');
    this.#rest = lines.pop() as string;
    for (const line of lines) this.#deliver(line.endsWith('\r') ? line.slice(0, -1) : line);
    while (this.#rest.length > LINE_CHARACTERS_MAX) {
      this.#deliver(this.#rest.slice(0, LINE_CHARACTERS_MAX));
      this.#rest = this.#rest.slice(LINE_CHARACTERS_MAX);
    }
  }

  /** Delivers a last line that had no end. */
  end(): void {
    if (this.#rest) this.#deliver(this.#rest);
    this.#rest = '';
  }

  #deliver(line: string): void {
    if (!line) return;
    this.#tail.push(line);
    if (this.#tail.length > TAIL_LINES_MAX) this.#tail.shift();
    this.onLine(line);
  }
}
