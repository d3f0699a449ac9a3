import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { renderClauses } from './clause-list.js';
import { CLAUSES } from './clauses/index.js';

const page = readFileSync(new URL('../../../../docs/conformance.md', import.meta.url), 'utf8');

it('docs/conformance.md lists every clause and law, and no other', () => {
  const [, listed] = page.split('<!-- clauses -->\n');
  expect(listed?.trim()).toBe(renderClauses(CLAUSES).trim());
});
