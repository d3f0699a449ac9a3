/** From an envelope to a task that can travel: the input encoded, the definition made plain, the options thinned. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  AnantError,
  type CapabilityManifest,
  type DefinitionReference,
  type KernelReference,
  type TaskEnvelope,
} from '@anant/core';
import { type EncodedValue, encodedBytes, encodeValue } from '@anant/core/codec';
import type { SessionTask, WireDefinition, WireOptions } from '../session/session-task.js';

/** In place of a method: make the actor. */
export const CONSTRUCT = '';

/** Prepares envelopes of one backend; remembers definitions, so that a batch lists each once. */
export class TaskPreparer {
  readonly #definitions = new WeakMap<DefinitionReference, WireDefinition>();
  readonly #manifest: CapabilityManifest;

  constructor(manifest: CapabilityManifest) {
    this.#manifest = manifest;
  }

  /** @throws AnantError when the input cannot be carried or the definition cannot be read */
  prepare(envelope: TaskEnvelope, payloadBytesMax: number): SessionTask {
    if (envelope.actor && this.#manifest.features.actors.level === 'absent') {
      throw new AnantError('E_CAPABILITY_MISSING', 'This adapter holds no actors.', {
        advice: 'Use the native backend or Ray for actors.',
      });
    }
    if (envelope.options.mode === 'gpu') {
      throw new AnantError('E_CAPABILITY_MISSING', 'The workers of an engine have no mode "gpu".', {
        advice: 'Use the native backend for tasks with kernels of gpu.js.',
      });
    }
    if (envelope.options.placement?.group) {
      throw new AnantError('E_CAPABILITY_MISSING', 'This adapter places no groups of tasks.', {
        advice: 'Use the native backend with a cluster for placement groups.',
      });
    }
    const definition = this.#define(envelope.definition);
    const value = encodeValue(envelope.input, 'input');
    checkPayload(value, payloadBytesMax, `The input of task "${envelope.definition.name}"`);
    const { id, attempt, references } = envelope;
    return { id, attempt, definition, value, references, options: thinOptions(envelope) };
  }

  #define(reference: DefinitionReference): WireDefinition {
    const known = this.#definitions.get(reference);
    if (known) return known;
    const definition = reference.kind === 'kernel' ? kernelDefinition(reference) : { reference };
    this.#definitions.set(reference, definition);
    return definition;
  }
}

/** @throws AnantError `E_PAYLOAD_TOO_LARGE` */
export function checkPayload(value: EncodedValue, bytesMax: number, what: string): void {
  const bytes = encodedBytes(value);
  if (bytes <= bytesMax) return;
  throw new AnantError(
    'E_PAYLOAD_TOO_LARGE',
    `${what} takes ${bytes} bytes; at most ${bytesMax} can be carried.`,
    {
      advice:
        'Send it in parts, raise payloadBytesMax if the engine allows it, or pass the path of a shared file.',
      details: { bytes, bytesMax },
    },
  );
}

function kernelDefinition(reference: KernelReference): WireDefinition {
  const { module, ...rest } = reference;
  const bytes = readModule(reference);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== reference.version) {
    throw new AnantError(
      'E_TASK_VERSION',
      `The kernel module ${module} has changed since the task was defined.`,
      {
        advice: 'Restart the client after building the module again.',
        details: { module, expected: reference.version, got: sha256 },
      },
    );
  }
  return { reference: { ...rest, blob: sha256 }, blob: { sha256, bytes } };
}

function readModule({ module, name }: KernelReference): Uint8Array {
  try {
    return readFileSync(fileURLToPath(module));
  } catch (cause) {
    throw new AnantError('E_TASK_NOT_FOUND', `The module ${module} of kernel "${name}" cannot be read.`, {
      cause,
      advice: 'Check that the file exists where the client runs.',
    });
  }
}

/** Leaves defaults out, and the execution mode, which is the native backend's. */
function thinOptions({ options, actor }: TaskEnvelope): WireOptions | null {
  const { priority, resources, placement, tenant, delivery, output } = options;
  const thin: WireOptions = {
    ...(actor && { actor: [actor.actor, actor.method === CONSTRUCT ? null : actor.method] }),
    ...(priority !== 0 && { priority }),
    ...(resources && { resources }),
    ...(placement && { placement }),
    ...(tenant !== undefined && { tenant }),
    ...(delivery !== 'at-least-once' && { delivery }),
    ...(output !== 'value' && { output }),
  };
  return Object.keys(thin).length > 0 ? thin : null;
}
