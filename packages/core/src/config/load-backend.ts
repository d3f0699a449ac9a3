/** `loadBackend`: from an entry of the configuration to a backend, ready to start. */
import { BACKEND_SPEC, type BackendV1 } from '../contract/index.js';
import { AnantError } from '../error/index.js';
import type { BackendEnvironment, BackendModule } from './backend-module.js';
import { importPackage, PackageNotFound } from './import-package.js';
import { configError } from './problem.js';
import { checkSchema, type SchemaProblem } from './schema-problems.js';
import type { ResolvedBackend, ResolvedConfig } from './types.js';

type LoadContext = Pick<ResolvedConfig, 'file' | 'directory' | 'python'>;

/**
 * Imports the package of a backend, checks its options and makes it. Starts nothing.
 * @throws AnantError `E_BACKEND_NOT_INSTALLED` with the command that installs it, `E_BACKEND_SPEC` for another
 * version of the contract, `E_CONFIG_INVALID` for options that do not fit, `E_BACKEND_UNAVAILABLE` when the package
 * fails while it is imported.
 */
export async function loadBackend(
  name: string,
  section: ResolvedBackend,
  context: LoadContext,
): Promise<BackendV1> {
  return (await loadBackendFactory(name, section, context))();
}

/** As `loadBackend`, but returns a function that makes a new backend each time. */
export async function loadBackendFactory(
  name: string,
  section: ResolvedBackend,
  context: LoadContext,
): Promise<() => BackendV1> {
  const { instance } = section;
  if (instance !== undefined) {
    checkSpec(name, instance, undefined);
    return () => instance;
  }
  const source = section.package ?? name;
  const module = await importBackend(name, source, context.directory);
  const options = await checkOptions(name, section, module, context.file);
  const environment: BackendEnvironment = { id: name, directory: context.directory, python: context.python };
  return () => {
    const backend = module.createBackend(options as Readonly<Record<string, unknown>>, environment);
    checkSpec(name, backend, source);
    return backend;
  };
}

async function importBackend(name: string, source: string, directory: string): Promise<BackendModule> {
  let module: Record<string, unknown>;
  try {
    module = await importPackage(source, directory);
  } catch (cause) {
    if (cause instanceof PackageNotFound) {
      throw new AnantError(
        'E_BACKEND_NOT_INSTALLED',
        `Backend "${name}" needs ${source}, which is not installed.`,
        {
          cause,
          advice: `Run: npm install ${source}`,
          details: { backend: name, package: source, command: `npm install ${source}` },
        },
      );
    }
    throw new AnantError(
      'E_BACKEND_UNAVAILABLE',
      `${source}, the package of backend "${name}", failed to load.`,
      {
        cause,
        advice: 'The cause says why; "anant doctor" checks what the package needs.',
        details: { backend: name, package: source },
      },
    );
  }
  if (isBackendModule(module)) return module;
  throw new AnantError(
    'E_BACKEND_SPEC',
    `${source} is no backend: it does not export createBackend and optionsSchema.`,
    {
      advice: `Check the package named under backends.${name}; docs/config.md says what it must export.`,
      details: { backend: name, package: source, expected: BACKEND_SPEC, got: undefined },
    },
  );
}

function isBackendModule(module: Record<string, unknown>): module is Record<string, unknown> & BackendModule {
  const schema = module.optionsSchema;
  return (
    typeof module.createBackend === 'function' &&
    typeof schema === 'object' &&
    schema !== null &&
    '~standard' in schema
  );
}

async function checkOptions(
  name: string,
  section: ResolvedBackend,
  { optionsSchema }: BackendModule,
  file: string | undefined,
): Promise<unknown> {
  const at = ['backends', name];
  const first = await checkSchema(optionsSchema, section.options, at);
  if (!first.problems) return first.value;
  const plain = asText(section, first.problems);
  const second = plain === undefined ? first : await checkSchema(optionsSchema, plain, at);
  if (!second.problems) return second.value;
  throw configError(
    second.problems.map((problem) => ({
      ...problem,
      variable: section.environment[String(problem.keys[0])]?.variable,
    })),
    file,
  );
}

/** Options from the environment that were read as JSON where text was expected, such as a password of digits. */
function asText(
  { options, environment }: ResolvedBackend,
  problems: readonly SchemaProblem[],
): Readonly<Record<string, unknown>> | undefined {
  const texts: Record<string, string> = {};
  for (const { keys, expected } of problems) {
    const value = environment[String(keys[0])];
    if (keys.length === 1 && expected?.includes('string') && value) texts[String(keys[0])] = value.text;
  }
  return Object.keys(texts).length === 0 ? undefined : { ...options, ...texts };
}

function checkSpec(name: string, backend: BackendV1, source: string | undefined): void {
  const spec: unknown = (backend as { spec?: unknown }).spec;
  if (spec !== BACKEND_SPEC) {
    const command = `npm install @anant/core@latest${source === undefined ? '' : ` ${source}@latest`}`;
    throw new AnantError(
      'E_BACKEND_SPEC',
      `Backend "${name}" follows contract ${JSON.stringify(spec)}, this core expects "${BACKEND_SPEC}".`,
      {
        advice: `Install versions that fit: ${command}`,
        details: { backend: name, expected: BACKEND_SPEC, got: spec, command },
      },
    );
  }
  if (backend.id !== name) {
    const message = `is configured under that name, but the backend calls itself "${backend.id}"`;
    throw configError([{ path: `backends.${name}`, message, suggestion: backend.id }], undefined);
  }
}
