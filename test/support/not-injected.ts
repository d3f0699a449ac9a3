/** What this machine cannot do to the processes under test is printed; its test is skipped, and counts for nothing. */

/** @param problem why it cannot be done; empty when it can */
export function sayNotInjected(fault: string, problem: string): void {
  if (problem !== '') console.warn(`NOT INJECTED: ${fault}: ${problem}.`);
}

/** Why faults of Python and the engines cannot be made; empty when they can. */
export const noPython = (): string =>
  process.env.ANANT_PYTHON ? '' : 'ANANT_PYTHON names no interpreter with the engines';
