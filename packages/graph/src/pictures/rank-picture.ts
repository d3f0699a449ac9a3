/** A rank plot: values from the largest down, on logarithmic axes where they span decades. */
import { drawAxes, type Panel } from './chart.js';
import { linearScale, logScale, roundUp } from './scale.js';
import { element, FAINT, label, PALETTE, svgDocument } from './svg.js';

export interface RankPictureOptions {
  readonly title: string;
  /** What the values are. */
  readonly y: string;
  /** Names of the first ranks by index of `values`; the first few are listed. */
  readonly nameOf?: (index: number) => string;
}

const WIDTH = 720;
const HEIGHT = 420;
const PANEL: Panel = { left: 80, top: 64, width: 600, height: 290 };
const POINTS_MAX = 500;
const NAMES_MAX = 8;
const NAME_CHARACTERS_MAX = 28;
/** Values over more than this factor need a logarithmic axis. */
const LINEAR_RATIO_MAX = 30;

/** Values that are not above 0 (or not finite) are counted in the subtitle and not drawn. */
export function drawRanks(values: ArrayLike<number>, options: RankPictureOptions): string {
  const indexes = Array.from({ length: values.length }, (_, index) => index)
    .filter((index) => values[index]! > 0 && Number.isFinite(values[index]))
    .sort((a, b) => values[b]! - values[a]! || a - b);
  const left = values.length - indexes.length;
  const subtitle =
    `${indexes.length.toLocaleString('en-US')} values, largest first` +
    (left > 0 ? `; ${left.toLocaleString('en-US')} not above 0 are left out` : '');
  const texts = { title: options.title, subtitle, x: 'rank', y: options.y };
  const [right, bottom] = [PANEL.left + PANEL.width, PANEL.top + PANEL.height];
  if (indexes.length === 0) {
    const none = { at: () => 0, ticks: [] };
    return svgDocument(WIDTH, HEIGHT, options.title, drawAxes(PANEL, texts, none, none));
  }
  const [largest, least] = [values[indexes[0]!]!, values[indexes.at(-1)!]!];
  const x = logScale([1, indexes.length], [PANEL.left, right]);
  const y =
    largest / least > LINEAR_RATIO_MAX
      ? logScale([least, largest], [bottom, PANEL.top])
      : linearScale([0, roundUp(largest)], [bottom, PANEL.top]);
  const at = (rank: number) => ({ x: x.at(rank), y: y.at(values[indexes[rank - 1]!]!) });
  const ranks = shownRanks(indexes.length);
  const path = ranks.map(
    (rank, i) => `${i === 0 ? 'M' : 'L'}${at(rank).x.toFixed(1)} ${at(rank).y.toFixed(1)}`,
  );
  const line = element('path', { d: path.join(''), fill: 'none', stroke: PALETTE[0], 'stroke-width': 1.2 });
  const dots = ranks
    .filter((rank) => rank <= 100)
    .map((rank) => element('circle', { cx: at(rank).x, cy: at(rank).y, r: 2.6, fill: PALETTE[0] }));
  const names = options.nameOf ? drawNames(indexes, options.nameOf) : '';
  return svgDocument(
    WIDTH,
    HEIGHT,
    options.title,
    drawAxes(PANEL, texts, x, y) + line + dots.join('') + names,
  );
}

/** All ranks while they are few, then ever sparser. */
function shownRanks(count: number): number[] {
  const ranks = new Set<number>();
  for (let i = 0; i < POINTS_MAX; i++) ranks.add(Math.round(count ** (i / (POINTS_MAX - 1))));
  return [...ranks];
}

/** The first names in the corner that a falling curve leaves free. */
function drawNames(indexes: readonly number[], nameOf: (index: number) => string): string {
  const left = PANEL.left + PANEL.width - 190;
  return indexes
    .slice(0, NAMES_MAX)
    .map((index, i) => {
      const name = nameOf(index);
      const text = name.length > NAME_CHARACTERS_MAX ? `${name.slice(0, NAME_CHARACTERS_MAX - 1)}…` : name;
      const y = PANEL.top + 16 + i * 16;
      const halo = { 'paint-order': 'stroke', stroke: '#fff', 'stroke-width': 4 };
      const rank = label(left, y, String(i + 1), { 'text-anchor': 'end', fill: FAINT, ...halo });
      return rank + label(left + 8, y, text, halo);
    })
    .join('');
}
