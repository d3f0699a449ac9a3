/** Reads what a host child says about its open call; anything malformed is the child's fault and ends it. */
import type { GpuDevice, RemoteErrorData } from '@anant/core';
import { ValueReader } from '../wire/encoded-value.js';
import type { Message } from '../wire/message.js';
import type { HostCallEvent, HostEnd } from './host-call.js';

/** @throws TypeError when the message is malformed. */
export function readCallEvent(message: Message, buffers: readonly Uint8Array[]): HostCallEvent {
  const { kind, body } = message;
  switch (kind) {
    case 'progress':
      return {
        type: 'progress',
        done: Number(body.done),
        total: Number(body.total),
        ...(typeof body.note === 'string' && { note: body.note }),
      };
    case 'heartbeat':
      return { type: 'heartbeat' };
    case 'device':
      return { type: 'device', device: readDevice(body.device) };
    case 'item':
      return {
        type: 'item',
        sequence: Number(body.sequence),
        value: new ValueReader(buffers).take(body.value),
      };
    case 'end':
      return { type: 'end', end: readEnd(body, buffers) };
    default:
      throw new TypeError(`The host child sent a message of unknown kind "${kind}".`);
  }
}

const DEVICES: readonly unknown[] = ['webgpu', 'webgl', 'webasm', 'cpu'] satisfies GpuDevice[];

function readDevice(device: unknown): GpuDevice {
  if (DEVICES.includes(device)) return device as GpuDevice;
  throw new TypeError(`The host child named the unknown device "${String(device)}".`);
}

function readEnd(body: Message['body'], buffers: readonly Uint8Array[]): HostEnd {
  const { status, detail } = body;
  switch (status) {
    case 'ok':
      return { status, value: detail === null ? undefined : new ValueReader(buffers).take(detail) };
    case 'app-error':
      return { status, error: detail as RemoteErrorData };
    case 'cancelled':
      return { status, how: 'ask' };
    case 'refused': {
      const [code, reason, advice] = detail as readonly unknown[];
      return {
        status,
        code: String(code),
        reason: String(reason),
        ...(typeof advice === 'string' && { advice }),
      };
    }
    default:
      throw new TypeError(`The host child ended a call with the unknown status "${String(status)}".`);
  }
}
