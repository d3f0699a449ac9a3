/** A drawing of a small hypergraph, or of what lies around a vertex, as SVG. */
import type { Hypergraph } from '../hypergraph.js';
import { type DrawnHyperedge, type Excerpt, type ExcerptOptions, excerptOf } from './excerpt.js';
import {
  ARROW,
  colourOf,
  type DrawingStyle,
  hullShape,
  pairName,
  pairShape,
  ringShape,
  type ShapeInput,
  squareShape,
} from './hyperedge-shapes.js';
import { placeLabels } from './label-places.js';
import { type LayoutPoint, layOut } from './layout.js';
import { element, FAINT, INK, label, svgDocument } from './svg.js';

export interface DrawingOptions extends ExcerptOptions {
  /** @default hulls while there are at most 16 hyperedges of three members or more, bipartite beyond */
  readonly style?: DrawingStyle;
  /** Another seed turns the picture; the same seed gives the same bytes. @default 0 */
  readonly seed?: number;
}

const WIDTH = 960;
const HEIGHT = 720;
const AREA = { left: 80, top: 84, width: 800, height: 580 };
const HULLS_MAX = 16;
const NAMED_PAIRS_MAX = 40;
const LABEL_CHARACTERS_MAX = 24;
/** Fill of vertices by hops from the middle. */
const HOP_FILLS = ['#d55e00', '#2f3e4e', '#6b7b8c', '#a9b4bf'];

/** @throws RangeError when `around` is no vertex */
export function drawHypergraph(graph: Hypergraph, options: DrawingOptions = {}): string {
  const excerpt = excerptOf(graph, options);
  const large = excerpt.hyperedges.filter(({ members }) => members.length > 2).length;
  const style = options.style ?? (large <= HULLS_MAX ? 'hulls' : 'bipartite');
  const { vertices, centres } = place(excerpt, options.seed ?? 0);
  const shapes = shapesOf(graph, excerpt, vertices, centres);
  const named = shapes.filter(({ drawn }) => drawn.members.length === 2).length <= NAMED_PAIRS_MAX;
  const layers = [
    ARROW,
    ...shapes.map(style === 'hulls' ? hullShape : squareShape),
    ...shapes.map(pairShape),
    ...shapes.map(ringShape),
    ...(named ? shapes.map(pairName) : []),
    ...vertices.map((point, index) => drawVertex(graph, excerpt, point, index)),
    drawLabels(graph, excerpt, vertices),
    drawTitle(graph, excerpt, options),
  ];
  return svgDocument(WIDTH, HEIGHT, titleOf(graph, options), layers.join(''));
}

/** Places of vertices, and of hyperedges of three or more. */
function place(
  { vertices, hyperedges }: Excerpt,
  seed: number,
): { vertices: LayoutPoint[]; centres: ReadonlyMap<DrawnHyperedge, LayoutPoint> } {
  const weights = vertices.map(() => 1);
  const springs: [number, number][] = [];
  const starred: DrawnHyperedge[] = [];
  for (const drawn of hyperedges) {
    const [first, second] = drawn.members;
    if (drawn.members.length === 2) springs.push([first!, second!]);
    if (drawn.members.length < 3) continue;
    const centre = weights.length;
    weights.push(0.6);
    starred.push(drawn);
    for (const member of drawn.members) springs.push([member, centre]);
  }
  const points = layOut({ ...AREA, seed, springs, weights }).map(({ x, y }) => ({
    x: x + AREA.left,
    y: y + AREA.top,
  }));
  const centres = new Map(starred.map((drawn, index) => [drawn, points[vertices.length + index]!]));
  return { vertices: points.slice(0, vertices.length), centres };
}

function shapesOf(
  graph: Hypergraph,
  { hyperedges }: Excerpt,
  points: readonly LayoutPoint[],
  centres: ReadonlyMap<DrawnHyperedge, LayoutPoint>,
): ShapeInput[] {
  const relation = graph.properties.hyperedges.relation;
  return hyperedges.map((drawn, index) => ({
    drawn,
    members: drawn.members.map((place) => points[place]!),
    centre: centres.get(drawn),
    colour: colourOf(index),
    name:
      relation?.dictionary &&
      localName(String(relation.dictionary.externalOf(relation.values[drawn.hyperedge]!))),
    isDirected: relation !== undefined || graph.kind === 'directed',
  }));
}

/** The end of an IRI or path, which is what tells relations apart. */
const localName = (name: string): string => /[^/#]+$/.exec(name)?.[0] ?? name;

function drawVertex(
  graph: Hypergraph,
  { vertices, hops }: Excerpt,
  { x, y }: LayoutPoint,
  index: number,
): string {
  const hop = hops[index]!;
  const isMiddle = index === 0 && hops.some((other) => other > 0);
  const fill = isMiddle ? HOP_FILLS[0] : HOP_FILLS[Math.min(Math.max(hop, 1), HOP_FILLS.length - 1)];
  const title = element('title', {}, escapeTitle(graph.labelOf(vertices[index]!)));
  return element(
    'circle',
    { cx: x, cy: y, r: isMiddle ? 8 : 6, fill, stroke: '#fff', 'stroke-width': 1.5 },
    title,
  );
}

const escapeTitle = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[^\P{Cc}\t\n\r]/gu, '\ufffd');

function drawLabels(graph: Hypergraph, { vertices }: Excerpt, points: readonly LayoutPoint[]): string {
  const texts = vertices.map((vertex) => {
    const text = graph.labelOf(vertex);
    return text.length > LABEL_CHARACTERS_MAX ? `${text.slice(0, LABEL_CHARACTERS_MAX - 1)}…` : text;
  });
  const places = placeLabels(points, texts, { width: WIDTH, height: HEIGHT });
  return places
    .map((placed, index) => {
      if (!placed) return '';
      return label(placed.x, placed.y, texts[index]!, {
        'text-anchor': placed.anchor,
        'font-size': 11,
        'font-weight': index === 0 ? 600 : undefined,
        fill: INK,
        'paint-order': 'stroke',
        stroke: '#fff',
        'stroke-width': 3,
        'stroke-linejoin': 'round',
      });
    })
    .join('');
}

function titleOf(graph: Hypergraph, { around, hops = 1 }: DrawingOptions): string {
  if (around === undefined) return 'Hypergraph';
  return `${graph.labelOf(around)} and what is ${hops === 1 ? 'one hop' : `${hops} hops`} around`;
}

function drawTitle(graph: Hypergraph, excerpt: Excerpt, options: DrawingOptions): string {
  const { vertices, hyperedges, leftOut } = excerpt;
  const facts = [`${vertices.length} vertices, ${hyperedges.length} different hyperedges`, ...leftOut];
  return (
    label(24, 34, titleOf(graph, options), { 'font-size': 16, 'font-weight': 600 }) +
    label(24, 54, facts.join('; '), { fill: FAINT })
  );
}
