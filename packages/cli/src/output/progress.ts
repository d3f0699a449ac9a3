/** Progress of long work: a bar on a terminal, a plain line each quarter elsewhere, nothing with `--json`. */
import { SingleBar } from 'cli-progress';
import { formatDuration, type Terminal } from './terminal.js';

export interface Progress {
  update(done: number, total: number): void;
  /** Ends the line; `summary` says what came of it. */
  finish(summary: string): void;
  stop(): void;
}

export type ProgressStyle = 'auto' | 'none';

const SHOW_AFTER_MS = 150;

export function startProgress(terminal: Terminal, title: string, style: ProgressStyle): Progress {
  if (style === 'none') return { update() {}, finish() {}, stop() {} };
  return terminal.isInteractive ? barProgress(terminal, title) : lineProgress(terminal, title);
}

function barProgress(terminal: Terminal, title: string): Progress {
  const startMs = performance.now();
  let bar: SingleBar | undefined;
  const open = (total: number) => {
    const created = new SingleBar({
      format: `${title} {bar} {percentage}%`,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 30,
      clearOnComplete: true,
      hideCursor: true,
      stream: process.stderr,
    });
    created.start(total, 0);
    return created;
  };
  const stop = () => {
    bar?.stop();
    bar = undefined;
  };
  return {
    update(done, total) {
      if (!bar && performance.now() - startMs < SHOW_AFTER_MS) return;
      bar ??= open(total);
      bar.setTotal(total);
      bar.update(done);
    },
    finish(summary) {
      stop();
      finishLine(terminal, title, summary, startMs);
    },
    stop,
  };
}

function lineProgress(terminal: Terminal, title: string): Progress {
  const startMs = performance.now();
  let shownQuarters = 0;
  return {
    update(done, total) {
      const quarters = total > 0 ? Math.floor((done / total) * 4) : 0;
      if (quarters <= shownQuarters || quarters >= 4 || performance.now() - startMs < SHOW_AFTER_MS) return;
      shownQuarters = quarters;
      terminal.note(`${title}: ${quarters * 25} %`);
    },
    finish: (summary) => finishLine(terminal, title, summary, startMs),
    stop() {},
  };
}

function finishLine(terminal: Terminal, title: string, summary: string, startMs: number): void {
  const elapsed = terminal.style('dim', `(${formatDuration(performance.now() - startMs)})`);
  terminal.note(`${terminal.style('green', '✓')} ${title}: ${summary} ${elapsed}`);
}
