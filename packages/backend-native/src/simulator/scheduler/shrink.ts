/** Makes a failing run small: fewer and fewer of its faults and its load, as long as it still fails. */
import type { Violation } from './oracle.js';
import { runScenario, type ScenarioOptions } from './run-scenario.js';
import type { DoneStep } from './schedule.js';

export interface Shrunk {
  /** The steps left, in the order in which they happened. */
  readonly steps: readonly DoneStep[];
  readonly violation: Violation;
  /** Runs it took. */
  readonly runs: number;
  /** One line for each step, with its moment in virtual time, and the violation at the end. */
  readonly transcript: string;
}

/** Runs after which what is left has to do. */
const RUNS_MAX = 1_000;

/**
 * Finds a minimal part of a failing run's schedule that breaks the same invariant: without any one of the steps left it
 * would not, unless the limit of 1,000 runs came first. Faults and submissions shrink alike. Deterministic. Delta
 * debugging: A. Zeller and R. Hildebrandt, "Simplifying and isolating failure-inducing input", IEEE TSE 28(2), 2002,
 * section 3 (ddmin, here removing complements only).
 *
 * @returns undefined when the run breaks no invariant
 * @throws TypeError when the matrix has no such fault
 */
export function shrinkScenario(scenario: ScenarioOptions): Shrunk | undefined {
  const whole = runScenario(scenario);
  const [first] = whole.violations;
  if (first === undefined) return undefined;
  let runs = 1;
  let report = whole;
  const fails = (keep: readonly number[]): 'yes' | 'no' => {
    runs += 1;
    const tried = runScenario({ ...scenario, keep: new Set(keep) });
    if (!tried.violations.some(({ invariant }) => invariant === first.invariant)) return 'no';
    report = tried;
    return 'yes';
  };
  let kept = scenario.keep ? [...scenario.keep] : whole.planned.map(({ number }) => number);
  let parts = 2;
  while (kept.length > 0 && runs < RUNS_MAX) {
    const size = Math.ceil(kept.length / parts);
    const smaller = cuts(kept, size).find((rest) => runs < RUNS_MAX && fails(rest) === 'yes');
    if (smaller !== undefined) {
      kept = smaller;
      parts = Math.max(2, parts - 1);
    } else if (size === 1) break;
    else parts = Math.min(kept.length, parts * 2);
  }
  const violation = report.violations.find(({ invariant }) => invariant === first.invariant)!;
  return { steps: report.steps, violation, runs, transcript: transcriptOf(report.steps, violation) };
}

/** What is left when one stretch after the other is cut out. */
function cuts(numbers: readonly number[], size: number): number[][] {
  const rests: number[][] = [];
  for (let at = 0; at < numbers.length; at += size)
    rests.push([...numbers.slice(0, at), ...numbers.slice(at + size)]);
  return rests;
}

function transcriptOf(steps: readonly DoneStep[], { invariant, what, atMs }: Violation): string {
  const line = (ms: number, text: string) => `${Math.round(ms).toString().padStart(6)} ms  ${text}`;
  return [
    ...steps.map(({ atMs: ms, what: done }) => line(ms, done)),
    line(atMs, `${invariant}: ${what}`),
  ].join('\n');
}
