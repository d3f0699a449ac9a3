/** The table of codes, its page in the docs and the sources list the same codes. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES } from './codes.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const CODES = Object.keys(ERROR_CODES).sort();

describe('docs/errors.md', () => {
  const sections = readFileSync(`${ROOT}docs/errors.md`, 'utf8').split(/^### /m).slice(1);
  const documented = new Map(sections.map((section) => [section.slice(0, section.indexOf('\n')), section]));

  it('has one section for each code of the table, and no other', () => {
    expect(sections).toHaveLength(documented.size);
    expect([...documented.keys()].sort()).toEqual(CODES);
  });

  it.each(CODES)('%s: says the meaning of the table, a cause and what to do', (code) => {
    const section = documented.get(code) ?? '';
    expect(section).toContain(ERROR_CODES[code as keyof typeof ERROR_CODES]);
    expect(section).toContain('- **Cause.** ');
    expect(section).toContain('- **What to do.** ');
  });
});

describe('the sources', () => {
  const used = usedCodes();

  it('use no code that is not in the table', () => {
    const unknown = [...used].filter(([code]) => !CODES.includes(code));
    expect(unknown).toEqual([]);
  });

  it('use every code of the table', () => {
    expect(CODES.filter((code) => !used.has(code))).toEqual([]);
  });
});

/** Every string literal that looks like a code, with the file it is in; the table itself does not count. */
function usedCodes(): Map<string, string> {
  const used = new Map<string, string>();
  const packages = readdirSync(`${ROOT}packages`).map((name) => `packages/${name}/src`);
  for (const folder of [...packages, 'python/src']) {
    for (const file of readdirSync(ROOT + folder, { recursive: true, encoding: 'utf8' })) {
      if (!/\.(ts|py)$/.test(file) || /\.test(-d)?\.ts$/.test(file) || file === 'error/codes.ts') continue;
      const text = readFileSync(`${ROOT}${folder}/${file}`, 'utf8');
      for (const [, code] of text.matchAll(/['"`](E_[A-Z][A-Z_]*)['"`]/g))
        used.set(code!, `${folder}/${file}`);
    }
  }
  return used;
}
