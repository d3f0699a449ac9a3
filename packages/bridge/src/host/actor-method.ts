/** Methods of an actor, by name. */
import { AnantError, type TaskFunction } from '@anant/core';

export type ActorClass = new (input: unknown) => object;

/** @throws AnantError `E_TASK_NOT_FOUND` */
export function actorMethod(actor: object | undefined, name: string): TaskFunction {
  const method = (actor as Record<string, unknown> | undefined)?.[name];
  if (typeof method === 'function' && !Object.hasOwn(Object.prototype, name)) {
    return method.bind(actor) as TaskFunction;
  }
  throw new AnantError('E_TASK_NOT_FOUND', `The actor has no method "${name}".`, {
    advice: 'Call a method that its class declares.',
  });
}
