import { algorithms } from '@anant/graph';
import { describe, expect, test } from 'vitest';
import { directParameters, jobOperands, splitArguments } from './direct-parameters.js';

const pagerank = algorithms.pagerank as never;

describe('splitArguments', () => {
  test('takes options wherever they stand', () => {
    expect(splitArguments(['--s', '2', 'x', 'file', '--name=a=b', '--neg', '-5'])).toEqual({
      operands: ['x', 'file'],
      pairs: [
        ['s', '2'],
        ['name', 'a=b'],
        ['neg', '-5'],
      ],
    });
  });

  test('an option needs a value', () => {
    expect(() => splitArguments(['x', '--s'])).toThrow('"--s" needs a value');
    expect(() => splitArguments(['--s', '--t', '1'])).toThrow('"--s" needs a value');
  });
});

test('jobOperands names what is missing and what is too much', () => {
  const operands =
    (...texts: string[]) =>
    () =>
      jobOperands({ operands: texts, pairs: [] });
  expect(operands('a', 'b')()).toEqual(['a', 'b']);
  expect(operands('a')).toThrow("missing required argument 'file'");
  expect(operands('a', 'b', 'c')).toThrow('an argument too many: "c"');
});

test('directParameters takes both ways to write a name and suggests the nearest', () => {
  const texts = (name: string) => directParameters(pagerank, [[name, '5']], ['top', 'backend']);
  expect(texts('iterations-max')).toEqual(['iterationsMax=5']);
  expect(texts('iterationsMax')).toEqual(['iterationsMax=5']);
  for (const [name, advice] of [
    ['dampng', 'Did you mean "--damping"?'],
    ['tpo', 'Did you mean "--top"?'],
    ['zzzzzz', '"anant run --help" lists the other options.'],
  ] as const) {
    expect(() => texts(name)).toThrow(expect.objectContaining({ code: 'E_INPUT_INVALID', advice }));
  }
});
