/** A distribution as bars of characters. */
import type { Bin } from '@anant/graph';
import { formatCount } from './terminal.js';

const BAR_CELLS = 40;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** One line per bin, its bar in proportion to the count; a bin with any count has at least a sliver. */
export function renderBars(bins: readonly Bin[]): string[] {
  const names = bins.map(({ from, to }) =>
    from === to ? formatCount(from) : `${formatCount(from)}–${formatCount(to)}`,
  );
  const width = Math.max(0, ...names.map((name) => name.length));
  const most = Math.max(1, ...bins.map(({ count }) => count));
  return bins.map(({ count }, index) => {
    const eighths = count === 0 ? 0 : Math.max(1, Math.round((count / most) * BAR_CELLS * 8));
    const bar = '█'.repeat(eighths >> 3) + EIGHTHS[eighths & 7];
    return `  ${names[index]!.padStart(width)} ${bar}${bar ? ' ' : ''}${formatCount(count)}`;
  });
}
