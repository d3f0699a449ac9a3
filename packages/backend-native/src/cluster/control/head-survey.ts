/** Asks every head for itself, whoever leads and whether anybody does. */
import { HEADS_ANSWER_MS_MAX } from '../limits.js';
import { ClusterServiceClient, type HeadState, type StatusResponse } from '../proto/anant/v1/cluster.js';
import type { NodeSecurity } from '../security/node-security.js';
import { HeadClient } from './head-client.js';
import { type ClusterToken, metadataOf } from './security.js';

export interface HeadSurveyOptions {
  readonly token?: ClusterToken;
  readonly security?: NodeSecurity;
}

/** Heads asked; more are only named. */
const ASKED_MAX = 32;

/**
 * @param addresses of heads that may be there; those that they name are asked, too
 * @returns one per head that answers or is named, by name: `away` when it does not answer
 * @throws AnantError when none answers
 */
export async function surveyHeads(
  addresses: readonly string[],
  options: HeadSurveyOptions,
): Promise<readonly HeadState[]> {
  const asked = new Set<string>();
  const answers: StatusResponse[] = [];
  let failure: unknown;
  for (let next = [...addresses]; next.length > 0; ) {
    const round = next.slice(0, ASKED_MAX - asked.size);
    for (const address of round) asked.add(address);
    const settled = await Promise.allSettled(round.map((address) => ask(address, options)));
    for (const one of settled) {
      if (one.status === 'fulfilled') answers.push(one.value);
      else failure = one.reason;
    }
    const named = answers.flatMap(({ heads }) => heads.map(({ address }) => address));
    next = asked.size < ASKED_MAX ? [...new Set(named)].filter((address) => !asked.has(address)) : [];
  }
  if (answers.length === 0) throw failure;
  return merge(answers);
}

/** The first in an answer is who answers. What the leader says of another's place is fresher than what that one says. */
function merge(answers: readonly StatusResponse[]): readonly HeadState[] {
  const leader = answers.find(({ leadership }) => leadership === 'leader');
  const heads = new Map<string, HeadState>();
  for (const head of leader?.heads ?? answers.flatMap((answer) => answer.heads))
    heads.set(head.name, { ...head, state: 'away' });
  for (const {
    heads: [own],
  } of answers) {
    if (own === undefined) continue;
    const told = leader?.heads.find(({ name }) => name === own.name);
    heads.set(own.name, { ...(told ?? own), epoch: own.epoch, reason: own.reason });
  }
  return [...heads.values()].sort((left, right) => left.name.localeCompare(right.name));
}

function ask(address: string, { token, security }: HeadSurveyOptions): Promise<StatusResponse> {
  const client = new HeadClient(ClusterServiceClient, address, security);
  return new Promise((resolve, reject) => {
    const deadline = Date.now() + HEADS_ANSWER_MS_MAX;
    client.current.status({}, metadataOf(token), { deadline }, (error, status) => {
      client.close();
      if (error === null) resolve(status);
      else reject(error);
    });
  });
}
