/**
 * The membership protocol in the simulator: SWIM's published figures, Lifeguard's experiment, detection, bootstrap, churn
 * and liars. Virtual time: the figures do not depend on the machine, only the wall time does.
 *
 *   node --max-old-space-size=12000 --max-semi-space-size=64 bench/gossip-simulator.mjs [--only swim,grid,detection,bootstrap,churn,liars,speed]
 *     [--churn-nodes 10000] [--churn-minutes 10] [--seed 1] [--json]
 *
 * Exits with 1 when a goal is missed. Without `--only` it runs all but `churn`, which takes many minutes.
 */
import { parseArgs } from 'node:util';
import {
  anomalyGrid,
  bootstrap,
  byzantine,
  churn,
  firstDetection,
  mean,
  percentile,
  SimWorld,
  SWIM_TUNING,
  swimDetection,
} from '@anant/backend-native/simulator';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: 'speed,swim,grid,detection,bootstrap,liars' },
    'churn-nodes': { type: 'string', default: '10000' },
    'churn-minutes': { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const seed = Number(options.seed);
const wanted = new Set(options.only.split(','));
const rows = [];

/** @param isMet `undefined` for a figure without a goal. */
function report(name, value, goal, isMet) {
  rows.push({ name, value, goal, isMet });
  if (options.json) return;
  const verdict = isMet === undefined ? '' : isMet ? 'met' : 'MISSED';
  console.log(`${name.padEnd(58)} ${String(value).padStart(10)}  ${(goal ?? '').padEnd(22)} ${verdict}`);
}

const round = (value, digits = 2) => Math.round(value * 10 ** digits) / 10 ** digits;

const EXPERIMENTS = {
  speed() {
    const world = new SimWorld({ seed });
    const NODES = 1000;
    for (let node = 0; node < NODES; node += 1) {
      world.addNode({
        receive: (message, from) => message === 'ping' && world.send(node, from, 'pong'),
        wake: () => {
          world.send(node, Math.floor(world.random() * NODES), 'ping');
          world.setTimer(node, 1000);
        },
      });
      world.setTimer(node, world.random() * 1000);
    }
    const startMs = performance.now();
    const { events } = world.run({ untilMs: 1_000_000 });
    const perSecond = events / (performance.now() - startMs) / 1000;
    report('events of the bare simulator, M/s', round(perSecond), '>= 0.5', perSecond >= 0.5);
  },

  swim() {
    const sizes = [8, 16, 24, 32, 40, 48, 56];
    const results = sizes.map((nodes) => swimDetection({ nodes, runs: 300, seed }));
    sizes.forEach((nodes, index) => {
      report(`plain SWIM, N = ${nodes}: periods to first detection`, round(results[index].periods, 3));
    });
    const periods = mean(results.map((result) => result.periods));
    const load = mean(results.map((result) => result.messagesPerPeriod));
    report(
      'plain SWIM, mean of N = 8 to 56: periods',
      round(periods, 3),
      '1.58 ± 0.08',
      Math.abs(periods - 1.58) <= 0.08,
    );
    report(
      'plain SWIM: messages per member and period',
      round(load, 3),
      '2.0 ± 0.1',
      Math.abs(load - 2) <= 0.1,
    );
  },

  grid() {
    const grid = {
      nodes: 128,
      seed,
      concurrent: [1, 4, 16, 32],
      durationsMs: [128, 2048, 32_768],
      pausesMs: [16, 1024],
      runMs: 60_000,
    };
    const plain = anomalyGrid({ ...grid, views: 'none', tuning: SWIM_TUNING });
    const ours = anomalyGrid({ ...grid, views: 'formed', tuning: {} });
    const percent = (part) => round((ours[part] / plain[part]) * 100, 3);
    report('Lifeguard grid, N = 128, plain SWIM: false positives', plain.falsePositives);
    report('... at members that were well', plain.atHealthy);
    report('ours: false positives', ours.falsePositives);
    const isMet = ours.falsePositives <= plain.falsePositives * 0.015;
    report('... in % of plain SWIM', percent('falsePositives'), '<= 1.5', isMet);
    report('... at members that were well, %', percent('atHealthy'));
    report('... healthy members evicted', ours.evictions, '0', ours.evictions === 0);
    report('... messages, % of plain SWIM', percent('messages'));
    report('... bytes, % of plain SWIM', percent('bytes'));
  },

  detection() {
    const result = firstDetection({ nodes: 1000, crashes: 40, seed });
    const seconds = (samples, part) => round(percentile(samples, part) / 1000);
    const p50 = seconds(result.firstMs, 0.5);
    const p99 = seconds(result.firstMs, 0.99);
    report('N = 1000, 40 crashes: first detection p50, s', p50, '<= 8', p50 <= 8);
    report('... p99, s', p99, '<= 12', p99 <= 12);
    report('... view without it on every member, p50, s', seconds(result.evictedMs, 0.5));
    report('... p99, s', seconds(result.evictedMs, 0.99));
    report('... healthy members evicted', result.healthyEvictions, '0', result.healthyEvictions === 0);
    report('... KB per member and second, sent', round(result.bytesPerNodeSecond / 1000));
  },

  bootstrap() {
    const result = bootstrap({ nodes: 2000, seed, seconds: 60 });
    const seconds = round(result.formedMs / 1000);
    report('N = 2000 starting at once: all in one view, s', seconds, '<= 20', seconds <= 20);
    report('... distinct views on the way', result.distinctViews, '<= 8', result.distinctViews <= 8);
  },

  churn() {
    const nodes = Number(options['churn-nodes']);
    const minutes = Number(options['churn-minutes']);
    const startMs = performance.now();
    const before = process.cpuUsage();
    const minutesOfCpu = () => {
      const { user, system } = process.cpuUsage(before);
      return round((user + system) / 60e6, 1);
    };
    const onMinute = (minute, evictions) =>
      console.error(
        `minute ${minute}: ${evictions} healthy evicted, ${minutesOfCpu()} min of processor time`,
      );
    // Ten thousand members gossip half as often: the epidemic needs a second more and half the messages. And as each
    // hears something every 60 ms, most of what is due waits for that, instead of for a timer of its own.
    const tuning = { gossipIntervalMs: 400, leewayPart: 0.1 };
    const result = churn({ nodes, seed, minutes, partPerMinute: 0.01, tuning, onMinute });
    const wallMinutes = (performance.now() - startMs) / 60_000;
    report(`N = ${nodes}, 1 % churn a minute, ${minutes} min: crashes`, result.crashes);
    report('... joins', result.joins);
    report('... healthy members evicted', result.healthyEvictions, '0', result.healthyEvictions === 0);
    report('... members not yet as they should be in the view', result.behind);
    report('... epochs', result.epochs);
    report('... messages, M', round(result.messages / 1e6));
    report('... views at the end', result.distinctViewsAtEnd);
    report('... wall time, min', round(wallMinutes, 1), '<= 15', wallMinutes <= 15);
    report('... processor time of all threads, min', minutesOfCpu());
  },

  liars() {
    const honest = byzantine({ nodes: 200, part: 0, seed, seconds: 60 });
    for (const part of [0.1, 0.2]) {
      const lied = byzantine({ nodes: 200, part, seed, seconds: 60 });
      const name = `N = 200, ${part * 100} % liars, 60 s`;
      const isMet = part > 0.1 ? undefined : lied.falseEvictions === 0;
      report(`${name}: honest members evicted`, lied.falseEvictions, part > 0.1 ? '' : '0', isMet);
      report('... honest verdicts against honest members', lied.falseVerdicts);
      const ratio = round(lied.bytes / honest.bytes, 1);
      const isQuiet = part > 0.1 ? undefined : ratio <= 3;
      report('... bytes of the protocol, × those without liars', ratio, part > 0.1 ? '' : '<= 3', isQuiet);
    }
  },
};

for (const name of wanted) {
  const experiment = EXPERIMENTS[name];
  if (experiment === undefined)
    throw new TypeError(`No such experiment: ${name}; there are ${Object.keys(EXPERIMENTS)}.`);
  experiment();
}
if (options.json) console.log(JSON.stringify(rows, undefined, 2));
process.exitCode = rows.some(({ isMet }) => isMet === false) ? 1 : 0;
