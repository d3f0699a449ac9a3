/** The command line of clusters: up, down, node, scale, status, top, drain, explain. */
import { type Command, Option } from 'commander';
import type { CommandContext } from './command.js';
import {
  CONFIG_OPTION,
  type Finish,
  JSON_OPTION,
  portNumber,
  positiveInteger,
  repeatable,
} from './program-options.js';

const JOURNAL_LEVELS = ['memory', 'os', 'fsync'] as const;
const HEAD_OPTION = [
  '--head <host:port>',
  'address of the head (default: the cluster of this folder or one above)',
] as const;
const CERTIFICATES_OPTION = [
  '--certificates <folder>',
  'certificate of this node, as `anant certs issue` made it (default: ANANT_CLUSTER_CERTIFICATES)',
] as const;

export function addCluster(program: Command, context: CommandContext, finish: Finish): void {
  addLocal(program, context, finish);
  addScale(program, context, finish);
  addViews(program, context, finish);
}

function addScale(program: Command, context: CommandContext, finish: Finish): void {
  program
    .command('scale')
    .description('keep the cluster of this folder as large as its load needs, until interrupted')
    .option('--min <workers>', 'workers that are always there', positiveInteger, 1)
    .requiredOption('--max <workers>', 'most workers', positiveInteger)
    .option(
      '-s, --slots <count>',
      'tasks each new worker runs at the same moment (default: a share of the cores)',
      positiveInteger,
    )
    .option('-i, --interval <ms>', 'pause between two looks', positiveInteger, 1000)
    .option('--drain-target <seconds>', 'in what time the queue should be empty', positiveInteger, 10)
    .option(
      '--down-after <seconds>',
      'how long fewer must have sufficed before workers leave',
      positiveInteger,
      300,
    )
    .option('--advise', 'only say what would be done')
    .option('-n, --count <count>', 'end after this many looks', positiveInteger)
    .option('--json', 'print one JSON document per line and decision')
    .action(async (options) => {
      const { scaleCommand } = await import('./commands/cluster/scale.js');
      finish(await scaleCommand(options, context));
    });
}

function addLocal(program: Command, context: CommandContext, finish: Finish): void {
  program
    .command('up')
    .description('start a cluster on this machine: one head and some workers')
    .option('-w, --workers <count>', 'worker processes', positiveInteger, 3)
    .option(
      '-s, --slots <count>',
      'tasks each worker runs at the same moment (default: a share of the cores)',
      positiveInteger,
    )
    .option('-p, --port <port>', 'port of the head; 0 takes a free one', portNumber, 7700)
    .option(
      '--bind <address>',
      'interface of every process; beyond this machine it needs --secure (default: 127.0.0.1)',
    )
    .option('--secure', 'make certificates in .anant/certs, and let nobody in without one')
    .option(
      '--heads <count>',
      'heads, of which one leads and the others stand by; needs a Redis (default: 1)',
      positiveInteger,
    )
    .addOption(
      repeatable('--redis <url...>', 'Redis by which heads agree on who leads; several: a Redis Cluster'),
    )
    .option(
      '--metrics-port <port>',
      'serve metrics for Prometheus on this port: of 127.0.0.1, with --secure over TLS beside the head',
      portNumber,
    )
    .addOption(
      new Option('--journal <level>', 'what acknowledged tasks survive: nothing, the head, the machine')
        .choices(JOURNAL_LEVELS)
        .default('memory'),
    )
    .addOption(
      new Option('--order <policy>', 'which waiting task is next (default: priority)').choices([
        'fifo',
        'priority',
        'fair-share',
      ]),
    )
    .addOption(
      new Option('--place <policy>', 'which worker takes it (default: least-loaded)').choices([
        'round-robin',
        'least-loaded',
        'resource-aware',
        'locality',
      ]),
    )
    .addOption(repeatable('--weight <tenant=share...>', 'share of a tenant under fair-share'))
    .option(...CONFIG_OPTION)
    .option(...JSON_OPTION)
    .action(async (options) => {
      const { upCommand } = await import('./commands/cluster/up.js');
      finish(await upCommand(options, context));
    });
  program
    .command('down')
    .description('end the cluster of this folder')
    .option(...JSON_OPTION)
    .action(async (options) => {
      const { downCommand } = await import('./commands/cluster/down.js');
      finish(await downCommand(options, context));
    });
  addNode(program, context, finish);
}

