/** The first messages of a session: what the client says, and what it makes of the answer. */
import { type ErrorCode, isErrorCode } from '@anant/core';
import { fitsVersion, VERSION } from '../version.js';
import type { SessionEnd, Welcome } from './effect.js';
import { PROTOCOL } from './limits.js';
import { readCount, readText, readTexts } from './read-body.js';

/** What the client tells the bridge; see docs/protocol.md for each part. */
export interface Hello {
  readonly session: string;
  readonly token: string | null;
  readonly client: string;
  readonly sharedDir: string | null;
  readonly probe: string | null;
  readonly engine: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly node: { readonly exec: string; readonly host: string };
  readonly pythonPath: readonly string[];
}

export function helloBody(hello: Hello): Readonly<Record<string, unknown>> {
  return {
    protocol: PROTOCOL,
    session: hello.session,
    token: hello.token,
    client: hello.client,
    shared_dir: hello.sharedDir,
    probe: hello.probe,
    engine: hello.engine,
    options: hello.options,
    node: hello.node,
    python_path: hello.pythonPath,
  };
}

/** @throws TypeError naming the part that is malformed. */
export function readWelcome(body: Readonly<Record<string, unknown>>): Welcome {
  return {
    epoch: readCount(body, 'epoch'),
    engine: readText(body, 'engine'),
    versions: readTexts(body, 'versions'),
    details: readTexts(body, 'details'),
    slots: readCount(body, 'slots'),
    windowTasks: readCount(body, 'window'),
    payloadBytesMax: readCount(body, 'payload_max'),
    isShared: body.shared === true,
  };
}

/** Why a welcome cannot be used: another protocol, or another release. */
export function versionProblem(body: Readonly<Record<string, unknown>>): SessionEnd | undefined {
  const advice = 'Install the same version of Anant on both sides: run `npx anant setup <engine>` again.';
  if (body.protocol !== PROTOCOL) {
    const message = `The bridge speaks protocol ${String(body.protocol)}; this client speaks ${PROTOCOL}.`;
    return { code: 'E_PROTOCOL_VERSION', message, advice, isFinal: true };
  }
  const other = readTexts(body, 'versions').anant_bridge;
  if (other === undefined || fitsVersion(other)) return undefined;
  const message = `The Python half of the bridge is version ${other}; this client is ${VERSION}.`;
  return { code: 'E_VERSION_SKEW', message, advice, isFinal: true };
}

/** Codes after which trying again may help: the world outside may have changed. */
const TEMPORARY: readonly ErrorCode[] = ['E_ENGINE_UNREACHABLE', 'E_BACKEND_UNAVAILABLE', 'E_BRIDGE_EXITED'];

export function readRefusal(body: Readonly<Record<string, unknown>>): SessionEnd {
  const code = isErrorCode(body.code) ? body.code : 'E_PROTOCOL';
  return {
    code,
    message: typeof body.message === 'string' ? body.message : 'The bridge refused the session.',
    ...(typeof body.advice === 'string' && body.advice && { advice: body.advice }),
    isFinal: !TEMPORARY.includes(code),
  };
}
