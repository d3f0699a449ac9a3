/**
 * Places for points that springs join: forces of Fruchterman and Reingold, "Graph drawing by force-directed
 * placement" (1991), from a start that a seed turns. The same input gives the same picture everywhere that follows
 * IEEE 754 in +, −, ×, ÷ and √.
 */
export interface LayoutPoint {
  x: number;
  y: number;
}

export interface LayoutOptions {
  readonly width: number;
  readonly height: number;
  /** Another seed turns and mirrors the start. */
  readonly seed: number;
  /** Springs between places of points. */
  readonly springs: readonly (readonly [a: number, b: number])[];
  /** How strongly each point pushes others away; 1 is a vertex. */
  readonly weights: readonly number[];
}

const ITERATIONS = 400;
/** Strong enough that parts no spring joins stay beside each other. */
const GRAVITY = 0.5;
const CLOSEST = 1e-6;

export function layOut({ width, height, seed, springs, weights }: LayoutOptions): LayoutPoint[] {
  const count = weights.length;
  const ideal = Math.sqrt(1 / Math.max(1, count)) * 0.9;
  const points = startOf(count, seed);
  const forces = points.map(() => ({ x: 0, y: 0 }));
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const heat = 0.1 * (1 - iteration / ITERATIONS);
    for (const force of forces) force.x = force.y = 0;
    push(points, forces, weights, ideal);
    pull(points, forces, springs, ideal);
    points.forEach((point, index) => {
      const force = forces[index]!;
      force.x -= point.x * GRAVITY;
      force.y -= point.y * GRAVITY;
      const length = Math.sqrt(force.x * force.x + force.y * force.y);
      if (length < CLOSEST) return;
      const step = Math.min(length, heat) / length;
      point.x += force.x * step;
      point.y += force.y * step;
    });
  }
  return fit(points, width, height);
}

/** A sunflower: even, and never two points at one place. Coordinates by a rational turn, not by sine. */
function startOf(count: number, seed: number): LayoutPoint[] {
  // A turn by the golden angle, as cosine and sine to 17 digits.
  const [cos, sin] = [-0.7373688780783197, 0.6754902942615238];
  let [x, y] = seed % 2 === 0 ? [1, 0] : [0, 1];
  for (let turn = 0; turn < seed % 360; turn++) [x, y] = [x * cos - y * sin, x * sin + y * cos];
  return Array.from({ length: count }, (_, index) => {
    const radius = Math.sqrt((index + 0.5) / Math.max(1, count)) * 0.5;
    const point = { x: x * radius, y: y * radius };
    [x, y] = [x * cos - y * sin, x * sin + y * cos];
    return point;
  });
}

function push(
  points: readonly LayoutPoint[],
  forces: readonly LayoutPoint[],
  weights: readonly number[],
  ideal: number,
): void {
  for (let a = 0; a < points.length; a++) {
    for (let b = 0; b < a; b++) {
      const dx = points[a]!.x - points[b]!.x;
      const dy = points[a]!.y - points[b]!.y;
      const square = Math.max(dx * dx + dy * dy, CLOSEST);
      const force = (ideal * ideal * weights[a]! * weights[b]!) / square;
      forces[a]!.x += dx * force;
      forces[a]!.y += dy * force;
      forces[b]!.x -= dx * force;
      forces[b]!.y -= dy * force;
    }
  }
}

function pull(
  points: readonly LayoutPoint[],
  forces: readonly LayoutPoint[],
  springs: LayoutOptions['springs'],
  ideal: number,
): void {
  for (const [a, b] of springs) {
    const dx = points[a]!.x - points[b]!.x;
    const dy = points[a]!.y - points[b]!.y;
    const force = Math.sqrt(dx * dx + dy * dy) / ideal;
    forces[a]!.x -= dx * force;
    forces[a]!.y -= dy * force;
    forces[b]!.x += dx * force;
    forces[b]!.y += dy * force;
  }
}

/** Stretches the points over the area; a picture may be stretched more in one direction, but not twice as much. */
function fit(points: LayoutPoint[], width: number, height: number): LayoutPoint[] {
  if (points.length === 1) return [{ x: width / 2, y: height / 2 }];
  const [left, right] = extent(points.map(({ x }) => x));
  const [top, bottom] = extent(points.map(({ y }) => y));
  const scaleX = width / Math.max(right - left, CLOSEST);
  const scaleY = height / Math.max(bottom - top, CLOSEST);
  const [kx, ky] = [Math.min(scaleX, scaleY * 1.6), Math.min(scaleY, scaleX * 1.6)];
  return points.map(({ x, y }) => ({
    x: width / 2 + (x - (left + right) / 2) * kx,
    y: height / 2 + (y - (top + bottom) / 2) * ky,
  }));
}

function extent(values: readonly number[]): readonly [number, number] {
  return [
    values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
    values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY),
  ];
}
