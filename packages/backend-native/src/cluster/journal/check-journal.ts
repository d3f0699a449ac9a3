/** Whether a journal can be trusted, found out where a damaged file does no harm. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { AnantError } from '@anant/core';

/** Reading a large journal takes a while; longer means that the disk hangs. */
const CHECK_MS_MAX = 60_000;
/** Of what the check says. */
const WORDS_MAX = 2000;

/** @throws AnantError E_JOURNAL naming the folder and what is wrong with it. */
export async function checkJournal(path: string): Promise<void> {
  if (!existsSync(join(path, 'data.mdb'))) return;
  const program = createRequire(import.meta.url).resolve('@anant/backend-native/journal-check');
  const { code, words } = await new Promise<{ code: number | string; words: string }>((resolve, reject) => {
    const child = spawn(process.execPath, [program, path], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: CHECK_MS_MAX,
    });
    let words = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(0, WORDS_MAX);
    });
    child.on('error', reject);
    child.on('close', (status, signal) => resolve({ code: signal ?? status ?? 1, words }));
  });
  if (code === 0) return;
  const reason = words === '' ? `reading it ended with ${code}` : words;
  throw new AnantError('E_JOURNAL', `The journal in "${path}" cannot be read: ${reason}`, {
    advice: 'Restore the folder from a copy, or start with an empty one and submit again.',
  });
}
