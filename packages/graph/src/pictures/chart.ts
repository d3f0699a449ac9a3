/** A panel with axes: ticks, faint lines, names of the axes, and whatever is drawn into it. */
import type { Scale } from './scale.js';
import { element, FAINT, GRID, label, tickText } from './svg.js';

export interface Panel {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface PanelTexts {
  readonly title: string;
  /** Below the title, smaller. */
  readonly subtitle: string;
  readonly x: string;
  readonly y: string;
}

const TICK_GAP = 6;

/** Axes of a panel; the panel is the area inside them. */
export function drawAxes(panel: Panel, texts: PanelTexts, x: Scale, y: Scale): string {
  const { left, top, width, height } = panel;
  const [right, bottom] = [left + width, top + height];
  const parts = [
    label(left, top - 30, texts.title, { 'font-size': 15, 'font-weight': 600 }),
    label(left, top - 12, texts.subtitle, { fill: FAINT }),
  ];
  for (const tick of y.ticks) {
    const at = y.at(tick);
    parts.push(element('line', { x1: left, x2: right, y1: at, y2: at, stroke: GRID }));
    parts.push(label(left - TICK_GAP, at + 4, tickText(tick), { 'text-anchor': 'end', fill: FAINT }));
  }
  for (const tick of x.ticks) {
    const at = x.at(tick);
    parts.push(element('line', { x1: at, x2: at, y1: bottom, y2: bottom + 4, stroke: FAINT }));
    parts.push(label(at, bottom + 17, tickText(tick), { 'text-anchor': 'middle', fill: FAINT }));
  }
  parts.push(element('line', { x1: left, x2: right, y1: bottom, y2: bottom, stroke: FAINT }));
  parts.push(label(left + width / 2, bottom + 36, texts.x, { 'text-anchor': 'middle' }));
  const [yx, yy] = [left - 46, top + height / 2];
  const turned = { 'text-anchor': 'middle', transform: `rotate(-90 ${yx} ${yy})` };
  parts.push(label(yx, yy, texts.y, turned));
  return parts.join('');
}
