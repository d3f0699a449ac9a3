/** A driver in a namespace of its own: does what the test tells it over its channel, and answers there. */
import { native } from '@anant/backend-native';
import { ClusterAdmin } from '@anant/backend-native/cluster';
import { NodeSecurity } from '@anant/backend-native/security';
import { connect, defineTask } from '@anant/core';

const { address, certificates, bind, module } = JSON.parse(process.argv[2]);
const nap = defineTask({ module, export: 'nap', run: (value) => value });
const client = connect({
  backends: { native: () => native({ cluster: { address, certificates, bind, code: 'reference' } }) },
  limits: { retryRatio: 1, retryReserve: 10_000 },
});
const security = await NodeSecurity.open({ directory: certificates });
const admin = new ClusterAdmin({ address, security, token: process.env.ANANT_CLUSTER_TOKEN });
const handles = [];

const ANSWERS = {
  submit({ count }) {
    for (let index = 0; index < count; index += 1)
      handles.push(
        client.submit(nap, handles.length, { mode: 'async', retry: { attempts: 20, backoffMs: 20 } }),
      );
    return handles.length;
  },
  first: () => handles[0].result(),
  results: () => Promise.all(handles.map((handle) => handle.result())),
  status: () => admin.status(),
};

process.on('message', async ({ number, ask, ...options }) => {
  try {
    process.send({ number, value: await ANSWERS[ask](options) });
  } catch (error) {
    process.send({ number, error: String(error) });
  }
});
process.send({ number: 0 });
