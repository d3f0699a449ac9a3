/** The part of a manifest that is the same for every engine behind the bridge, because core or the bridge does it. */
import { absent, emulated, type Feature, type FeatureSupport, native } from '@anant/core';

type SharedFeature =
  | 'task.typescript'
  | 'task.python'
  | 'task.kernel'
  | 'task.gpu'
  | 'cancel.ask'
  | 'rate-limit'
  | 'eta'
  | `timeout.${'schedule-to-start' | 'start-to-close' | 'schedule-to-close' | 'heartbeat'}`
  | 'retries'
  | 'progress'
  | 'streams'
  | 'graph'
  | 'actors'
  | 'delivery.at-most-once';

/** @param engine as people write it, for example `Dask` */
export function coreFeatures(engine: string): Pick<Readonly<Record<Feature, FeatureSupport>>, SharedFeature> {
  const timed = emulated(`${engine} has no such limit per task; the client measures it and cancels.`);
  return {
    'task.typescript': native(),
    'task.python': native(),
    'task.kernel': native(),
    'task.gpu': absent(`Node processes beside ${engine}'s workers have no gpu.js; the native backend has.`),
    'cancel.ask': native(),
    'rate-limit': emulated(`The client limits the rate, since ${engine} has none across workers.`),
    eta: emulated('The client holds the task back until its time.'),
    'timeout.schedule-to-start': timed,
    'timeout.start-to-close': timed,
    'timeout.schedule-to-close': timed,
    'timeout.heartbeat': timed,
    retries: emulated(
      `The client retries with backoff; ${engine}'s own retries are off, so that no attempt runs twice.`,
    ),
    progress: emulated(`The bridge carries it beside ${engine}, which has no channel for it.`),
    streams: emulated(`The bridge carries items beside ${engine}, with credits.`),
    graph: emulated('The client releases a task when those it depends on have ended.'),
    actors: absent('This adapter holds no actors; the native backend and Ray do.'),
    'delivery.at-most-once': emulated(
      `The client does not try again what may have run, and ${engine} does not either.`,
    ),
  };
}
