/**
 * Loaded before a worker: the machine looks to it as full as a file named after the worker says, 0 to 1. The processor
 * looks idle.
 */
import { existsSync, readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import { join } from 'node:path';

const { name } = JSON.parse(process.argv[2] ?? '{}');
const file = join(process.env.ANANT_TEST_PRESSURE ?? '', `${name}.pressure`);
const totalBytes = os.totalmem();
const takenPart = () => (existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0);

process.availableMemory = () => (1 - takenPart()) * totalBytes;
os.loadavg = () => [0, 0, 0];
syncBuiltinESMExports();
