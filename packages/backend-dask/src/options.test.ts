import { describe, expect, it } from 'vitest';
import { optionsSchema, wireOptions } from './options.js';

const problems = (options: unknown): string[] => {
  const { error } = optionsSchema.safeParse(options);
  return (error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`);
};

describe('the options of Dask', () => {
  it('may be left out', () => {
    expect(optionsSchema.parse({})).toEqual({});
    expect(optionsSchema.parse({ local: true })).toEqual({ local: {} });
  });

  it('refuse unknown keys, at every depth', () => {
    expect(problems({ adress: 'tcp://host:8786' })).toEqual([expect.stringContaining('adress')]);
    expect(problems({ local: { workerz: 2 } })).toEqual([expect.stringMatching(/local.*workerz/)]);
  });

  it.each([
    [{ address: 'scheduler:8786' }, /address: Must be a scheduler/],
    [{ address: 'tcp://host:8786', local: true }, /local: Either "local" or "address"/],
    [{ local: { workers: 0 } }, /local\.workers/],
    [{ bridge: { attach: 'host:1', token: 't' } }, /bridge\.attach: Must be tcp/],
    [{ tls: { caFile: 'ca.pem' } }, /tls\.certFile/],
    [{ startTimeoutMs: 1.5 }, /startTimeoutMs/],
  ])('refuse %j', (options, message) => {
    expect(problems(options).join('\n')).toMatch(message);
  });

  it('resolve certificates against the folder of the configuration', () => {
    const tls = { caFile: 'ca.pem', certFile: '/abs/cert.pem', keyFile: 'keys/key.pem' };
    expect(wireOptions(optionsSchema.parse({ address: 'tls://host:8786', tls }), '/project')).toEqual({
      tls: { ca_file: '/project/ca.pem', cert_file: '/abs/cert.pem', key_file: '/project/keys/key.pem' },
    });
  });
});
