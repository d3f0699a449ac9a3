/**
 * A running 64-bit digest of what a simulation did, in order. Equal seeds must give equal digests; it is no
 * cryptographic hash. Mixing is MurmurHash3's, in two lanes.
 */
const scratch = new Float64Array(1);
const words = new Uint32Array(scratch.buffer);

export class TraceHash {
  #low = 0x9747b28c;
  #high = 0x1b873593;

  /** Mixes in a number; every bit of a double counts. */
  add(value: number): void {
    scratch[0] = value;
    this.#mix(words[0]!, words[1]!);
  }

  /** Mixes in an event: a moment and three integers. */
  addEvent(atMs: number, kind: number, node: number, peer: number): void {
    scratch[0] = atMs;
    this.#mix(words[0]! ^ Math.imul(node, 0x85ebca6b), words[1]! ^ Math.imul(peer, 0xc2b2ae35) ^ kind);
  }

  addText(text: string): void {
    for (let index = 0; index < text.length; index++) this.#mix(text.charCodeAt(index), index);
    this.#mix(text.length, 0);
  }

  /** Sixteen hexadecimal digits. Adding may go on afterwards. */
  digest(): string {
    return hex(this.#high) + hex(this.#low);
  }

  #mix(left: number, right: number): void {
    let low = this.#low ^ Math.imul(left, 0xcc9e2d51);
    low = (low << 13) | (low >>> 19);
    let high = this.#high ^ Math.imul(right, 0x1b873593);
    high = (high << 17) | (high >>> 15);
    this.#low = (Math.imul(low, 5) + high + 0xe6546b64) | 0;
    this.#high = (Math.imul(high, 5) + (low ^ (low >>> 16)) + 0x38495ab5) | 0;
  }
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
