/** A growing column of unsigned 32-bit integers, in pieces, so that growth copies nothing. */
const PIECE_LENGTH = 262_144;

export class U32Column {
  readonly #full: Uint32Array[] = [];
  #piece = new Uint32Array(PIECE_LENGTH);
  #at = 0;

  get length(): number {
    return this.#full.length * PIECE_LENGTH + this.#at;
  }

  push(value: number): void {
    if (this.#at === PIECE_LENGTH) {
      this.#full.push(this.#piece);
      this.#piece = new Uint32Array(PIECE_LENGTH);
      this.#at = 0;
    }
    this.#piece[this.#at++] = value;
  }

  /** Its pieces in order; views, not copies. */
  pieces(): readonly Uint32Array[] {
    return [...this.#full, this.#piece.subarray(0, this.#at)];
  }

  /** Writes it to the start of `target`, each value replaced by `ranks[value]` when ranks are given. */
  copyTo(target: Uint32Array, ranks?: Uint32Array): void {
    let at = 0;
    for (const piece of this.pieces()) {
      if (ranks === undefined) target.set(piece, at);
      else for (let i = 0; i < piece.length; i++) target[at + i] = ranks[piece[i]!]!;
      at += piece.length;
    }
  }
}
