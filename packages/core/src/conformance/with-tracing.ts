/** A backend that behaves as the one inside, records every call and event, and checks the laws of the contract. */
import type { BackendV1, StartContext } from '../contract/index.js';
import { isActorHost, isObjectStore, isStreamSource } from '../contract/index.js';
import type { sideInterfacesOf } from './side-interfaces.js';
import { summariseEvent, Trace } from './trace.js';

export type TracedBackend = BackendV1 & { readonly trace: Trace };

/** @param trace Where to record; give one to look at it later. */
export function withTracing(backend: BackendV1, trace = new Trace()): TracedBackend {
  const beganMs = performance.now();
  const note = (what: string, text = '') => trace.add(performance.now() - beganMs, what, text);
  const traced: TracedBackend = {
    spec: backend.spec,
    id: backend.id,
    manifest: backend.manifest,
    trace,
    async doStart(context: StartContext) {
      note('doStart');
      const info = await backend.doStart({
        ...context,
        emit(events) {
          trace.laws.events(events);
          for (const event of events) note('emit', summariseEvent(event));
          context.emit(events);
        },
      });
      note('doStart →', `window ${info.windowTasks}, slots ${info.slots}`);
      return info;
    },
    doSubmit(tasks) {
      for (const task of tasks) note('doSubmit', `${task.id}#${task.attempt} ${task.definition.name}`);
      trace.laws.submit(tasks);
      try {
        backend.doSubmit(tasks);
      } catch (error) {
        trace.laws.submitThrew(error);
        throw error;
      }
    },
    async doCancel(requests) {
      for (const request of requests) note('doCancel', `${request.id}#${request.attempt} ${request.how}`);
      const answers = await backend.doCancel(requests);
      note('doCancel →', answers.join(' '));
      trace.laws.cancel(requests.length, answers.length);
      return answers;
    },
    async doHealth() {
      const health = await backend.doHealth();
      note('doHealth →', `${health.state}, ${health.openTasks} open, epoch ${health.epoch}`);
      return health;
    },
    async doStop(options) {
      note('doStop', `grace ${options.graceMs} ms`);
      await backend.doStop(options);
      note('doStop →');
      trace.laws.stopped(options);
    },
    ...tracedSideInterfaces(backend, note, trace),
  };
  return traced;
}

function tracedSideInterfaces(
  backend: BackendV1,
  note: (what: string, text?: string) => void,
  trace: Trace,
): ReturnType<typeof sideInterfacesOf> {
  return {
    ...(isObjectStore(backend) && {
      async doPut(id: string, value: unknown) {
        note('doPut', id);
        return backend.doPut(id, value);
      },
      async doGet(id: string) {
        note('doGet', id);
        return backend.doGet(id);
      },
      doRelease(ids: readonly string[]) {
        note('doRelease', ids.join(' '));
        backend.doRelease(ids);
      },
    }),
    ...(isStreamSource(backend) && {
      doStreamCredit(id: string, attempt: number, credits: number) {
        note('doStreamCredit', `${id}#${attempt} ${credits}`);
        trace.laws.credit(id, attempt, credits);
        backend.doStreamCredit(id, attempt, credits);
      },
    }),
    ...(isActorHost(backend) && {
      async doActorStart(specification: Parameters<typeof backend.doActorStart>[0]) {
        note('doActorStart', specification.id);
        return backend.doActorStart(specification);
      },
      async doActorStop(id: string) {
        note('doActorStop', id);
        return backend.doActorStop(id);
      },
    }),
  };
}
