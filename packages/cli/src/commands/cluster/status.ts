/** `anant status` and `anant top`: what a cluster looks like, once or live. */
import type { ClusterView, Member, StatusResponse } from '@anant/backend-native/cluster';
import { type CommandContext, type ExitCode, printJson } from '../../command.js';
import { EXIT } from '../../exit-code.js';
import { renderTable } from '../../output/table.js';
import { formatCount, formatCounted, formatDuration } from '../../output/terminal.js';
import { type HeadOptions, withAdmin } from './reach.js';

export interface TopCommandOptions extends HeadOptions {
  readonly interval: number;
  readonly count?: number;
}

const CLEAR = '\u001b[H\u001b[2J';

export async function statusCommand(options: HeadOptions, context: CommandContext): Promise<ExitCode> {
  const status = await withAdmin(options, (admin) => admin.status());
  if (options.json) printJson(context, status);
  else for (const line of describe(status, context.terminal.width)) context.terminal.result(line);
  return status.members.some(({ role, state }) => role === 'worker' && state === 'ready')
    ? EXIT.ok
    : EXIT.backend;
}

export async function topCommand(options: TopCommandOptions, context: CommandContext): Promise<ExitCode> {
  const { terminal, signal } = context;
  await withAdmin(options, async (admin) => {
    let looks = 0;
    let before: StatusResponse | undefined;
    for await (const status of admin.watch(options.interval, signal)) {
      if (options.json) terminal.result(JSON.stringify(status));
      else {
        if (terminal.isInteractive) process.stdout.write(CLEAR);
        for (const line of describe(status, terminal.width)) terminal.result(line);
        if (before !== undefined) terminal.result(rateOf(before, status));
      }
      before = status;
      looks += 1;
      if (looks === options.count) return;
    }
  });
  return signal.aborted ? EXIT.interrupted : EXIT.ok;
}

function describe(status: StatusResponse, width: number): string[] {
  const { sessions, queued, assigned, submitted, ended, view } = status;
  const members = status.members.toSorted(byRoleAndName);
  const header = [
    'node',
    'role',
    'state',
    'gossip',
    'slots',
    'running',
    'assigned',
    'cpu',
    'memory',
    'pid',
    'address',
  ];
  return [
    firstLine(status),
    `Tasks: ${formatCount(queued)} waiting, ${formatCount(assigned)} assigned; since this head leads ${formatCount(submitted)} submitted, ${formatCount(ended)} ended`,
    ...(view === undefined ? [] : [describeView(view)]),
    ...status.heads.toSorted((one, other) => names.compare(one.name, other.name)).map(headLine),
    ...renderTable(header, members.map(rowOf), width),
    ...members.flatMap(notesOf),
    ...(sessions.length === 0 ? ['No driver is connected.'] : []),
    ...sessions.map(({ name, open }) => `Driver ${name}: ${formatCount(open)} open`),
  ];
}

function firstLine(status: StatusResponse): string {
  const { epoch, uptimeMs, policy, journal, leadership } = status;
  // Who stands by knows neither how long the leader is up nor its policy.
  const leader = leadership === 'standby' ? '' : `, up ${formatDuration(uptimeMs)}`;
  const policies = policy === '' ? '' : `; policy ${policy}`;
  return `Epoch ${epoch}${leader}; ${leadershipOf(status)}${policies}; journal ${journal}`;
}

function describeView({ epoch, members, voters, reached, gone, quorum, reason, key }: ClusterView): string {
  const counted = gone === 0 ? `${voters} voters` : `${voters - gone} voters that have not ended`;
  const side =
    quorum === 'held' ? `quorum of ${reached} of ${counted}` : `NO QUORUM, no work is assigned: ${reason}`;
  return `View ${epoch}: ${formatCounted(members.length, 'member')}, ${side}; gossip key ${key}`;
}

/** Heads first; worker-10 after worker-9. */
function byRoleAndName(one: Member, other: Member): number {
  return one.role.localeCompare(other.role) || names.compare(one.node, other.node);
}

const names = new Intl.Collator('en', { numeric: true });

/** What gossip says of a member, with Lifeguard's score when it is not well. */
function gossipOf({ gossip }: Member): string {
  if (gossip === undefined) return '-';
  const { status, health, isInView } = gossip;
  const notes = [...(health > 0 ? [`health ${health}`] : []), ...(isInView ? [] : ['not in view'])];
  return notes.length === 0 ? status : `${status}, ${notes.join(', ')}`;
}

function leadershipOf({ leadership, heads, leader }: StatusResponse): string {
  if (leadership === 'single-head') return 'a single head, without a stand-in';
  if (leadership === 'standby') return leader === '' ? 'no head leads now' : `${leader} leads`;
  const name = heads.find(({ state }) => state === 'leader')?.name ?? leader;
  return `${name} leads, ${heads.filter(({ state }) => state === 'in-sync').length} in sync`;
}

function headLine({ name, address, state, index, behind }: StatusResponse['heads'][number]): string {
  const lag = behind > 0 ? `, ${formatCounted(behind, 'entry', 'entries')} behind` : '';
  return `Head ${name} at ${address}: ${state}, at entry ${formatCount(index)}${lag}`;
}

function rowOf(member: Member): string[] {
  const { node, role, state, slots, running, assigned, cpu, memoryBytes, pid, address } = member;
  const isWorker = role === 'worker';
  const only = (text: string) => (isWorker ? text : '');
  return [
    node,
    role,
    state,
    gossipOf(member),
    only(String(slots)),
    only(String(running)),
    only(String(assigned)),
    only(percent(cpu)),
    // A head that stands by tells neither.
    memoryBytes > 0 ? mebibytes(memoryBytes) : '',
    pid > 0 ? String(pid) : '',
    address.replace('tcp://', ''),
  ];
}

/** What of a member has no column: GPUs, pressure, objects on disk, code that came to it. */
function notesOf(member: Member): string[] {
  const { node, resources, gpu, gpuMemory, overload, overloadReason, spilledBytes, bundles, bundlesShipped } =
    member;
  const notes: string[] = [];
  const gpus = resources?.gpu ?? 0;
  if (gpus > 0) {
    const bytes = resources?.custom.gpuMemoryBytes ?? 0;
    const memory = bytes > 0 ? `, ${percent(gpuMemory)} of ${mebibytes(bytes)} taken` : '';
    notes.push(`${formatCounted(gpus, 'GPU')}, ${percent(gpu)} busy${memory}`);
  }
  if (overload !== 'none' && overload !== '') notes.push(`${overload}: ${overloadReason}`);
  if (spilledBytes > 0) notes.push(`${mebibytes(spilledBytes)} of objects on disk`);
  if (bundles.length > 0) {
    const names = bundles.map(({ name, digest }) => `${name} (${digest.slice(0, 12)})`).join(', ');
    notes.push(`code in bundles, ${bundlesShipped} fetched: ${names}`);
  }
  return notes.map((note) => `${node}: ${note}`);
}

const percent = (part: number): string => `${Math.round(part * 100)} %`;
const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;

function rateOf(before: StatusResponse, now: StatusResponse): string {
  const seconds = Math.max(0.001, (now.uptimeMs - before.uptimeMs) / 1000);
  return `${formatCount(Math.round((now.ended - before.ended) / seconds))} tasks ended per second`;
}
