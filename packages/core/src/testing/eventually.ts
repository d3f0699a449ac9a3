/** Waiting for what no event tells of. */

/** Far longer than anything takes that comes at all, also on a machine that is several times slower and busy. */
export const EVENTUALLY_MS_MAX = 60_000;
const POLL_MS = 10;

/** Tries until the check says yes; errors count as no. @throws Error that shows the check, and the last error of it */
export async function eventually(
  check: () => boolean | Promise<boolean>,
  timeoutMs = EVENTUALLY_MS_MAX,
): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    let cause: unknown;
    try {
      if (await check()) return;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > endMs)
      throw new Error(`It did not happen within ${timeoutMs} ms: ${check}`, { cause });
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
