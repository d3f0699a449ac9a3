/** Where reports of conformance runs go; `npm run support-matrix` makes the matrix of the docs from them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ConformanceReport, renderReport } from '@anant/core/conformance';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
export const reportFolder = join(root, '.anant', 'conformance');

/** Keeps the report of a whole run; one of chosen tests would make the matrix wrong. */
export function writeReport(report: ConformanceReport): void {
  if (report.results.length < report.planned) return;
  mkdirSync(reportFolder, { recursive: true });
  writeFileSync(join(reportFolder, `${report.backend}.json`), `${JSON.stringify(report, null, 1)}\n`);
  writeFileSync(join(reportFolder, `${report.backend}.md`), renderReport(report));
}
