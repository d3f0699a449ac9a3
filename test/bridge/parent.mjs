/** Starts a bridge and says so; the test kills this process and looks for what is left of it. */
import { silentLogger, systemClock } from '@anant/core';
import { createBackend } from '../conformance/support/bridge-local.mjs';

const emit = () => {};
await createBackend().doStart({ clock: systemClock, logger: silentLogger, startTimeoutMs: 60_000, emit });
process.stdout.write('ready\n');
