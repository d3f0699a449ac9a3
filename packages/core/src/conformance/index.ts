export type {
  ConformanceOptions,
  ConformanceRunOptions,
  RegisterTest,
  TestContextLike,
} from './backend-conformance.js';
export { backendConformance, runConformance } from './backend-conformance.js';
export type { Clause, ClauseGroup, ClauseLevel, ClauseScope } from './clause.js';
export { CLAUSE_GROUPS } from './clause.js';
export { renderClauses } from './clause-list.js';
export { CLAUSES } from './clauses/index.js';
export type {
  BackendApart,
  Fault,
  FaultHarness,
  FaultHarnessFactory,
  FaultTarget,
} from './fault-harness.js';
export type { FixtureLocations } from './fixture-set.js';
export { FixtureSet, shippedFixtures } from './fixture-set.js';
export type { BrokenLaw, LawId } from './law-checker.js';
export { LAWS, LawChecker } from './law-checker.js';
export { checkSame, firstDifference } from './portable-equality.js';
export { arrayValues, cornerValues, randomPortable } from './portable-values.js';
export type { ClauseResult, ClauseStatus, ConformanceReport, PassName } from './report.js';
export { renderReport } from './report.js';
export type { SuiteOptions } from './suite.js';
export { renderSupportMatrix } from './support-matrix.js';
export type { TraceEntry } from './trace.js';
export { TRACE_ENTRIES_MAX, Trace } from './trace.js';
export { NotInjectable, Violation } from './violation.js';
export { withFaults } from './with-faults.js';
export type { TracedBackend } from './with-tracing.js';
export { withTracing } from './with-tracing.js';