function addNode(program: Command, context: CommandContext, finish: Finish): void {
  program
    .command('node')
    .description('run a worker of a cluster here, or a head, until it is interrupted or drained')
    .requiredOption('--join <host:port>', 'address of the head; of several, separated by commas')
    .option('--name <name>', 'its name (default: host and process; of a head: head-HOST)')
    .option('-s, --slots <count>', 'tasks it runs at the same moment (default: the cores)', positiveInteger)
    .addOption(repeatable('-l, --label <name=value...>', 'label for placement'))
    .option('--zone <zone>', 'where it is, for placement')
    .option('--bind <address>', 'interface at which others reach it (default: 127.0.0.1)')
    .option('--head', 'a head that stands by and takes over, instead of a worker; needs --redis')
    .option('-p, --port <port>', 'port of the head (default: 7700)', portNumber)
    .addOption(repeatable('--redis <url...>', 'Redis that the heads of the cluster share'))
    .addOption(
      new Option('--journal <level>', 'what its copy survives (default: as the other heads)').choices(
        JOURNAL_LEVELS,
      ),
    )
    .option('--folder <folder>', 'where the head keeps its journal (default: .anant/cluster/NAME)')
    .option(...CERTIFICATES_OPTION)
    .option(...JSON_OPTION)
    .action(async ({ head, ...options }) => {
      if (head) {
        const { headCommand } = await import('./commands/cluster/head.js');
        finish(await headCommand(options, context));
        return;
      }
      const { nodeCommand } = await import('./commands/cluster/node.js');
      finish(await nodeCommand(options, context));
    });
}

function addViews(program: Command, context: CommandContext, finish: Finish): void {
  program
    .command('status')
    .description('show members, health, load and queues of a cluster')
    .option(...HEAD_OPTION)
    .option(...CERTIFICATES_OPTION)
    .option(...JSON_OPTION)
    .action(async (options) => {
      const { statusCommand } = await import('./commands/cluster/status.js');
      finish(await statusCommand(options, context));
    });
  program
    .command('top')
    .description('show a cluster live, until interrupted')
    .option(...HEAD_OPTION)
    .option(...CERTIFICATES_OPTION)
    .option('-i, --interval <ms>', 'pause between two looks', positiveInteger, 1000)
    .option('-n, --count <count>', 'end after this many looks', positiveInteger)
    .option('--json', 'print one JSON document per line and look')
    .action(async (options) => {
      const { topCommand } = await import('./commands/cluster/status.js');
      finish(await topCommand(options, context));
    });
  program
    .command('drain')
    .description('let a worker finish what it runs and take no more')
    .argument('<node>', 'name of the worker ("anant status" lists them)')
    .option(...HEAD_OPTION)
    .option(...CERTIFICATES_OPTION)
    .option(...JSON_OPTION)
    .action(async (node: string, options) => {
      const { drainCommand } = await import('./commands/cluster/tasks.js');
      finish(await drainCommand(node, options, context));
    });
  addHeads(program, context, finish);
  program
    .command('gossip')
    .description('change how the members of a cluster gossip')
    .command('rotate')
    .description('replace the key that encrypts gossip, on all members, while they run')
    .option(...HEAD_OPTION)
    .option(...CERTIFICATES_OPTION)
    .option(...JSON_OPTION)
    .action(async (options) => {
      const { rotateGossipCommand } = await import('./commands/cluster/tasks.js');
      finish(await rotateGossipCommand(options, context));
    });
  program
    .command('explain')
    .description('say where a task is, and why')
    .argument('<task>', 'id of the task')
    .option(...HEAD_OPTION)
    .option(...CERTIFICATES_OPTION)
    .option(...JSON_OPTION)
    .action(async (task: string, options) => {
      const { explainCommand } = await import('./commands/cluster/tasks.js');
      finish(await explainCommand(task, options, context));
    });
}

function addHeads(program: Command, context: CommandContext, finish: Finish): void {
  const heads = program.command('heads').description('the heads of a cluster that has several');
  heads
    .command('list', { isDefault: true })
    .description('show who leads, who stands by and how far, and why nobody leads')
    .option(...HEAD_OPTION)
    .option(...CERTIFICATES_OPTION)
    .option(...JSON_OPTION)
    .action(async (options) => {
      const { headsCommand } = await import('./commands/cluster/heads.js');
      finish(await headsCommand(options, context));
    });
  heads
    .command('forget')
    .description('say that a head is gone for ever, so that the others do not wait for it')
    .argument('<head>', 'its name ("anant heads" lists them)')
    .option('--force', 'although tasks that only it acknowledged are lost with it')
    .option(...HEAD_OPTION)
    .option(...CERTIFICATES_OPTION)
    .option(...JSON_OPTION)
    .action(async (head: string, options) => {
      const { forgetHeadCommand } = await import('./commands/cluster/heads.js');
      finish(await forgetHeadCommand(head, options, context));
    });
}
