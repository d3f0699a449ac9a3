/** The reader's side of one transfer: which chunks are here, across holders. A chunk is read once, whoever sends it. */

type ChunkState = 'missing' | 'coming' | 'here';

export class Receiving {
  readonly #states: ChunkState[];
  #here = 0;
  #position = 0;

  constructor(chunks: number) {
    this.#states = new Array<ChunkState>(chunks).fill('missing');
  }

  get isComplete(): boolean {
    return this.#here === this.#states.length;
  }

  /** Every chunk before this one is here: what a holder is told, and what a new one is asked from. */
  get position(): number {
    while (this.#states[this.#position] === 'here') this.#position += 1;
    return this.#position;
  }

  /** Another holder begins, or the same one again: what the last one began may never end. */
  restart(): void {
    for (let index = this.position; index < this.#states.length; index += 1) this.failed(index);
  }

  /**
   * A chunk came: `read` it, or `skip` it because it is here or being read already.
   * @throws RangeError when there is no such chunk
   */
  began(index: number): 'read' | 'skip' {
    const state = this.#states[index];
    if (state === undefined) throw new RangeError(`There is no chunk ${index} of ${this.#states.length}.`);
    if (state !== 'missing') return 'skip';
    this.#states[index] = 'coming';
    return 'read';
  }

  ended(index: number): void {
    if (this.#states[index] === 'here') return;
    this.#states[index] = 'here';
    this.#here += 1;
  }

  /** It could not be read. */
  failed(index: number): void {
    if (this.#states[index] === 'coming') this.#states[index] = 'missing';
  }
}
