/** `anant certs`: the certificate authority of a cluster and the certificates of its nodes. */
import type { CertificateStore, IssuedNode, NodeRole } from '@anant/backend-native/security';
import { type CommandContext, type ExitCode, printJson } from '../command.js';
import { EXIT } from '../exit-code.js';
import { renderTable } from '../output/table.js';

export interface CertsOptions {
  readonly folder: string;
  readonly json?: boolean;
}

export interface IssueCommandOptions extends CertsOptions {
  readonly role: NodeRole;
  readonly host: readonly string[];
  readonly days: number;
}

export interface RotateCommandOptions extends CertsOptions {
  readonly days: number;
  /** Refuse the old certificate at once instead of when it expires. */
  readonly revoke?: boolean;
}

const DAY_MS = 86_400_000;

export async function initCommand(
  options: CertsOptions & { readonly cluster: string; readonly days: number },
  context: CommandContext,
): Promise<ExitCode> {
  const { CertificateStore } = await security();
  const { folder, cluster, days } = options;
  const store = await CertificateStore.create(folder, { cluster, validDays: days });
  if (options.json) printJson(context, { directory: folder, cluster, validTo: dateOf(store.validToMs) });
  else {
    context.terminal.result(
      `Authority of "${cluster}" made in ${folder}, valid to ${dateOf(store.validToMs)}.`,
    );
    context.terminal.result(`Keep ${folder}/ca.key apart from every node: who has it can be any node.`);
  }
  return EXIT.ok;
}

export async function issueCommand(
  nodeId: string,
  options: IssueCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const store = await openStore(options);
  const { role, host, days } = options;
  return show(await store.issue({ nodeId, role, hosts: host, validDays: days }), 'issued', options, context);
}

export async function rotateCommand(
  nodeId: string,
  options: RotateCommandOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const store = await openStore(options);
  const before = await store.node(nodeId);
  const after = await store.rotate(nodeId, { validDays: options.days });
  if (options.revoke) await store.revoke(before.identity.fingerprint);
  return show(after, 'rotated', options, context);
}

export async function revokeCommand(
  nodeId: string,
  options: CertsOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const store = await openStore(options);
  await store.revoke((await store.node(nodeId)).identity.fingerprint);
  if (options.json) printJson(context, describe(await store.node(nodeId)));
  else {
    context.terminal.result(`${nodeId}: revoked.`);
    context.terminal.result(
      `Copy ${options.folder}/revoked into every node's folder: nodes read it within 10 s.`,
    );
  }
  return EXIT.ok;
}

export async function listCommand(options: CertsOptions, context: CommandContext): Promise<ExitCode> {
  const store = await openStore(options);
  const nodes = (await store.list()).map(describe);
  if (options.json) printJson(context, { authority: { validTo: dateOf(store.validToMs) }, nodes });
  else showTable(nodes, context);
  return EXIT.ok;
}

/** Exits 1 when the authority or a node that is not revoked has less than `days` left. */
export async function expiryCommand(
  options: CertsOptions & { readonly days: number },
  context: CommandContext,
): Promise<ExitCode> {
  const store = await openStore(options);
  const authorityDays = daysLeft(store.validToMs);
  const nodes = (await store.list())
    .filter(({ state }) => state !== 'revoked')
    .map(describe)
    .filter(({ daysLeft: left }) => left < options.days);
  const isDue = nodes.length > 0 || authorityDays < options.days;
  if (options.json) printJson(context, { withinDays: options.days, authorityDays, due: nodes });
  else if (!isDue) context.terminal.result(`Nothing expires within ${options.days} days.`);
  else {
    context.terminal.result(`The authority has ${authorityDays} days left.`);
    showTable(nodes, context);
    for (const { node } of nodes) context.terminal.note(`→ anant certs rotate ${node}`);
  }
  return isDue ? EXIT.failed : EXIT.ok;
}

type NodeRow = ReturnType<typeof describe>;

function describe({ identity, folder, hosts, state }: IssuedNode) {
  const { nodeId, role, validToMs, fingerprint } = identity;
  return {
    node: nodeId,
    role,
    state,
    validTo: dateOf(validToMs),
    daysLeft: daysLeft(validToMs),
    hosts,
    fingerprint,
    folder,
  };
}

function showTable(nodes: readonly NodeRow[], { terminal }: CommandContext): void {
  const rows = nodes.map(({ node, role, state, daysLeft: left, hosts, fingerprint }) => [
    node,
    role,
    state,
    left,
    hosts.join(' '),
    fingerprint.slice(0, 16),
  ]);
  const header = ['node', 'role', 'state', 'days left', 'hosts', 'fingerprint'];
  for (const line of renderTable(header, rows, terminal.width)) terminal.result(line);
}

function show(node: IssuedNode, verb: string, options: CertsOptions, context: CommandContext): ExitCode {
  const row = describe(node);
  if (options.json) printJson(context, row);
  else {
    context.terminal.result(`${row.node} (${row.role}): ${verb}, valid to ${row.validTo}.`);
    context.terminal.result(`Copy ${row.folder} to the node's machine, readable by its user only.`);
  }
  return EXIT.ok;
}

const security = () => import('@anant/backend-native/security');

async function openStore({ folder }: CertsOptions): Promise<CertificateStore> {
  return await (await security()).CertificateStore.open(folder);
}

const dateOf = (wallMs: number): string => new Date(wallMs).toISOString().slice(0, 10);

const daysLeft = (validToMs: number): number => Math.floor((validToMs - Date.now()) / DAY_MS);
