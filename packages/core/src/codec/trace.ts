/** Where a walk through a value is, so that a refusal can name the path, such as `input.rows[3].when`. */
import { AnantError } from '../error/index.js';
import { DEPTH_MAX } from './limits.js';

/** A step into a map, by its key. */
export class MapStep {
  constructor(readonly key: unknown) {}
}
export type Step = string | number | MapStep;

/** Steps shown at the start and the end of a path that is longer than both together. */
const STEPS_SHOWN = { first: 8, last: 4 } as const;

export class Trace {
  /** The step taken at each depth; only those above the current depth mean anything. */
  readonly steps: Step[] = [];

  constructor(
    readonly root: unknown,
    readonly name: string,
  ) {}

  /** @throws AnantError `E_VALUE_NOT_PORTABLE`, naming the value `depth` steps down. */
  refuse(depth: number, reason: string): never {
    const path = renderPath(this.name, this.steps.slice(0, depth));
    throw new AnantError('E_VALUE_NOT_PORTABLE', `${path} cannot be carried to every backend: ${reason}.`, {
      advice: 'Pass plain data instead; docs/values.md lists what travels.',
      details: { path, reason },
    });
  }

  /** Refuses a value that lies too deep; says so when that is because it contains itself. */
  refuseDepth(depth: number): never {
    const seen = new Map<unknown, number>();
    let value = this.root;
    for (let i = 0; i <= depth; i++) {
      const earlier = seen.get(value);
      if (earlier !== undefined) {
        const whole = renderPath(this.name, this.steps.slice(0, earlier));
        this.refuse(i, `it contains itself: it is ${whole} again`);
      }
      seen.set(value, i);
      if (i < depth) value = follow(value, this.steps[i]!);
    }
    this.refuse(depth, `it is nested deeper than ${DEPTH_MAX} levels`);
  }
}

function follow(value: unknown, step: Step): unknown {
  return step instanceof MapStep
    ? (value as Map<unknown, unknown>).get(step.key)
    : (value as Record<string | number, unknown>)[step];
}

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** The path as a JavaScript expression; the middle of a very long one is left out. */
export function renderPath(name: string, steps: readonly Step[]): string {
  const { first, last } = STEPS_SHOWN;
  if (steps.length <= first + last) return name + steps.map(renderStep).join('');
  const head = steps.slice(0, first).map(renderStep).join('');
  return `${name}${head}…${steps.slice(-last).map(renderStep).join('')}`;
}

function renderStep(step: Step): string {
  if (typeof step === 'number') return `[${step}]`;
  if (step instanceof MapStep) return `.get(${renderKey(step.key)})`;
  return IDENTIFIER.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}

/** A map key as a literal. */
export function renderKey(key: unknown): string {
  if (typeof key === 'bigint') return `${key}n`;
  return typeof key === 'string' ? JSON.stringify(key) : String(key);
}
