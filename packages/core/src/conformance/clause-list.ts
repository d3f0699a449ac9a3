/** All clauses and laws as Markdown, for the docs. */
import type { Clause } from './clause.js';
import { LAWS } from './law-checker.js';
import { cell } from './report.js';

/** @returns one table of clauses and one of laws; equal clauses give equal text. */
export function renderClauses(clauses: readonly Clause[]): string {
  return [
    '| clause | group | says | level | needs |',
    '|---|---|---|---|---|',
    ...clauses.map(
      ({ id, group, title, level, requires, kinds }) =>
        `| ${id} | ${group} | ${cell(title)} | ${level} | ${[...requires, ...needOf(kinds)].join(', ')} |`,
    ),
    '',
    '| law | says |',
    '|---|---|',
    ...Object.entries(LAWS).map(([id, text]) => `| ${id} | ${text} |`),
    '',
  ].join('\n');
}

/** A clause for one kind of task needs that kind; the others run with each kind there is. */
const needOf = (kinds: Clause['kinds']): readonly string[] =>
  kinds !== 'any' && kinds.length === 1 ? [`task.${kinds[0]}`] : [];
