/** Medians of repeated runs, after warm-up. */
const WARM_UPS = 3;

/**
 * @param run What to time, synchronous or not; `prepare` runs untimed before each.
 * @returns Milliseconds: median, least and largest.
 */
export async function time(runs, run, prepare = () => {}) {
  const samples = [];
  for (let i = -WARM_UPS; i < runs; i++) {
    const prepared = await prepare();
    const start = performance.now();
    await run(prepared);
    const elapsed = performance.now() - start;
    if (i >= 0) samples.push(elapsed);
  }
  samples.sort((a, b) => a - b);
  return { median: samples[samples.length >> 1], least: samples[0], largest: samples.at(-1), runs };
}
