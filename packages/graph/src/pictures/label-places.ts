/** Where names go beside points so that they cover little: of eight places the one with the least overlap. */
import type { LayoutPoint } from './layout.js';

export interface PlacedLabel {
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'middle' | 'end';
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Width of a character in text of 11 pixels, about. */
const CHARACTER_WIDTH = 6.2;
const HEIGHT = 13;
const GAP = 9;

/** A place for each text, or none where the text would lie on others. */
export function placeLabels(
  points: readonly LayoutPoint[],
  texts: readonly string[],
  area: { readonly width: number; readonly height: number },
): (PlacedLabel | undefined)[] {
  const taken: Box[] = points.map(({ x, y }) => ({ left: x - 7, top: y - 7, width: 14, height: 14 }));
  return points.map((point, index) => {
    const width = texts[index]!.length * CHARACTER_WIDTH;
    let best: { box: Box; anchor: PlacedLabel['anchor']; cost: number } | undefined;
    for (const [dx, dy, anchor] of PLACES) {
      const x = point.x + dx * GAP;
      const left = anchor === 'start' ? x : anchor === 'end' ? x - width : x - width / 2;
      const box = { left, top: point.y + dy * 12 - HEIGHT / 2, width, height: HEIGHT };
      const outside = left < 0 || left + width > area.width || box.top < 0 || box.top + HEIGHT > area.height;
      const cost = taken.reduce((sum, other) => sum + overlap(box, other), outside ? 1e4 : 0);
      if (best === undefined || cost < best.cost - 1e-9) best = { box, anchor, cost };
    }
    const { box, anchor, cost } = best!;
    if (cost > (width * HEIGHT) / 3) return undefined;
    taken.push(box);
    const x = anchor === 'start' ? box.left : anchor === 'end' ? box.left + width : box.left + width / 2;
    return { x, y: box.top + HEIGHT - 3, anchor };
  });
}

const PLACES: readonly (readonly [dx: number, dy: number, anchor: PlacedLabel['anchor']])[] = [
  [1, 0, 'start'],
  [-1, 0, 'end'],
  [0, -1.3, 'middle'],
  [0, 1.3, 'middle'],
  [0.7, -0.9, 'start'],
  [0.7, 0.9, 'start'],
  [-0.7, -0.9, 'end'],
  [-0.7, 0.9, 'end'],
];

function overlap(a: Box, b: Box): number {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}
