/** A growing column of 64-bit floating-point numbers, in pieces, so that growth copies nothing. */
const PIECE_LENGTH = 131_072;

export class F64Column {
  readonly #full: Float64Array[] = [];
  #piece = new Float64Array(PIECE_LENGTH);
  #at = 0;

  get length(): number {
    return this.#full.length * PIECE_LENGTH + this.#at;
  }

  push(value: number): void {
    if (this.#at === PIECE_LENGTH) {
      this.#full.push(this.#piece);
      this.#piece = new Float64Array(PIECE_LENGTH);
      this.#at = 0;
    }
    this.#piece[this.#at++] = value;
  }

  toArray(): Float64Array {
    const values = new Float64Array(this.length);
    this.#full.forEach((piece, index) => {
      values.set(piece, index * PIECE_LENGTH);
    });
    values.set(this.#piece.subarray(0, this.#at), this.#full.length * PIECE_LENGTH);
    return values;
  }
}
