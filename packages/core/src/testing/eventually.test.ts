import { describe, expect, it } from 'vitest';
import { eventually } from './eventually.js';

describe('eventually', () => {
  it('waits until the check says yes, whatever it throws before', async () => {
    let looks = 0;
    await eventually(async () => {
      looks += 1;
      if (looks === 1) throw new Error('not yet');
      return looks === 3;
    });
    expect(looks).toBe(3);
  });

  it('says what did not happen, and why', async () => {
    const isNever = () => {
      throw new Error('it is broken');
    };
    await expect(eventually(isNever, 1)).rejects.toMatchObject({
      message: expect.stringMatching(/^It did not happen within 1 ms: .*it is broken/s),
      cause: { message: 'it is broken' },
    });
  });
});
