/** The convex hull of points, by Andrew's monotone chain (1979). */
import type { LayoutPoint } from './layout.js';

/** Corners in order; one or two points are their own hull. */
export function convexHull(points: readonly LayoutPoint[]): LayoutPoint[] {
  const sorted = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
  if (sorted.length < 3) return sorted;
  const half = (ordered: readonly LayoutPoint[]): LayoutPoint[] => {
    const chain: LayoutPoint[] = [];
    for (const point of ordered) {
      while (chain.length >= 2 && turn(chain.at(-2)!, chain.at(-1)!, point) <= 0) chain.pop();
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.toReversed())];
}

const turn = (a: LayoutPoint, b: LayoutPoint, c: LayoutPoint): number =>
  (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
