/** Parts of templates, in the words of the contract. */
import { AnantError, type DefinitionReference, type Resources } from '@anant/core';
import type { Resources as WireResources } from '../proto/anant/v1/common.js';

/** @throws AnantError when it is no reference of the contract */
export function readDefinition(text: string): DefinitionReference {
  let parsed: Partial<DefinitionReference> | null = null;
  try {
    parsed = JSON.parse(text) as Partial<DefinitionReference>;
  } catch {
    // Said below.
  }
  const { kind, name, version } = parsed ?? {};
  if (!kind || !['typescript', 'python', 'kernel'].includes(kind) || !name || typeof version !== 'string') {
    throw new AnantError('E_PROTOCOL', `"${text.slice(0, 200)}" is no reference to a definition.`);
  }
  return parsed as DefinitionReference;
}

export function resourcesOf({ cpu, memoryBytes, gpu, custom }: WireResources): Resources {
  return {
    ...(cpu > 0 && { cpu }),
    ...(memoryBytes > 0 && { memoryBytes }),
    ...(gpu > 0 && { gpu }),
    ...(Object.keys(custom).length > 0 && { custom }),
  };
}
