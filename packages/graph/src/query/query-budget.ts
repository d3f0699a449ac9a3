/** What one query may use: time, and memory for its answer. At the bound it ends with an error and no rows. */
import { AnantError } from '@anant/core';
import type { ExternalId } from '../ids/id-table.js';

/** Longest a query takes where nothing else is said. */
export const TIME_MS_DEFAULT = 30_000;
/** Most memory that an answer takes, as `addRow` counts it. */
export const ANSWER_BYTES_MAX = 268_435_456;

/** Members or candidates between two looks at the clock. */
const WORK_BETWEEN = 65_536;
const ROW_BYTES = 64;
const CELL_BYTES = 16;

export interface BudgetOptions {
  /** In milliseconds, above 0. */
  readonly timeMsMax: number;
  /** In milliseconds. */
  readonly now: () => number;
  /** As `addRow` counts. */
  readonly answerBytesMax: number;
}

export class QueryBudget {
  readonly #options: BudgetOptions;
  readonly #endMs: number;
  readonly #bytesMax: number;
  #workLeft = WORK_BETWEEN;
  #bytes = 0;

  constructor(options: BudgetOptions) {
    this.#options = options;
    this.#endMs = options.now() + options.timeMsMax;
    this.#bytesMax = options.answerBytesMax;
  }

  /** Notes that so many members or candidates were looked at. @throws AnantError `E_QUERY_LIMIT` after the longest time */
  spend(work: number): void {
    this.#workLeft -= work;
    if (this.#workLeft > 0) return;
    this.#workLeft = WORK_BETWEEN;
    if (this.#options.now() <= this.#endMs) return;
    throw limitError(
      `It took over ${this.#options.timeMsMax / 1_000} s.`,
      'Name more of what is known, use a smaller --hops or limit, or allow it more time.',
      { timeMsMax: this.#options.timeMsMax },
    );
  }

  /** Notes a row of the answer. @throws AnantError `E_QUERY_LIMIT` beyond the most memory */
  addRow(cells: readonly ExternalId[]): void {
    let bytes = ROW_BYTES;
    for (const cell of cells) bytes += CELL_BYTES + (typeof cell === 'string' ? 2 * cell.length : 0);
    this.addBytes(bytes);
  }

  /** Notes a part of the answer. @throws AnantError `E_QUERY_LIMIT` */
  addBytes(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes <= this.#bytesMax) return;
    throw limitError(
      `Its answer takes over ${this.#bytesMax} bytes.`,
      'Use a smaller limit, select fewer variables, or allow it more memory.',
      { answerBytesMax: this.#bytesMax },
    );
  }
}

/** @param reason What was reached, as a sentence. */
export function limitError(
  reason: string,
  advice: string,
  details: Readonly<Record<string, number>>,
): AnantError<'E_QUERY_LIMIT'> {
  return new AnantError(
    'E_QUERY_LIMIT',
    `The query was ended: ${reason[0]!.toLowerCase()}${reason.slice(1)}`,
    {
      advice,
      details,
    },
  );
}
