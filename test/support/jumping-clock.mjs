/** Loaded before a program: its wall clock jumps an hour ahead, two back and so on, whenever it gets SIGUSR2. */
import { isMainThread } from 'node:worker_threads';

const HOUR_MS = 3_600_000;
const RealDate = Date;
let jumps = 0;
const aheadMs = () => (jumps === 0 ? 0 : jumps % 2 === 1 ? HOUR_MS : -HOUR_MS);

class JumpingDate extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(RealDate.now() + aheadMs());
    else super(...parts);
  }

  static now() {
    return RealDate.now() + aheadMs();
  }
}

globalThis.Date = JumpingDate;
if (isMainThread)
  process.on('SIGUSR2', () => {
    jumps += 1;
  });
