/** A driver that runs one task on a cluster, ends, and says what would still keep its process. */
import { setImmediate } from 'node:timers/promises';
import { native } from '@anant/backend-native';
import { connect, defineTask } from '@anant/core';

const TURNS = 1_000;
const { cluster, module } = JSON.parse(process.argv[2]);
const noop = defineTask({ module, export: 'noop', run: (value) => value });
const client = connect({ backends: { native: () => native({ cluster }) } });
const result = await client.run(noop, 7);
await client.close();
const keepers = () =>
  process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout' || kind.includes('TCP'));
// A socket that was ended is gone some turns of the event loop later.
for (let turn = 0; turn < TURNS && keepers().length > 0; turn += 1) await setImmediate();
console.log(JSON.stringify({ result, kept: keepers() }));
