/** Degree and size distributions as a picture: bars while values are few, points on logarithmic axes otherwise. */
import type { Hypergraph } from '../hypergraph.js';
import { drawAxes, type Panel } from './chart.js';
import { type Distribution, distributionOf } from './distribution.js';
import { linearScale, logScale, roundUp, type Scale } from './scale.js';
import { element, PALETTE, svgDocument } from './svg.js';

const WIDTH = 900;
const HEIGHT = 380;
const PANEL = { top: 64, width: 350, height: 250 };
const LEFTS = [70, 520] as const;
/** With at most so many values from least to largest, each has a bar. */
const BARS_MAX = 40;
/** Counts that differ by more than this need a logarithmic axis. */
const LINEAR_RATIO_MAX = 50;

const TEXTS = {
  degree: { title: 'Degrees of vertices', x: 'degree', y: 'vertices' },
  size: { title: 'Sizes of hyperedges', x: 'size', y: 'hyperedges' },
} as const;

/** Both distributions side by side, as SVG. */
export function drawDistributions(graph: Hypergraph): string {
  const panels = (['degree', 'size'] as const).map((of, index) =>
    drawDistribution(distributionOf(graph, of), { ...PANEL, left: LEFTS[index]! }, PALETTE[index]!),
  );
  return svgDocument(WIDTH, HEIGHT, 'Degree and size distributions', panels.join(''));
}

function drawDistribution(distribution: Distribution, panel: Panel, colour: string): string {
  const { of, total, mean, median, largest, values } = distribution;
  const facts = `mean ${Number(mean.toPrecision(3))}, median ${median}, largest ${largest.toLocaleString('en-US')}`;
  const subtitle = total === 0 ? 'none' : `${total.toLocaleString('en-US')} in all; ${facts}`;
  const texts = { ...TEXTS[of], subtitle };
  if (values.length === 0) {
    const empty = linearScale([0, 1], [panel.left, panel.left + panel.width]);
    return drawAxes(panel, texts, { ...empty, ticks: [] }, { ...empty, ticks: [] });
  }
  return distribution.largest - distribution.least < BARS_MAX
    ? drawBars(distribution, panel, texts, colour)
    : drawPoints(distribution, panel, texts, colour);
}

type Texts = Parameters<typeof drawAxes>[1];

function drawBars(distribution: Distribution, panel: Panel, texts: Texts, colour: string): string {
  const { values, counts, least, largest } = distribution;
  const bottom = panel.top + panel.height;
  const slot = panel.width / (largest - least + 1);
  const x: Scale = {
    at: (value) => panel.left + (value - least + 0.5) * slot,
    ticks: wholeTicks(least, largest),
  };
  const y = countScale(counts, [bottom, panel.top]);
  const base = y.isLog ? 0.5 : 0;
  const bars = Array.from(values, (value, index) => {
    const top = y.scale.at(counts[index]!);
    const height = (y.isLog ? bottom : y.scale.at(base)) - top;
    return element('rect', {
      x: x.at(value) - slot * 0.4,
      y: top,
      width: slot * 0.8,
      height: Math.max(height, 1),
      fill: colour,
    });
  });
  return drawAxes(panel, texts, x, y.scale) + bars.join('');
}

/** From 1 upwards on a logarithmic axis, so that a single one has a bar; from 0 on a linear one. */
function countScale(counts: Uint32Array, range: readonly [number, number]): { scale: Scale; isLog: boolean } {
  const largest = counts.reduce((most, count) => Math.max(most, count), 1);
  const least = counts.reduce((fewest, count) => Math.min(fewest, count), largest);
  if (largest / least <= LINEAR_RATIO_MAX)
    return { scale: linearScale([0, roundUp(largest)], range), isLog: false };
  const scale = logScale([0.5, largest], range);
  return { scale: { ...scale, ticks: scale.ticks.filter((tick) => tick >= 1) }, isLog: true };
}

function drawPoints(distribution: Distribution, panel: Panel, texts: Texts, colour: string): string {
  const { values, counts, largest, least } = distribution;
  const bottom = panel.top + panel.height;
  const right = panel.left + panel.width;
  const positive = values[0] === 0 ? values.subarray(1) : values;
  const shift = values.length - positive.length;
  const x = logScale([Math.max(1, least), largest], [panel.left, right]);
  const mostly = counts.reduce((most, count) => Math.max(most, count), 1);
  const y = logScale([1, mostly], [bottom, panel.top]);
  const points = Array.from(positive, (value, index) =>
    element('circle', { cx: x.at(value), cy: y.at(counts[index + shift]!), r: 2.4 }),
  );
  const group = element('g', { fill: colour, 'fill-opacity': 0.55 }, points.join(''));
  const zeros = shift === 1 ? `; ${counts[0]!.toLocaleString('en-US')} with ${texts.x} 0 not shown` : '';
  return drawAxes(panel, { ...texts, subtitle: texts.subtitle + zeros }, x, y) + group;
}

function wholeTicks(least: number, largest: number): number[] {
  const step = Math.max(1, Math.ceil((largest - least + 1) / 12));
  const ticks: number[] = [];
  for (let value = Math.ceil(least / step) * step; value <= largest; value += step) ticks.push(value);
  return ticks;
}
