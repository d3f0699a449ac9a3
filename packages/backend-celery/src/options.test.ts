import { describe, expect, it } from 'vitest';
import { optionsSchema, wireOptions } from './options.js';

describe('the options of Celery', () => {
  it('become those of the engine', () => {
    const options = optionsSchema.parse({
      address: 'redis://host:6379/1',
      queue: 'graphs',
      namespace: 'team-1',
      resultUrl: 'rediss://host:6380/2',
    });
    expect(wireOptions(options, '/')).toEqual({
      queue: 'graphs',
      namespace: 'team-1',
      result_url: 'rediss://host:6380/2',
    });
  });

  it.each([
    { address: 'host:6379' },
    { queue: 'with space' },
    { namespace: 'a:b' },
    { resultUrl: 'amqp://host' },
    { broker: 'redis://host' },
    { address: 'redis://host', local: { workers: 1 } },
  ])('refuse %j', (options) => {
    expect(optionsSchema.safeParse(options).success).toBe(false);
  });
});
