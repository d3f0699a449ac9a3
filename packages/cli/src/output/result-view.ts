/** A route and a result, for people. */
import { explainRoute, type RouteDecision } from '@anant/core';
import type { AlgorithmResult } from '@anant/graph';
import { renderTable } from './table.js';
import { formatCount, type Terminal } from './terminal.js';

/** The decision with its reason, and every other backend with the reason against it. */
export function showRoute(route: RouteDecision, startedLocally: readonly string[], terminal: Terminal): void {
  const [first = '', ...others] = explainRoute(route);
  terminal.note(`${terminal.style('green', '✓')} Route: ${first}`);
  for (const line of others) terminal.note(terminal.style('dim', `  ${line}`));
  for (const name of startedLocally) {
    terminal.note(terminal.style('dim', `    ${name} is in no configuration: it is started on this machine`));
  }
}

export function showResult(result: AlgorithmResult, rowCount: number, terminal: Terminal): void {
  const { columns, rows } = result.table(rowCount);
  terminal.result('');
  for (const { name, value } of result.summary) {
    terminal.result(`${name}: ${typeof value === 'number' ? formatNumber(value) : value}`);
  }
  if (rows.length > 0) {
    terminal.result('');
    const texts = rows.map((row) =>
      row.map((cell) => (typeof cell === 'number' ? formatNumber(cell) : cell)),
    );
    const [header = '', ...lines] = renderTable(columns, texts, terminal.width);
    terminal.result(terminal.style('bold', header));
    for (const line of lines) terminal.result(line);
  }
  terminal.result('');
  for (const { message, backend } of result.warnings) {
    terminal.note(`${terminal.style('yellow', '!')} ${backend}: ${message}`);
  }
}

const formatNumber = (value: number): string =>
  Number.isInteger(value) ? formatCount(value) : value.toPrecision(6);
