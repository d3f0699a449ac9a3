/** Input files that cannot be used, as the command meets them: exit code 5, the file, the line and the reason. */
import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { fileWith, runCli } from '../cli/run-cli.js';

const EXIT_INPUT = 5;
const ROWS = Array.from({ length: 20_000 }, (_, row) => `${row} ${(row * 7919) % 20_000}`).join('\n');
const PACKED = gzipSync(ROWS);

function bent(packed: Uint8Array): Uint8Array {
  const damaged = Uint8Array.from(packed);
  damaged[damaged.length >> 1]! ^= 0xff;
  damaged[damaged.length - 6]! ^= 0xff;
  return damaged;
}

interface Malformed {
  readonly title: string;
  readonly name: string;
  readonly contents: string | Uint8Array;
  /** Where the message says it is; 0 when it is of the file as a whole. */
  readonly line: number | 'some';
  readonly reason: RegExp;
}

const MALFORMED: readonly Malformed[] = [
  {
    title: 'truncated gzip',
    name: 'graph.txt.gz',
    contents: PACKED.subarray(0, PACKED.length >> 1),
    line: 'some',
    reason: /truncated/,
  },
  { title: 'corrupt gzip', name: 'graph.txt.gz', contents: bent(PACKED), line: 'some', reason: /corrupt/ },
  {
    title: 'truncated HIF',
    name: 'graph.hif.json',
    contents: '{"incidences": [{"edge": 1, "node": 2},\n{"edge": 1,',
    line: 2,
    reason: /ends too early/,
  },
  { title: 'empty', name: 'graph.txt', contents: '', line: 0, reason: /file is empty/ },
  { title: 'empty once unpacked', name: 'graph.txt.gz', contents: gzipSync(''), line: 0, reason: /empty/ },
  { title: 'a negative id', name: 'graph.txt', contents: '1 2\n3 -4\n', line: 2, reason: /"-4" is negative/ },
  {
    title: 'an id that is no integer',
    name: 'graph.txt',
    contents: '1 2\n3 1.5\n',
    line: 2,
    reason: /"1\.5" is not an integer/,
  },
  {
    title: 'mixed separators',
    name: 'graph.txt',
    contents: '1,2\n3\t4\n',
    line: 2,
    reason: /mixed separators/,
  },
  {
    title: 'a line of 10 MB',
    name: 'graph.txt',
    contents: Buffer.concat([Buffer.from('1 2\n'), Buffer.alloc(10_000_000, '1')]),
    line: 2,
    reason: /longer than 4194304 bytes/,
  },
];

describe('anant run refuses', () => {
  it.each(MALFORMED)('$title, by file, line and reason', async ({ name, contents, line, reason }) => {
    const path = fileWith(name, contents);
    const place = line === 'some' ? /:\d+/ : line === 0 ? '' : `:${line}`;
    const { exitCode, stdout, stderr } = await runCli(['run', 'components', path]);
    expect(stdout).toBe('');
    expect(stderr).toContain('E_FILE_FORMAT');
    expect(stderr).toMatch(
      new RegExp(`${basename(path)}${place instanceof RegExp ? place.source : place}: `),
    );
    expect(stderr).toMatch(reason);
    expect(exitCode).toBe(EXIT_INPUT);
  });

  it('with file, line and reason as data', async () => {
    const path = fileWith('graph.txt', '1 2\n3 -4\n');
    const { exitCode, stdout, stderr } = await runCli(['run', 'components', path, '--json']);
    expect(stderr).toBe('');
    const { error } = JSON.parse(stdout);
    expect(error).toMatchObject({ code: 'E_FILE_FORMAT', details: { path, line: 2 } });
    expect(error.details.reason).toContain('"-4" is negative');
    expect(exitCode).toBe(EXIT_INPUT);
  });
});

describe('anant run takes', () => {
  it('CRLF for an end of line: the same result as LF', async () => {
    const text = '1,2\n2,3\n4,5\n';
    const runs = [text, text.replaceAll('\n', '\r\n')].map((contents) =>
      runCli(['run', 'components', fileWith('graph.txt', contents), '--json']),
    );
    const [unix, windows] = (await Promise.all(runs)).map(({ stdout }) => JSON.parse(stdout));
    expect(windows.checksum).toBe(unix.checksum);
    expect(windows.result).toEqual(unix.result);
  });
});
