/** Signs of life while a task runs. */
import type { TaskEvent, TaskHeartbeatEvent, TaskProgressEvent } from '../../contract/index.js';
import { CODE_KINDS, defineClauses } from '../clause.js';
import { okValue } from '../session.js';
import { check, checkEqual } from '../violation.js';

const FLOOD_REPORTS = 20_000;

const isProgress = (event: TaskEvent): event is TaskProgressEvent => event.type === 'task-progress';
const isHeartbeat = (event: TaskEvent): event is TaskHeartbeatEvent => event.type === 'task-heartbeat';

export const progressClauses = defineClauses('progress', [
  {
    id: 'BC-82',
    title: 'passes progress on while the task still runs',
    requires: ['progress'],
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const release = context.gate();
      const input = { done: 2, total: 7, note: 'ünder way', release };
      const attempt = session.submitOne('reportAndWait', input);
      const report = await session.log.next(isProgress, 'a progress report');
      checkEqual(report.done, 2, 'done');
      checkEqual(report.total, 7, 'total');
      checkEqual(report.note, 'ünder way', 'note');
      check(!session.log.hasEnded(attempt), 'the report came after the end');
      context.release(release);
      okValue(await session.log.end(attempt), 'reportAndWait');
    },
  },
  {
    id: 'BC-83',
    title: 'may thin out progress, but keeps its order and its last word',
    requires: ['progress'],
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const attempt = session.submitOne('reportProgress', { steps: FLOOD_REPORTS });
      okValue(await session.log.end(attempt), 'reportProgress');
      const reports = session.log.of(attempt).filter(isProgress);
      let last = 0;
      for (const { done } of reports) {
        check(done > last, `progress ${done} after ${last}`);
        last = done;
      }
      checkEqual(last, FLOOD_REPORTS, 'the last report');
    },
  },
  {
    id: 'BC-84',
    title: 'passes heartbeats on while the task still runs',
    requires: ['timeout.heartbeat'],
    kinds: CODE_KINDS,
    async run(context) {
      const session = await context.open();
      const release = context.gate();
      const attempt = session.submitOne('beatAndWait', { release });
      // Progress is a sign of life too; a backend may send either.
      await session.log.next(isHeartbeat, 'a heartbeat');
      check(!session.log.hasEnded(attempt), 'the heartbeat came after the end');
      context.release(release);
      okValue(await session.log.end(attempt), 'beatAndWait');
    },
  },
]);
