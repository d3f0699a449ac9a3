/** Bytes that come in pieces, taken by number. */
export class PieceReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #pieces: Uint8Array[] = [];
  #isEnded = false;

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#source = pieces[Symbol.asyncIterator]();
  }

  /** The next `count` bytes, or as many as there are. */
  async take(count: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let missing = count;
    while (missing > 0) {
      const piece = this.#pieces.shift() ?? (await this.#next());
      if (piece === undefined) break;
      if (piece.length > missing) this.#pieces.unshift(piece.subarray(missing));
      parts.push(piece.subarray(0, missing));
      missing -= Math.min(missing, piece.length);
    }
    return Buffer.concat(parts);
  }

  /** Everything that is left. */
  async rest(): Promise<Uint8Array> {
    return this.take(Number.POSITIVE_INFINITY);
  }

  putBack(bytes: Uint8Array): void {
    this.#pieces.unshift(bytes);
  }

  async #next(): Promise<Uint8Array | undefined> {
    if (this.#isEnded) return undefined;
    const { done, value } = await this.#source.next();
    this.#isEnded = done === true;
    return done ? undefined : value;
  }
}
