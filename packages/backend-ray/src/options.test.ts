import { describe, expect, it } from 'vitest';
import { optionsSchema, wireOptions } from './options.js';

describe('the options of Ray', () => {
  it.each(['auto', 'local', 'host:6379', 'ray://host:10001'])('take the address %s', (address) => {
    expect(optionsSchema.parse({ address })).toEqual({ address });
  });

  it.each(['host', 'http://host:1', 'ray://', ''])('refuse the address "%s"', (address) => {
    expect(optionsSchema.safeParse({ address }).success).toBe(false);
  });

  it('refuse a local cluster beside an address', () => {
    expect(optionsSchema.safeParse({ address: 'auto', local: {} }).error?.issues[0]?.path).toEqual(['local']);
    expect(optionsSchema.safeParse({ address: 'local', local: {} }).success).toBe(true);
  });

  it('name the namespace on the wire', () => {
    expect(wireOptions({ namespace: 'team' }, '/')).toEqual({ namespace: 'team' });
    expect(wireOptions({}, '/')).toEqual({});
  });
});
