/**
 * Plays every transcript beside this file and compares it with what it says. To accept a change of behaviour, run with
 * ANANT_WRITE_SCENARIOS=1 and review the difference like code.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { play } from './scenario.js';

const folder = new URL('./', import.meta.url);

describe('scenarios', () => {
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.txt'))) {
    it(name.replace('.txt', '').replaceAll('-', ' '), () => {
      const file = new URL(name, folder);
      const text = readFileSync(file, 'utf8');
      const played = play(text);
      if (process.env.ANANT_WRITE_SCENARIOS === '1') writeFileSync(file, played);
      else expect(played).toBe(text);
    });
  }
});
