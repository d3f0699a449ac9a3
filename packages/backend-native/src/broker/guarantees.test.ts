/** The page for people says what the data says. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { GUARANTEES, PATTERNS, TRANSPORTS } from './guarantees.js';

const PAGE = readFileSync(fileURLToPath(new URL('../../../../docs/broker.md', import.meta.url)), 'utf8');

it.each(TRANSPORTS.flatMap((transport) => PATTERNS.map((pattern) => [transport, pattern] as const)))(
  'docs/broker.md has the row of %s, %s',
  (transport, pattern) => {
    const { delivery, order, whenNobody, whenSlow, carriedBy } = GUARANTEES[transport][pattern];
    const cells = [transport, pattern, delivery, order, whenNobody, whenSlow, carriedBy];
    expect(PAGE).toContain(`| ${cells.join(' | ')} |`);
  },
);
