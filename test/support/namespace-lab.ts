/** Two network namespaces joined by one virtual cable, which can be cut; made by the test itself and removed by it. */
import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

export type Side = 'left' | 'right';
export type Cut = 'full' | 'one-way';

const COMMAND_MS_MAX = 10_000;
/** Private (RFC 1918), and seen by nobody outside the namespaces. */
const ADDRESSES: Readonly<Record<Side, string>> = { left: '10.86.0.1', right: '10.86.0.2' };

export class NamespaceLab {
  readonly #names: Readonly<Record<Side, string>>;
  readonly #children = new Set<ChildProcess>();

  private constructor(names: Readonly<Record<Side, string>>) {
    this.#names = names;
  }

  /** @returns why this machine cannot make one, or the lab */
  static open(): NamespaceLab | string {
    if (process.platform !== 'linux') return 'network namespaces need Linux';
    if (process.getuid?.() !== 0) return 'network namespaces need root';
    const names = { left: `anant-${process.pid}-left`, right: `anant-${process.pid}-right` };
    const lab = new NamespaceLab(names);
    const { left, right } = names;
    const steps = [
      ['netns', 'add', left],
      ['netns', 'add', right],
      ['-n', left, 'link', 'add', 'cable', 'type', 'veth', 'peer', 'name', 'cable', 'netns', right],
      ...(['left', 'right'] as const).flatMap((side) => [
        ['-n', names[side], 'addr', 'add', `${ADDRESSES[side]}/24`, 'dev', 'cable'],
        ['-n', names[side], 'link', 'set', 'lo', 'up'],
        ['-n', names[side], 'link', 'set', 'cable', 'up'],
      ]),
    ];
    for (const step of steps) {
      const problem = ip(step);
      if (problem === undefined) continue;
      lab.#remove();
      return `"ip ${step.join(' ')}" failed: ${problem}`;
    }
    return lab;
  }

  /** Why this machine cannot make one; empty when it can. Leaves nothing behind. */
  static problem(): string {
    const lab = NamespaceLab.open();
    if (typeof lab === 'string') return lab;
    lab.#remove();
    return '';
  }

  addressOf(side: Side): string {
    return ADDRESSES[side];
  }

  /** What a command line begins with to run there. It becomes the command itself: signals reach that. */
  enter(side: Side): readonly string[] {
    return ['ip', 'netns', 'exec', this.#names[side]];
  }

  /** Runs Node there, with a channel for messages. What it writes to its standard error is shown. */
  spawn(side: Side, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
    return this.run(side, [process.execPath, ...args], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, ...env },
    });
  }

  /** Runs any program there, until it ends or the lab is closed. */
  run(side: Side, command: readonly string[], options: SpawnOptions): ChildProcess {
    const [program = '', ...args] = [...this.enter(side), ...command];
    const child = spawn(program, args, options);
    this.#children.add(child);
    return child;
  }

  /** `one-way`: what the left side sends is lost, what the right side sends arrives. */
  cut(cut: Cut): void {
    const { left } = this.#names;
    this.#must(
      cut === 'full'
        ? ['-n', left, 'link', 'set', 'cable', 'down']
        : ['-n', left, 'route', 'add', 'blackhole', `${ADDRESSES.right}/32`],
    );
  }

  heal(cut: Cut): void {
    const { left } = this.#names;
    this.#must(
      cut === 'full'
        ? ['-n', left, 'link', 'set', 'cable', 'up']
        : ['-n', left, 'route', 'del', 'blackhole', `${ADDRESSES.right}/32`],
    );
  }

  /** Kills what runs there, and removes the namespaces. */
  async close(): Promise<void> {
    await Promise.all(
      [...this.#children].map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        await gone;
      }),
    );
    this.#remove();
  }

  #must(args: readonly string[]): void {
    const problem = ip(args);
    if (problem !== undefined) throw new Error(`"ip ${args.join(' ')}" failed: ${problem}`);
  }

  #remove(): void {
    for (const name of Object.values(this.#names)) ip(['netns', 'del', name]);
  }
}

/** @returns what went wrong */
function ip(args: readonly string[]): string | undefined {
  const { status, stderr, error } = spawnSync('ip', args, { encoding: 'utf8', timeout: COMMAND_MS_MAX });
  if (status === 0) return undefined;
  return error?.message ?? stderr.trim();
}
