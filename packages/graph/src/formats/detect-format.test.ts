import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { tempFile } from '../testing/temp-files.js';
import { detectFormat } from './detect-format.js';

test.each([
  ['a.json', '  {"incidences": []}', 'hif'],
  ['a.txt', '\n{"incidences": []}', 'hif'],
  ['a.hgr', '1 2\n1 2\n', 'hmetis'],
  ['a.graph', '2 1\n2\n1\n', 'metis'],
  ['a.txt', 'edge\tnode\n1\t2\n', 'incidences'],
  ['a.txt', 'source,target\n1,2\n', 'edges'],
  ['a.csv', 'x,y\nz,y\n', 'incidences'],
  ['a.tsv', '1\t2\n3\t4\n', 'incidences'],
  ['a.txt', '1 2\n3 4\n', 'edges'],
  ['a.edges', '# FromNodeId\tToNodeId\n0\t11\n0\t12\n', 'edges'],
  ['a.txt', '1,2,3\n4,5\n', 'hyperedges'],
  ['hyperedges-a.txt', '1,2\n4,5\n', 'hyperedges'],
  ['a.txt', 'ann\tknows\tbob\ncy\tknows\tdan\n', 'triples'],
  ['a.txt', 'play\tann\tbob\nplay\tann\tbob\tcy\n', 'facts'],
])('%s with %j is %s', async (name, text, format) => {
  expect(await detectFormat(tempFile(name, text))).toMatchObject({ format, compression: 'none' });
  expect(await detectFormat(tempFile(name, gzipSync(text)))).toMatchObject({ format, compression: 'gzip' });
});

test('when several formats fit, it says so and asks for one', async () => {
  await expect(detectFormat(tempFile('a.txt', '1 2 3\n4 5 6\n'))).rejects.toMatchObject({
    code: 'E_FILE_FORMAT',
    message: expect.stringMatching(/several formats fit the file \(space-separated, 3 columns\)/),
    advice: expect.stringMatching(/simplices, hif, hyperedges/),
  });
});

test('a binary file is called one', async () => {
  await expect(detectFormat(tempFile('a.bin', 'ab\0cd\n'))).rejects.toMatchObject({ code: 'E_FILE_FORMAT' });
});

const data =
  process.env.ANANT_DATA_DIR ?? fileURLToPath(new URL('../../../../../shared/data', import.meta.url));
test.skipIf(!existsSync(data)).each([
  ['small/email-Enron', 'simplices'],
  ['medium/tags-ask-ubuntu/tags-ask-ubuntu-simplices.txt.gz', 'simplices'],
  ['medium/ispd98/ibm10.hgr.gz', 'hmetis'],
  ['large/cnr-2000/cnr-2000.adj.txt.gz', 'hyperedges'],
  ['hif/e-coli.json', 'hif'],
  ['kg/fb15k-237/train.txt.gz', 'triples'],
  ['kg/codex-m/valid.txt.gz', 'triples'],
  ['kg/jf17k/train.txt.gz', 'facts'],
  ['kg/fb-auto/train.txt.gz', 'facts'],
  ['nodeclass/cora-cocitation/hyperedges.txt', 'hyperedges'],
  ['small/contact-high-school-classes/hyperedges-contact-high-school-classes.txt', 'hyperedges'],
])('%s (needs ANANT_DATA_DIR) is %s', async (path, format) => {
  expect((await detectFormat(join(data, path))).format).toBe(format);
});
