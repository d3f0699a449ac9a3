/** A configuration that is wrong: nothing starts, and the message names file, path and what would be right. */
import { connectFromConfig } from '@anant/core/config';
import { describe, expect, it } from 'vitest';
import { emptyFolder, fileWith, runCli } from '../cli/run-cli.js';

const EXIT_CONFIG = 3;

const WRONG: readonly (readonly [title: string, config: object, code: string, path: string, says: RegExp])[] =
  [
    [
      'an unknown backend',
      { workloads: { batch: 'celerie' } },
      'E_BACKEND_UNKNOWN',
      'workloads.batch',
      /"celerie".*did you mean "celery"/,
    ],
    [
      'a misspelt key',
      { workloads: { batch: { primry: ['dask'] } } },
      'E_CONFIG_INVALID',
      'workloads.batch.primry',
      /did you mean "primary"/,
    ],
    [
      'a misspelt option of a backend',
      { backends: { native: { slot: 2 } } },
      'E_CONFIG_INVALID',
      'backends.native.slot',
      /did you mean "slots"/,
    ],
    [
      'a wrong type',
      { defaults: { timeouts: { startToCloseMs: '5' } } },
      'E_CONFIG_INVALID',
      'defaults.timeouts.startToCloseMs',
      /must be a number, not the string "5"/,
    ],
  ];

describe('a configuration with', () => {
  it.each(WRONG)('%s is refused by the command', async (_, config, code, path, says) => {
    const file = fileWith('anant.config.json', JSON.stringify(config));
    const { exitCode, stdout, stderr } = await runCli(['config', 'check', '-c', file], emptyFolder());
    expect(stdout).toBe('');
    for (const text of [code, file, path]) expect(stderr).toContain(text);
    expect(stderr).toMatch(says);
    expect(exitCode).toBe(EXIT_CONFIG);
  });

  it.each(WRONG)('%s is refused by a client', async (_, config, code, path, says) => {
    const file = fileWith('anant.config.json', JSON.stringify(config));
    const connecting = connectFromConfig({ file });
    await expect(connecting).rejects.toMatchObject({ code, message: expect.stringMatching(says) });
    await expect(connecting).rejects.toThrow(path);
  });
});
