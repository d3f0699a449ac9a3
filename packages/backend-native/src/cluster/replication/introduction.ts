/** What a head tells one that joins its cluster, and how that one asks for it. */
import { AnantError } from '@anant/core';
import { controlError } from '../control/control-channel.js';
import { HeadClient } from '../control/head-client.js';
import { metadataOf } from '../control/security.js';
import { HEADS_ANSWER_MS_MAX } from '../limits.js';
import { type IntroduceResponse, ReplicationServiceClient } from '../proto/anant/v1/replication.js';
import type { HeadPeersOptions } from './head-peers.js';
import type { HeadAddress, Replica } from './replica.js';

/** Heads that a cluster may know, those included that ended and were not forgotten. */
export const HEADS_KNOWN_MAX = 16;

export function introduction(replica: Replica, heads: readonly HeadAddress[]): IntroduceResponse {
  const { namespace, settings, journal } = replica;
  return {
    namespace,
    heads: heads.map(({ name, address }) => ({ name, address })),
    journal: journal.status().level,
    scheduler: JSON.stringify(settings ?? {}),
  };
}

/**
 * @param heads one address, or several separated by commas: each is asked until one answers
 * @throws AnantError when none does, or the cluster has a single head without a Redis
 */
export async function askIntroduction(heads: string, options: HeadPeersOptions): Promise<IntroduceResponse> {
  const client = new HeadClient(ReplicationServiceClient, heads, options.security);
  try {
    let failure: unknown;
    for (let looks = client.route.count; looks > 0; looks -= 1) {
      try {
        return await ask(client, options);
      } catch (error) {
        failure = error;
        client.route.failed();
      }
    }
    throw failure;
  } finally {
    client.close();
  }
}

/** gRPC's number for a method that the server does not have. */
const UNIMPLEMENTED = 12;

function ask(
  { current }: HeadClient<ReplicationServiceClient>,
  { token }: HeadPeersOptions,
): Promise<IntroduceResponse> {
  return new Promise((resolve, reject) => {
    const deadline = Date.now() + HEADS_ANSWER_MS_MAX;
    current.introduce({}, metadataOf(token), { deadline }, (error, answer) => {
      if (error === null) resolve(answer);
      else if (error.code === UNIMPLEMENTED) reject(singleHead());
      else reject(controlError('join the heads of the cluster', error));
    });
  });
}

const singleHead = (): AnantError =>
  new AnantError(
    'E_CONFIG_INVALID',
    'This cluster runs a single head without a Redis: no other head can join it.',
    {
      advice: 'Start it with a Redis: npx anant up --heads 1 --redis redis://127.0.0.1:6379',
    },
  );
