/** Writes SVG: elements, text, scales and axes. All sizes are in pixels of the picture. */

/** Colours that stay apart for people who see colours differently (Okabe and Ito 2008). */
export const PALETTE: readonly string[] = [
  '#0072b2',
  '#e69f00',
  '#009e73',
  '#cc79a7',
  '#56b4e9',
  '#d55e00',
  '#8c6bb1',
  '#999933',
];

export const INK = '#222';
export const FAINT = '#767676';
export const GRID = '#e4e4e4';

type Attributes = Readonly<Record<string, number | string | undefined>>;

export function element(name: string, attributes: Attributes, content = ''): string {
  let text = `<${name}`;
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined)
      text += ` ${key}="${typeof value === 'number' ? short(value) : escapeText(value)}"`;
  }
  return content === '' ? `${text}/>` : `${text}>${content}</${name}>`;
}

export function label(x: number, y: number, text: string, attributes: Attributes = {}): string {
  return element('text', { x, y, ...attributes }, escapeText(text));
}

/** A whole document with a white ground. `title` is what screen readers say. */
export function svgDocument(width: number, height: number, title: string, body: string): string {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    role: 'img',
    'font-family': 'system-ui, "Helvetica Neue", Arial, sans-serif',
    'font-size': 12,
    fill: INK,
  };
  const ground = element('rect', { width, height, fill: '#fff' });
  return `${element('svg', attributes, `${element('title', {}, escapeText(title))}${ground}${body}`)}\n`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text for XML; characters that XML cannot hold become a replacement mark. */
export const escapeText = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => ENTITIES[character]!).replace(/[^\P{Cc}\t\n\r]/gu, '\ufffd');

export const short = (value: number): string => String(Number(value.toFixed(2)));

/** A count as a tick: 1,200,000 is `1.2M`. */
export function tickText(value: number): string {
  for (const [size, unit] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const) {
    if (Math.abs(value) >= size) return `${Number((value / size).toPrecision(3))}${unit}`;
  }
  if (value !== 0 && Math.abs(value) < 1e-3) return value.toExponential(0).replace('e', 'e');
  return String(Number(value.toPrecision(3)));
}
