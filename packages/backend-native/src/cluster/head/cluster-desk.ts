/** Answers what the cluster looks like, says where a task is and why, and drains nodes. */
import type { ServerUnaryCall, ServerWritableStream, sendUnaryData } from '@grpc/grpc-js';
import { status as code } from '@grpc/grpc-js';
import { explainTask } from '../../protocol/scheduler/index.js';
import type {
  DrainRequest,
  DrainResponse,
  ExplainRequest,
  ExplainResponse,
  ForgetHeadRequest,
  ForgetHeadResponse,
  Member,
  StatusRequest,
  StatusResponse,
  WatchRequest,
  WatchResponse,
} from '../proto/anant/v1/cluster.js';
import { answerForget } from '../replication/forget-desk.js';
import { VERSION } from '../version.js';
import type { Head } from './head.js';
import { memberLoad, NO_LOAD } from './worker-load.js';

type Unary<Request, Response> = (
  call: ServerUnaryCall<Request, Response>,
  callback: sendUnaryData<Response>,
) => void;

const WATCH_MS_MIN = 100;
const WATCH_MS_MAX = 60_000;
/** Watchers of one head; one more is refused. */
const WATCHERS_MAX = 64;

/** What a head has nothing of. */
const NO_WORKER = {
  role: 'head',
  host: '',
  pid: 0,
  slots: 0,
  assigned: 0,
  ...memberLoad(NO_LOAD),
  labels: {},
  zone: '',
  resources: undefined,
  joinedMsAgo: 0,
  version: '',
};

export class ClusterDesk {
  readonly #head: Head;
  readonly #watchers = new Set<NodeJS.Timeout>();

  constructor(head: Head) {
    this.#head = head;
  }

  get handlers() {
    return {
      status: this.#status,
      watch: this.#watch,
      drain: this.#drain,
      explain: this.#explain,
      forgetHead: this.#forgetHead,
    };
  }

  close(): void {
    for (const timer of this.#watchers) clearInterval(timer);
    this.#watchers.clear();
  }

  readonly #status: Unary<StatusRequest, StatusResponse> = (_call, callback) => {
    callback(null, this.#describe());
  };

  readonly #watch = (call: ServerWritableStream<WatchRequest, WatchResponse>): void => {
    if (this.#watchers.size >= WATCHERS_MAX) {
      call.emit('error', { code: code.RESOURCE_EXHAUSTED, details: `${WATCHERS_MAX} watch already.` });
      return;
    }
    const intervalMs = Math.min(WATCH_MS_MAX, Math.max(WATCH_MS_MIN, call.request.intervalMs));
    const send = () => {
      // Who does not read gets fewer, never a backlog.
      if (!call.writableNeedDrain) call.write({ status: this.#describe() });
    };
    const timer = setInterval(send, intervalMs);
    this.#watchers.add(timer);
    const over = () => {
      clearInterval(timer);
      this.#watchers.delete(timer);
    };
    call.on('cancelled', over);
    call.on('close', over);
    call.on('error', over);
    send();
  };

  readonly #drain: Unary<DrainRequest, DrainResponse> = ({ request }, callback) => {
    const worker = this.#head.state.workers.get(request.node);
    if (worker === undefined) {
      callback({
        code: code.NOT_FOUND,
        details: `There is no worker named "${request.node}"; \`anant status\` names those there are.`,
      });
      return;
    }
    this.#head.dispatch({ type: 'worker-drain', worker: worker.id, action: 'drain' });
    callback(null, { running: worker.occupants });
  };

  readonly #explain: Unary<ExplainRequest, ExplainResponse> = ({ request }, callback) => {
    const explanation = explainTask(this.#head.state, request.task, this.#head.nowMs());
    if (explanation === undefined) {
      callback({
        code: code.NOT_FOUND,
        details: `The head knows no task "${request.task}": it never came here, or has ended long ago.`,
      });
      return;
    }
    callback(null, { explanations: [{ ...explanation, candidates: [...explanation.candidates] }] });
  };

  readonly #forgetHead: Unary<ForgetHeadRequest, ForgetHeadResponse> = ({ request }, callback) => {
    const { replication } = this.#head.options;
    if (replication === undefined)
      callback({ code: code.NOT_FOUND, details: 'This cluster has a single head, which leads.' });
    else answerForget(replication.forget(request), callback);
  };

  /** One that was stopped for long does not say that it leads before it has looked. */
  get #leadership(): string {
    const { replication } = this.#head.options;
    if (replication === undefined) return 'single-head';
    return replication.isLeading() === 'yes' ? 'leader' : 'standby';
  }

  #describe(): StatusResponse {
    const { state, sessions, startedMs } = this.#head;
    const { submitted, ended } = state.metrics;
    let assigned = 0;
    for (const worker of state.workers.values()) assigned += worker.tasks.size;
    return {
      epoch: state.epoch,
      leadership: this.#leadership,
      members: [this.#headMember(), ...this.#standbyMembers(), ...this.#workerMembers()],
      sessions: [...sessions.links.values()].map(({ id, name }) => ({
        session: id,
        name,
        open: state.sessions.get(id)?.open ?? 0,
      })),
      queued: state.waiting,
      assigned,
      submitted,
      ended,
      uptimeMs: Math.round(performance.now() - startedMs),
      policy: `${state.options.order}, ${state.options.place}`,
      journal: this.#head.facts().journal,
      version: VERSION,
      view: this.#head.gossip.view(),
      leader: this.#head.replicator?.heads[0]?.address ?? '',
      heads: this.#head.replicator?.report() ?? [],
    };
  }

  #headMember(): Member {
    const { options, port, startedMs } = this.#head;
    return {
      ...NO_WORKER,
      node: options.replication?.replica.name ?? 'head',
      state: 'ready',
      address: `${options.host ?? '127.0.0.1'}:${port}`,
      pid: process.pid,
      memoryBytes: process.memoryUsage.rss(),
      joinedMsAgo: Math.round(performance.now() - startedMs),
      version: VERSION,
      gossip: this.#head.gossip.health(),
    };
  }

  /** Heads that stand by, or should: `suspect` is one that does not follow. */
  #standbyMembers(): Member[] {
    const [, ...others] = this.#head.replicator?.report() ?? [];
    return others.map(({ name, address, state }) => ({
      ...NO_WORKER,
      node: name,
      state: state === 'away' ? 'suspect' : 'ready',
      address,
      gossip: this.#head.gossip.health(name),
    }));
  }

  #workerMembers(): Member[] {
    const { state, workers } = this.#head;
    return [...state.workers.values()].map((worker): Member => {
      const link = workers.links.get(worker.id);
      const { spec, tasks, slots, isConnected } = worker;
      const isThere = worker.state !== 'absent' && isConnected;
      return {
        node: worker.id,
        role: 'worker',
        state: !isThere ? 'suspect' : worker.state === 'draining' ? 'draining' : 'ready',
        address: spec.dataAddress.split('?')[0] ?? '',
        host: spec.host,
        pid: link?.pid ?? 0,
        slots,
        assigned: tasks.size,
        ...memberLoad(link?.load ?? NO_LOAD),
        labels: { ...spec.labels },
        zone: spec.zone,
        resources: { ...spec.resources, custom: { ...spec.resources.custom } },
        joinedMsAgo: link === undefined ? 0 : Math.round(performance.now() - link.joinedMs),
        version: link?.version ?? '',
        gossip: this.#head.gossip.health(worker.id),
      };
    });
  }
}
