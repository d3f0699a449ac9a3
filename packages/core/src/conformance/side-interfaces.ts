/** Wrapping a backend without changing what it is: side interfaces appear on the wrapper only where the inner has them. */
import type { ActorHost, BackendV1, ObjectStore, StreamSource } from '../contract/index.js';
import { isActorHost, isObjectStore, isStreamSource } from '../contract/index.js';

/** The members of the side interfaces that `backend` has, bound to it. */
export function sideInterfacesOf(backend: BackendV1): Partial<ObjectStore & StreamSource & ActorHost> {
  return {
    ...(isObjectStore(backend) && {
      doPut: (id, value) => backend.doPut(id, value),
      doGet: (id) => backend.doGet(id),
      doRelease: (ids) => backend.doRelease(ids),
    }),
    ...(isStreamSource(backend) && {
      doStreamCredit: (id, attempt, credits) => backend.doStreamCredit(id, attempt, credits),
    }),
    ...(isActorHost(backend) && {
      doActorStart: (specification) => backend.doActorStart(specification),
      doActorStop: (id) => backend.doActorStop(id),
    }),
  };
}
