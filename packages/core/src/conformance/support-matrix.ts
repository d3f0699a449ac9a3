/** The support matrix of the docs: features by backends, from the reports of conformance runs. */
import { FEATURES, type Feature, type SupportLevel } from '../contract/index.js';
import { type ClauseResult, type ConformanceReport, cell } from './report.js';

const MARK: Readonly<Record<SupportLevel, string>> = {
  native: 'native',
  emulated: 'emulated',
  absent: '–',
};

/** @param reports one per backend, in the order of the columns. @returns Markdown; equal reports give equal text. */
export function renderSupportMatrix(reports: readonly ConformanceReport[]): string {
  const names = reports.map(({ backend }) => `\`${backend}\``);
  return [
    '# Support matrix',
    '',
    'Generated from runs of the conformance kit (`@anant/core/conformance`); do not edit. `native`: the backend does',
    'it. `emulated`: core or the adapter does it on its behalf. –: absent, and the kit has asserted that it is refused.',
    'Figures: clauses that need the feature, passed of tried; clauses whose fault could not be injected are not counted.',
    '',
    `| feature | ${names.join(' | ')} |`,
    `|---|${names.map(() => '---').join('|')}|`,
    ...FEATURES.map(
      (feature) => `| ${feature} | ${reports.map((report) => featureCell(report, feature)).join(' | ')} |`,
    ),
    '',
    '## All clauses',
    '',
    `| | ${names.join(' | ')} |`,
    `|---|${names.map(() => '---').join('|')}|`,
    ...(['passed', 'refused', 'failed', 'not-injectable'] as const).map(
      (status) => `| ${status} | ${reports.map(({ counts }) => counts[status]).join(' | ')} |`,
    ),
    ...ratings(reports, names),
    '',
    '## Why not native',
    '',
    ...reports.flatMap(reasons),
  ].join('\n');
}

function featureCell(report: ConformanceReport, feature: Feature): string {
  const { level } = report.manifest.features[feature];
  const concerned = report.results.filter(({ requires }) => requires.includes(feature));
  const tried = concerned.filter(({ status }) => status !== 'not-injectable');
  if (tried.length === 0) return MARK[level];
  return `${MARK[level]} ${tried.filter(isGood).length}/${tried.length}`;
}

const isGood = ({ status }: ClauseResult): boolean => status === 'passed' || status === 'refused';

function ratings(reports: readonly ConformanceReport[], names: readonly string[]): readonly string[] {
  const keys = Object.keys(
    reports[0]?.manifest.ratings ?? {},
  ) as (keyof ConformanceReport['manifest']['ratings'])[];
  return [
    '',
    '## Ratings used for routing',
    '',
    '1 (weak) to 4 (strong).',
    '',
    `| rating | ${names.join(' | ')} |`,
    `|---|${names.map(() => '---').join('|')}|`,
    ...keys.map((key) => `| ${key} | ${reports.map(({ manifest }) => manifest.ratings[key]).join(' | ')} |`),
  ];
}

function reasons(report: ConformanceReport): readonly string[] {
  const rows = FEATURES.map((feature) => ({ feature, ...report.manifest.features[feature] }))
    .filter(({ level }) => level !== 'native')
    .map(({ feature, level, reason }) => `- ${feature} (${level}): ${cell(reason ?? '')}`);
  return [`### \`${report.backend}\``, '', ...(rows.length > 0 ? rows : ['Everything is native.']), ''];
}
