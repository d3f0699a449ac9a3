/** A guide as a program: its code blocks in order, with the output that follows each. */
import { readFileSync } from 'node:fs';

export interface GuideBlock {
  readonly language: string;
  /** What follows the language: the name of a file that the block is. */
  readonly name: string;
  readonly code: string;
  readonly line: number;
  /** The `text` block that follows, without its last line end. */
  readonly output: string | undefined;
}

export function blocksOf(path: string): GuideBlock[] {
  const text = readFileSync(path, 'utf8');
  const found = [...text.matchAll(/^```(\S+)(?: (\S+))?\n(.*?)^```$/gms)];
  return found.flatMap((match, index) => {
    const [whole, language = '', name = '', code = ''] = match;
    if (language === 'text') return [];
    const next = found[index + 1];
    const isNext = next?.[1] === 'text' && text.slice(match.index + whole.length, next.index).trim() === '';
    const output = isNext ? next[3]!.trimEnd() : undefined;
    const line = text.slice(0, match.index).split('\n').length;
    return [{ language, name, code, line, output }];
  });
}

const MARK = '\u0001';

/** The `ts` blocks as one module that prints a mark after each. The blocks use no types, so they are JavaScript. */
export function programOf(blocks: readonly GuideBlock[]): string {
  const codes = blocks.filter(({ language }) => language === 'ts').map(({ code }) => code);
  return codes.map((code) => `${code}\nconsole.log('${MARK}');\n`).join('');
}

export const outputsOf = (stdout: string): string[] =>
  stdout
    .split(`${MARK}\n`)
    .slice(0, -1)
    .map((part) => part.trimEnd());
