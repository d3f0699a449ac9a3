/** What a run of the kit found, as data and as Markdown. */
import type { CapabilityManifest, DefinitionKind, Feature } from '../contract/index.js';
import type { ClauseGroup, ClauseLevel } from './clause.js';

/** `traced`: the backend as it is, its laws checked. `faulty`: the same inside `withFaults`. */
export type PassName = 'traced' | 'faulty';

/**
 * - `passed`: the backend does what the clause says.
 * - `refused`: a feature the clause needs is absent, and the backend refuses it as it must.
 * - `failed`: it does not, or a law of the contract was broken on the way.
 * - `not-injectable`: the harness cannot cause the fault. Says nothing about the backend.
 */
export type ClauseStatus = 'passed' | 'refused' | 'failed' | 'not-injectable';

export interface ClauseResult {
  readonly id: string;
  readonly group: ClauseGroup;
  readonly title: string;
  readonly level: ClauseLevel;
  readonly requires: readonly Feature[];
  readonly pass: PassName;
  readonly status: ClauseStatus;
  /** Kinds of task it ran with. */
  readonly kinds: readonly DefinitionKind[];
  readonly durationMs: number;
  /** What was violated, which feature is absent, or what cannot be injected. */
  readonly detail: string;
}

export interface ConformanceReport {
  readonly spec: 'conformance/v1';
  readonly backend: string;
  readonly manifest: CapabilityManifest;
  /** Versions and addresses the backend gave at its start. */
  readonly details: Readonly<Record<string, string>>;
  readonly seed: number;
  /** Results there should be; a run of chosen tests has fewer. */
  readonly planned: number;
  readonly counts: Readonly<Record<ClauseStatus, number>>;
  readonly results: readonly ClauseResult[];
}

export function countStatuses(results: readonly ClauseResult[]): Readonly<Record<ClauseStatus, number>> {
  const counts = { passed: 0, refused: 0, failed: 0, 'not-injectable': 0 };
  for (const result of results) counts[result.status] += 1;
  return counts;
}

/** One backend's report as Markdown: the counts, then every clause that was not simply passed, then all of them. */
export function renderReport(report: ConformanceReport): string {
  const { counts } = report;
  const notable = report.results.filter(({ status }) => status !== 'passed');
  return [
    `# Conformance of \`${report.backend}\``,
    '',
    `${counts.passed} passed, ${counts.refused} refused as declared, ${counts.failed} failed, ` +
      `${counts['not-injectable']} not injectable (seed ${report.seed}).`,
    '',
    ...(notable.length > 0 ? ['| clause | pass | status | detail |', '|---|---|---|---|'] : []),
    ...notable.map(
      ({ id, title, pass, status, detail }) =>
        `| ${id} ${cell(title)} | ${pass} | ${status} | ${cell(detail).slice(0, 400)} |`,
    ),
    '',
    '| clause | pass | status | kinds | ms |',
    '|---|---|---|---|---|',
    ...report.results.map(
      ({ id, title, pass, status, kinds, durationMs }) =>
        `| ${id} ${cell(title)} | ${pass} | ${status} | ${kinds.join(', ')} | ${durationMs.toFixed(0)} |`,
    ),
    '',
  ].join('\n');
}

/** Text that does not break a table. */
export function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s+/g, ' ').trim();
}
