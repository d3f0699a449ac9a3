/** How hyperedges look: hulls around their members, or a square joined with each member. Pairs are lines. */
import type { DrawnHyperedge } from './excerpt.js';
import { convexHull } from './hull.js';
import type { LayoutPoint } from './layout.js';
import { element, FAINT, label, PALETTE } from './svg.js';

/** `hulls` surrounds the members of a hyperedge, `bipartite` draws it as a square of its own. */
export type DrawingStyle = 'hulls' | 'bipartite';

export interface ShapeInput {
  readonly drawn: DrawnHyperedge;
  readonly members: readonly LayoutPoint[];
  /** Where the hyperedge itself lies; undefined for pairs and singletons. */
  readonly centre: LayoutPoint | undefined;
  readonly colour: string;
  /** Relation, where there is one. */
  readonly name: string | undefined;
  /** Whether pairs point from the first member to the second. */
  readonly isDirected: boolean;
}

const HULL_WIDTH = 30;
const VERTEX_RADIUS = 8;
const NAME_CHARACTERS_MAX = 18;

export const colourOf = (index: number): string => PALETTE[index % PALETTE.length]!;

/** What lies under lines and vertices. */
export function hullShape({ drawn, members, colour }: ShapeInput): string {
  if (drawn.members.length < 3) return '';
  const d = `M${convexHull(members).map(at).join('L')}Z`;
  const shape = element('path', {
    d,
    fill: colour,
    stroke: colour,
    'stroke-width': HULL_WIDTH,
    'stroke-linejoin': 'round',
  });
  return element('g', { opacity: 0.2 }, shape);
}

export function squareShape({ drawn, members, centre, colour }: ShapeInput): string {
  if (!centre || drawn.members.length < 3) return '';
  const lines = members.map((member) =>
    element('line', {
      x1: centre.x,
      y1: centre.y,
      x2: member.x,
      y2: member.y,
      stroke: colour,
      'stroke-opacity': 0.7,
    }),
  );
  const size = 9;
  const square = element('rect', {
    x: centre.x - size / 2,
    y: centre.y - size / 2,
    width: size,
    height: size,
    fill: colour,
    stroke: '#fff',
  });
  return lines.join('') + square;
}

/** A line, with an arrow where it has a direction; its name in the middle. */
export function pairShape({ drawn, members, name, isDirected }: ShapeInput): string {
  if (drawn.members.length !== 2) return '';
  const [from, to] = members as [LayoutPoint, LayoutPoint];
  const end = isDirected ? shortened(from, to, VERTEX_RADIUS + 2) : to;
  return element('line', {
    x1: from.x,
    y1: from.y,
    x2: end.x,
    y2: end.y,
    stroke: '#8a8a8a',
    'stroke-width': Math.min(4, 1 + Math.log2(drawn.count) / 2),
    'marker-end': isDirected ? 'url(#arrow)' : undefined,
    'data-relation': name,
  });
}

export function pairName({ drawn, members, name }: ShapeInput): string {
  if (name === undefined || drawn.members.length !== 2) return '';
  const [from, to] = members as [LayoutPoint, LayoutPoint];
  const text = name.length > NAME_CHARACTERS_MAX ? `${name.slice(0, NAME_CHARACTERS_MAX - 1)}…` : name;
  return label((from.x + to.x) / 2, (from.y + to.y) / 2 + 3, text, {
    'text-anchor': 'middle',
    'font-size': 9,
    'font-style': 'italic',
    fill: FAINT,
    'paint-order': 'stroke',
    stroke: '#fff',
    'stroke-width': 3,
  });
}

/** A ring: a hyperedge of one vertex. */
export function ringShape({ drawn, members, colour }: ShapeInput): string {
  if (drawn.members.length !== 1) return '';
  const [only] = members as [LayoutPoint];
  return element('circle', { cx: only.x, cy: only.y, r: VERTEX_RADIUS + 4, fill: 'none', stroke: colour });
}

export const ARROW = element(
  'defs',
  {},
  element(
    'marker',
    {
      id: 'arrow',
      viewBox: '0 0 8 8',
      refX: 7,
      refY: 4,
      markerWidth: 7,
      markerHeight: 7,
      orient: 'auto',
      markerUnits: 'userSpaceOnUse',
    },
    element('path', { d: 'M0 0L8 4L0 8Z', fill: '#8a8a8a' }),
  ),
);

const at = ({ x, y }: LayoutPoint): string => `${x.toFixed(1)} ${y.toFixed(1)}`;

function shortened(from: LayoutPoint, to: LayoutPoint, by: number): LayoutPoint {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const rest = Math.max(0, length - by) / length;
  return { x: from.x + (to.x - from.x) * rest, y: from.y + (to.y - from.y) * rest };
}
