/** The command line of `anant certs`. */
import { type Command, Option } from 'commander';
import type { CommandContext } from './command.js';
import { type Finish, JSON_OPTION, positiveInteger, repeatable } from './program-options.js';

const FOLDER = ['--folder <folder>', 'folder of the authority', '.anant/certs'] as const;
const ROLES = ['head', 'worker', 'driver', 'monitor'];
const AUTHORITY_DAYS = 3650;
const NODE_DAYS = 90;
const WARNING_DAYS = 30;

export function addCerts(program: Command, context: CommandContext, finish: Finish): void {
  const certs = program
    .command('certs')
    .description('make and look after the certificates of a cluster that listens beyond this machine');
  const add = (name: string, description: string) =>
    certs
      .command(name)
      .description(description)
      .option(...FOLDER)
      .option(...JSON_OPTION);
  const daysOption = ['--days <count>', 'days until it expires', positiveInteger] as const;

  add('init', 'make the authority of a new cluster')
    .option('--cluster <name>', 'name of the cluster', 'anant')
    .option(...daysOption, AUTHORITY_DAYS)
    .action(async (options) => finish(await (await commands()).initCommand(options, context)));
  add('issue', 'make the certificate and keys of a node')
    .argument('<node>', 'id of the node')
    .addOption(new Option('--role <role>', 'what the node may do').choices(ROLES).default('worker'))
    .addOption(repeatable('--host <name...>', 'DNS name or IP address at which the node is reached'))
    .option(...daysOption, NODE_DAYS)
    .action(async (node: string, options) =>
      finish(await (await commands()).issueCommand(node, options, context)),
    );
  add('list', 'list the nodes and the state of their certificates').action(async (options) =>
    finish(await (await commands()).listCommand(options, context)),
  );
  add('expiry', 'say what expires soon; exits 1 when something does')
    .option('--days <count>', 'how soon is soon', positiveInteger, WARNING_DAYS)
    .action(async (options) => finish(await (await commands()).expiryCommand(options, context)));
  add('rotate', 'replace the certificate and all keys of a node')
    .argument('<node>', 'id of the node')
    .option('--revoke', 'refuse the old certificate at once instead of when it expires')
    .option(...daysOption, NODE_DAYS)
    .action(async (node: string, options) =>
      finish(await (await commands()).rotateCommand(node, options, context)),
    );
  add('revoke', 'refuse the certificate of a node from now on')
    .argument('<node>', 'id of the node')
    .action(async (node: string, options) =>
      finish(await (await commands()).revokeCommand(node, options, context)),
    );
}

const commands = () => import('./commands/certs.js');
