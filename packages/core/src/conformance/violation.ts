/** How a clause fails, and how it says that it could not be tried. No test framework is involved. */

/** A backend broke the contract; the message says what was expected and what happened. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** The fault harness of this backend cannot inject what the clause needs. Never counted as passed. */
export class NotInjectable extends Error {
  override readonly name = 'NotInjectable';
}

/** @throws Violation unless `condition` holds. */
export function check(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Violation(message);
}

/** @throws Violation unless both are the same string, number or boolean. */
export function checkEqual<Value extends string | number | boolean | undefined>(
  actual: Value,
  expected: Value,
  what: string,
): void {
  if (!Object.is(actual, expected)) {
    throw new Violation(`${what}: expected ${String(expected)}, got ${String(actual)}`);
  }
}

/** @throws Violation unless `actual` is one of `allowed`. */
export function checkOneOf<Value extends string>(
  actual: Value | undefined,
  allowed: readonly Value[],
  what: string,
): void {
  if (actual === undefined || !allowed.includes(actual)) {
    throw new Violation(`${what}: expected ${allowed.join(' or ')}, got ${String(actual)}`);
  }
}
