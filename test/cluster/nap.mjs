/** The task of the partition tests: writes down that it began, sleeps a little, and gives its number back. */
import { appendFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

export const nap = async (value) => {
  if (process.env.ANANT_NAP_LOG) appendFileSync(process.env.ANANT_NAP_LOG, `${value}\n`);
  await setTimeout(100);
  return value;
};
