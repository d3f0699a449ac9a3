/** A backend that behaves as the one inside and shows which envelopes it was given, in order. */
import type { BackendV1, TaskEnvelope } from '../contract/index.js';
import { sideInterfacesOf } from './side-interfaces.js';

/** @param seen Receives every envelope on its way in. */
export function withSpy(backend: BackendV1, seen: TaskEnvelope[]): BackendV1 {
  return {
    ...sideInterfacesOf(backend),
    spec: backend.spec,
    id: backend.id,
    manifest: backend.manifest,
    doStart: (context) => backend.doStart(context),
    doSubmit(tasks) {
      seen.push(...tasks);
      backend.doSubmit(tasks);
    },
    doCancel: (requests) => backend.doCancel(requests),
    doHealth: () => backend.doHealth(),
    doStop: (options) => backend.doStop(options),
  };
}
