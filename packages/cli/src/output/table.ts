/** Plain aligned tables: numbers to the right, text to the left, cut to a terminal's width. */
export type Cell = string | number;

export function renderTable(
  header: readonly string[],
  rows: readonly (readonly Cell[])[],
  widthMax = 120,
): string[] {
  const texts = [header, ...rows.map((row) => row.map(String))];
  const widths = header.map((_, column) =>
    Math.max(...texts.map((row) => displayWidth(String(row[column] ?? '')))),
  );
  const isNumeric = header.map(
    (_, column) => rows.length > 0 && rows.every((row) => looksNumeric(row[column])),
  );
  return texts.map((row) => {
    const line = row
      .map((cell, column) =>
        pad(String(cell ?? ''), widths[column] ?? 0, isNumeric[column] ? 'right' : 'left'),
      )
      .join('  ')
      .trimEnd();
    return line.length > widthMax ? `${line.slice(0, widthMax - 1)}…` : line;
  });
}

const looksNumeric = (cell: Cell | undefined): boolean =>
  typeof cell === 'number' ||
  (typeof cell === 'string' && /^[-+]?[\d.,]+(e[-+]?\d+)?( ?(%|×|s|ms|µs))?$/.test(cell));

const displayWidth = (text: string): number => [...text].length;

function pad(text: string, width: number, side: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return side === 'right' ? space + text : text + space;
}
