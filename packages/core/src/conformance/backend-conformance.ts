/** The kit's front door: registers every clause with a test runner, or runs them without one. */

import type { Clause } from './clause.js';
import { CLAUSES } from './clauses/index.js';
import type { ConformanceReport, PassName } from './report.js';
import { ConformanceSuite, type SuiteOptions } from './suite.js';

/** What a test function may get from its runner; only used to say that a clause was not tried. */
export interface TestContextLike {
  skip?(reason?: string): unknown;
}

/** `it` of vitest, jest, mocha or node:test. */
export type RegisterTest = (
  title: string,
  run: (context?: TestContextLike) => Promise<void>,
  timeoutMs?: number,
) => unknown;

export interface ConformanceRunOptions extends SuiteOptions {
  /** @default both */
  readonly passes?: readonly PassName[];
  /** Passes in which clauses run that need a backend of their own; engines take seconds to start. @default all */
  readonly freshIn?: readonly PassName[];
  /** Clause ids to run. @default all */
  readonly only?: readonly string[];
}

export interface ConformanceOptions extends ConformanceRunOptions {
  readonly it: RegisterTest;
  /** Groups the tests when the runner can. */
  readonly describe?: (title: string, body: () => void) => unknown;
  /** `afterAll` of the runner. Without it, a last test stops the backend and reports. */
  readonly after?: (run: () => Promise<void>, timeoutMs?: number) => unknown;
  /** Receives the report when everything has run. */
  readonly report?: (report: ConformanceReport) => void | Promise<void>;
}

const PASSES: readonly PassName[] = ['traced', 'faulty'];

/** Registers one test per clause and pass. */
export function backendConformance(options: ConformanceOptions): void {
  const suite = new ConformanceSuite(options);
  const group = options.describe ?? ((_title: string, body: () => void) => body());
  const plan = planOf(options);
  for (const [pass, clauses] of plan) {
    group(`conformance, ${pass}`, () => {
      for (const clause of clauses) {
        const title = `${clause.id} ${clause.title} [${pass}]`;
        options.it(title, (context) => runAsTest(suite, clause, pass, context), suite.clauseTimeoutMs);
      }
    });
  }
  const finish = async () => {
    await options.report?.(await suite.finish(countOf(plan)));
  };
  if (options.after) options.after(finish, suite.clauseTimeoutMs);
  else options.it('conformance: stop and report', finish, suite.clauseTimeoutMs);
}

async function runAsTest(
  suite: ConformanceSuite,
  clause: Clause,
  pass: PassName,
  context: TestContextLike | undefined,
): Promise<void> {
  const { status, detail } = await suite.run(clause, pass);
  if (status === 'failed') throw new Error(`${clause.id} failed: ${detail}`);
  if (status === 'not-injectable') context?.skip?.(detail);
}

/** Runs every clause without a test runner. */
export async function runConformance(options: ConformanceRunOptions): Promise<ConformanceReport> {
  const suite = new ConformanceSuite(options);
  const plan = planOf(options);
  for (const [pass, clauses] of plan) {
    for (const clause of clauses) await suite.run(clause, pass);
  }
  return suite.finish(countOf(plan));
}

type Plan = readonly (readonly [PassName, readonly Clause[]])[];

const countOf = (plan: Plan): number => plan.reduce((total, [, clauses]) => total + clauses.length, 0);

function planOf(options: ConformanceRunOptions): Plan {
  const { passes = PASSES, freshIn = PASSES } = options;
  const clauses = chosen(options.only);
  return passes.map((pass) => [
    pass,
    clauses.filter(({ scope }) => scope === 'shared' || freshIn.includes(pass)),
  ]);
}

function chosen(only: readonly string[] | undefined): readonly Clause[] {
  if (only === undefined) return CLAUSES;
  const unknown = only.filter((id) => !CLAUSES.some((clause) => clause.id === id));
  if (unknown.length > 0) throw new TypeError(`The kit has no clause ${unknown.join(', ')}.`);
  return CLAUSES.filter(({ id }) => only.includes(id));
}
