/** What a backend must be able to do for a task, and what it was asked for but cannot do. */
import type {
  CapabilityManifest,
  DefinitionKind,
  EnvelopeOptions,
  Feature,
  Warning,
} from '../../contract/index.js';
import type { Requirements } from '../../routing/index.js';
import type { SubmitOptions } from '../types/index.js';
import type { AnyDefinition } from './definition.js';

const KIND_FEATURES: Readonly<Record<DefinitionKind, Feature>> = {
  typescript: 'task.typescript',
  python: 'task.python',
  kernel: 'task.kernel',
};

export function requirementsOf(
  definition: AnyDefinition,
  asked: SubmitOptions,
  output: EnvelopeOptions['output'],
): Requirements {
  const features: Feature[] = [KIND_FEATURES[definition.reference().kind]];
  if ((asked.mode ?? definition.mode) === 'gpu') features.push('task.gpu');
  if (asked.placement?.group !== undefined) features.push('placement.group');
  if (output === 'stream') features.push('streams');
  if (output === 'reference') features.push('objects', 'result-by-reference');
  if (asked.delivery === 'at-most-once') features.push('delivery.at-most-once');
  if (asked.require) features.push(...asked.require);
  return { features, ...(asked.requireNative && { nativeFeatures: asked.requireNative }) };
}

interface Wish {
  readonly feature: Feature;
  readonly subject: string;
  isAsked(asked: SubmitOptions): boolean;
}

/** Wishes that do not keep a task from running: when the backend cannot honour one, a warning says so. */
const WISHES: readonly Wish[] = [
  {
    feature: 'priority',
    subject: 'priority',
    isAsked: ({ priority }) => priority !== undefined && priority !== 0,
  },
  { feature: 'resources', subject: 'resources', isAsked: ({ resources }) => resources !== undefined },
  { feature: 'placement', subject: 'placement', isAsked: ({ placement }) => placement !== undefined },
  {
    feature: 'memory-limit',
    subject: 'resources.memoryBytes',
    isAsked: ({ resources }) => resources?.memoryBytes !== undefined,
  },
  { feature: 'cancel.kill', subject: 'cancel.how', isAsked: ({ cancel }) => cancel?.how === 'kill' },
  {
    feature: 'timeout.heartbeat',
    subject: 'timeouts.heartbeatMs',
    isAsked: ({ timeouts }) => timeouts?.heartbeatMs !== undefined,
  },
  {
    feature: 'timeout.start-to-close',
    subject: 'timeouts.startToCloseMs',
    isAsked: ({ timeouts }) => timeouts?.startToCloseMs !== undefined,
  },
  {
    feature: 'timeout.schedule-to-start',
    subject: 'timeouts.scheduleToStartMs',
    isAsked: ({ timeouts }) => timeouts?.scheduleToStartMs !== undefined,
  },
];

const NO_WARNINGS: readonly Warning[] = Object.freeze([]);

/** A warning for every wish the backend cannot honour. */
export function unsupportedWishes(
  asked: SubmitOptions,
  backend: string,
  manifest: CapabilityManifest,
): readonly Warning[] {
  let warnings: Warning[] | undefined;
  for (const { feature, subject, isAsked } of WISHES) {
    const support = manifest.features[feature];
    if (support.level !== 'absent' || !isAsked(asked)) continue;
    warnings ??= [];
    warnings.push({
      type: 'unsupported',
      subject,
      backend,
      message: `${backend} ignored ${subject}: ${support.reason}.`,
    });
  }
  return warnings ?? NO_WARNINGS;
}
