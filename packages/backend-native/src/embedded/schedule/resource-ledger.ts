/** Counts what tasks hold of the logical resources. Nothing is measured: a task holds what it asked for. */
import type { Resources } from '@anant/core';

export interface ResourceCapacity {
  readonly cpu: number;
  readonly memoryBytes: number;
  readonly gpu: number;
  readonly custom: Readonly<Record<string, number>>;
}

export class ResourceLedger {
  readonly #capacity: ReadonlyMap<string, number>;
  readonly #free: Map<string, number>;

  constructor(capacity: ResourceCapacity) {
    this.#capacity = new Map(amountsOf(capacity));
    this.#free = new Map(this.#capacity);
  }

  /** Why the resources can never be granted, if so. */
  impossible(wanted: Resources): string | undefined {
    for (const [name, amount] of amountsOf(wanted)) {
      const most = this.#capacity.get(name) ?? 0;
      if (amount > most) return `It asks for ${amount} of "${name}"; there are ${most}.`;
    }
    return undefined;
  }

  /** Takes the resources, all or none. */
  take(wanted: Resources): boolean {
    const amounts = amountsOf(wanted);
    if (amounts.some(([name, amount]) => amount > (this.#free.get(name) ?? 0))) return false;
    for (const [name, amount] of amounts) this.#free.set(name, this.#free.get(name)! - amount);
    return true;
  }

  giveBack(taken: Resources): void {
    for (const [name, amount] of amountsOf(taken)) this.#free.set(name, this.#free.get(name)! + amount);
  }
}

/** Names of custom resources are their own; `cpu`, `memoryBytes` and `gpu` cannot be custom ones. */
function amountsOf({ cpu, memoryBytes, gpu, custom }: Resources): [name: string, amount: number][] {
  const customAmounts = Object.entries(custom ?? {}).map(([name, amount]): [string, number] => [
    `custom.${name}`,
    amount,
  ]);
  const named: [string, number | undefined][] = [
    ['cpu', cpu],
    ['memoryBytes', memoryBytes],
    ['gpu', gpu],
  ];
  const given = named.filter((entry): entry is [string, number] => entry[1] !== undefined && entry[1] > 0);
  return [...given, ...customAmounts.filter(([, amount]) => amount > 0)];
}
