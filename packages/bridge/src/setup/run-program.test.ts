import { describe, expect, it } from 'vitest';
import { runProgram } from './run-program.js';

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

describe('runProgram', () => {
  it('gives exit code, output and the last lines of both streams', async () => {
    const result = await runProgram('sh', ['-c', 'echo out; echo err >&2; exit 3'], { timeoutMs: 30_000 });
    expect(result).toMatchObject({ code: 3, stdout: 'out\n' });
    expect(result.tail.split('\n').toSorted()).toEqual(['err', 'out']);
  });

  it('throws when the program cannot be started, and keeps no timer', async () => {
    const before = timers();
    await expect(runProgram('/nonexistent/program', [], { timeoutMs: 30_000 })).rejects.toMatchObject({
      code: 'ENOENT',
    });
    expect(timers()).toBeLessThanOrEqual(before);
  });

  it('ends at its deadline although what the program started holds its output open', async () => {
    const script = 'sleep 20 & echo $!; wait';
    const result = await runProgram('sh', ['-c', script], { timeoutMs: 500 });
    expect(result.code).toBeNull();
    process.kill(Number(result.stdout), 'SIGKILL');
  });
});
