/** Imports a package named in a configuration, from where the configuration lies. */
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Thrown when the package itself is not there; any other failure is thrown as it is. */
export class PackageNotFound extends Error {}

/** @param directory folder of the configuration: paths and packages are looked up from there, then from here. */
export async function importPackage(name: string, directory: string): Promise<Record<string, unknown>> {
  if (isPath(name)) return importFile(resolve(directory, name));
  try {
    const file = createRequire(join(directory, 'anant.config.js')).resolve(name);
    return await importFile(file);
  } catch (error) {
    if (!isMissing(error, name)) throw error;
  }
  try {
    return (await import(name)) as Record<string, unknown>;
  } catch (error) {
    if (isMissing(error, name)) throw new PackageNotFound(`${name} is not installed.`, { cause: error });
    throw error;
  }
}

const isPath = (name: string): boolean => name.startsWith('.') || name.startsWith('/');

async function importFile(file: string): Promise<Record<string, unknown>> {
  if (!/\.[cm]?ts$/.test(file)) return (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  const { createJiti } = await import('jiti');
  return createJiti(pathToFileURL(file).href).import<Record<string, unknown>>(file);
}

/** Whether the error says that this very package is missing, not one that it needs in turn. */
function isMissing(error: unknown, name: string): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const isNotFound =
    code === 'MODULE_NOT_FOUND' ||
    code === 'ERR_MODULE_NOT_FOUND' ||
    code === 'ERR_PACKAGE_PATH_NOT_EXPORTED';
  return isNotFound && typeof message === 'string' && message.includes(`'${name}'`);
}
