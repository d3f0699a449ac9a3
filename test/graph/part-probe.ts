/** An actor that writes into what it was given. */
export class PartProbe {
  readonly #part: { readonly edgeMembers: Uint32Array };

  constructor(part: { readonly edgeMembers: Uint32Array }) {
    this.#part = part;
  }

  write({ at, value }: { readonly at: number; readonly value: number }): number {
    const before = this.#part.edgeMembers[at]!;
    this.#part.edgeMembers[at] = value;
    return before;
  }
}
