/** Running set-up steps: each prints one line, keeps its output for when it fails, and has a deadline. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Ends the command with a message for people instead of a stack. */
export function fail(message) {
  process.stderr.write(`\n${message}\n`);
  process.exit(1);
}

/** Runs a program; resolves with its output, or rejects with the output's tail when it fails. */
export function run(
  command,
  args,
  { cwd = root, env = {}, timeoutMs = 20 * 60_000, show = 'on-failure' } = {},
) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: show === 'always' ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
      timeout: timeoutMs,
    });
    let output = '';
    child.stdout?.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      output += chunk;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else
        reject(
          new Error(`${command} ${args.join(' ')} ended with ${signal ?? code}\n${output.slice(-6000)}`),
        );
    });
  });
}

/** Runs one named step and says how long it took. */
export async function step(title, action) {
  const startMs = performance.now();
  process.stdout.write(`• ${title} … `);
  try {
    const result = await action();
    process.stdout.write(`${((performance.now() - startMs) / 1000).toFixed(1)} s\n`);
    return result;
  } catch (error) {
    process.stdout.write('failed\n');
    fail(error instanceof Error ? error.message : String(error));
  }
}

/** A digest of the names, sizes and contents' times of every file below the given paths. */
export function fingerprint(paths) {
  const hash = createHash('sha256');
  const visit = (path) => {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats) return;
    if (stats.isDirectory()) {
      for (const name of readdirSync(path).sort()) {
        if (name !== '__pycache__' && name !== 'node_modules') visit(join(path, name));
      }
    } else {
      hash.update(`${path}\0${stats.size}\0${stats.mtimeMs}\n`);
    }
  };
  for (const path of paths) visit(join(root, path));
  return hash.digest('hex');
}

const stampFile = (name) => join(root, '.anant', 'stamps', name);

export function isFresh(name, value) {
  try {
    return readFileSync(stampFile(name), 'utf8') === value;
  } catch {
    return false;
  }
}

export function writeStamp(name, value) {
  mkdirSync(dirname(stampFile(name)), { recursive: true });
  writeFileSync(stampFile(name), value);
}
