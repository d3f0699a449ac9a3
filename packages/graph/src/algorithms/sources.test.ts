/** Every algorithm says where it comes from, and is on the page that says how it is checked. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { algorithms } from './registry.js';

const folder = new URL('./', import.meta.url);
const page = readFileSync(new URL('../../../../docs/graph-algorithms.md', import.meta.url), 'utf8');
const reference = readFileSync(new URL('../../../../docs/graph.md', import.meta.url), 'utf8');

const sources = readdirSync(folder)
  .filter((name) => name.endsWith('.ts') && !name.includes('.test'))
  .map((name) => readFileSync(new URL(name, folder), 'utf8'));

/** The comment above the definition of an algorithm. */
function docstringOf(name: string): string {
  const definition = new RegExp(
    `/\\*\\*((?:(?!\\*/)[^])*)\\*/\\nexport const \\w+ = define[^]{0,200}?name: '${name}'`,
  );
  for (const source of sources) {
    const found = definition.exec(source);
    if (found) return found[1]!.replaceAll(/\n \* ?/g, ' ');
  }
  return '';
}

describe.each(Object.keys(algorithms))('%s', (name) => {
  test('names a source with its year, and says what it gives', () => {
    const text = docstringOf(name);
    expect(text).toMatch(/\b(18|19|20)\d\d\b/);
    expect(text).toMatch(/[A-ZÄÖÜ][\p{L}-]+( and others| and [A-Z]|,| \()/u);
    expect(text.length).toBeGreaterThan(120);
  });

  test('is on the page of what is checked and in the reference', () => {
    expect(page).toContain(`\`${name}\``);
    expect(reference).toContain(`\`${name}\``);
  });
});

test('the tests that the page names exist', () => {
  const named = [...page.matchAll(/`([a-z-]+\/[a-z-]+\.test\.ts)`/g)].map(([, path]) => path!);
  expect(named.length).toBeGreaterThan(40);
  for (const path of named) expect([path, existsSync(new URL(`../${path}`, folder))]).toEqual([path, true]);
});
