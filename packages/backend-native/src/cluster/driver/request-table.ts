/** Questions that wait for an answer, each with a deadline of its own. */
export class RequestTable<Answer> {
  readonly #pending = new Map<number, { resolve: (answer: Answer) => void; timer: NodeJS.Timeout }>();
  #count = 0;

  /** @param fallback the answer when none comes within `timeoutMs` */
  open(timeoutMs: number, fallback: Answer): { readonly request: number; readonly answer: Promise<Answer> } {
    this.#count = (this.#count + 1) >>> 0;
    const request = this.#count;
    const answer = new Promise<Answer>((resolve) => {
      const timer = setTimeout(() => this.settle(request, fallback), timeoutMs);
      this.#pending.set(request, { resolve, timer });
    });
    return { request, answer };
  }

  settle(request: number, answer: Answer): void {
    const pending = this.#pending.get(request);
    if (pending === undefined) return;
    clearTimeout(pending.timer);
    this.#pending.delete(request);
    pending.resolve(answer);
  }

  settleAll(answer: Answer): void {
    for (const request of [...this.#pending.keys()]) this.settle(request, answer);
  }
}
