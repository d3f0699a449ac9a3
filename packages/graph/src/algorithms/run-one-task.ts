/** Runs one kernel on arrays of its own through a client. */
import type { InputOf, TaskDefinition } from '@anant/core';
import { detach, type GraphClient, type RunOptions, submitOptions } from './run-kernel-task.js';

/** @throws AnantError with the code of the outcome when it did not end `ok`. */
export async function runOneTask<Input extends object, Output extends object>(
  client: GraphClient,
  definition: TaskDefinition<Input, Output, 'value'>,
  input: Input,
  options: RunOptions,
): Promise<Output> {
  const outcome = await client
    .submit(definition, input as InputOf<NoInfer<Input>>, submitOptions(options))
    .outcome();
  if (outcome.status !== 'ok') throw outcome.error;
  return detach(outcome.value as Output);
}
