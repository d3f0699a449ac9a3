/** From values to pixels, with the ticks that read well. */

export interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** @param range Pixels of the least and the largest value. */
export function linearScale(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const [least, largest] = domain;
  const span = largest - least || 1;
  const at = (value: number) => range[0] + ((value - least) / span) * (range[1] - range[0]);
  const step = niceStep(span / 5);
  const ticks: number[] = [];
  for (let i = Math.ceil(least / step); i * step <= largest + span * 1e-9; i++) ticks.push(i * step);
  return { at, ticks };
}

/** Ticks at powers of ten, and between them where there are few. `domain` must be above 0; it gets a little room. */
export function logScale(domain: readonly [number, number], range: readonly [number, number]): Scale {
  const room = Math.max(0.02, Math.log10(domain[1] / domain[0]) * 0.03);
  const low = Math.log10(domain[0]) - room;
  const high = Math.log10(domain[1]) + room;
  const at = (value: number) => range[0] + ((Math.log10(value) - low) / (high - low)) * (range[1] - range[0]);
  const factors = high - low < 1.2 ? [1, 2, 3, 5, 7] : high - low < 2.2 ? [1, 3] : [1];
  const step = Math.max(1, Math.ceil((high - low) / 7));
  const ticks: number[] = [];
  for (let power = Math.floor(low); power <= high; power++) {
    if (power % step !== 0) continue;
    for (const factor of factors) {
      const value = factor * 10 ** power;
      if (Math.log10(value) >= low && Math.log10(value) <= high) ticks.push(value);
    }
  }
  return { at, ticks };
}

/** The least round number that is not below `value`: where an axis ends. */
export function roundUp(value: number): number {
  const step = niceStep(value / 5);
  return Math.ceil(value / step - 1e-9) * step;
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= rough) ?? 10;
  return factor * power;
}
