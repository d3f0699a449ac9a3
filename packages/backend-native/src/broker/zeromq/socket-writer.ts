/** A ZeroMQ socket takes one send at a time; this puts them in a row. */
export class SocketWriter<Parts> {
  readonly #send: (parts: Parts) => Promise<void>;
  #last: Promise<unknown> = Promise.resolve();

  constructor(socket: { send(parts: Parts): Promise<void> }) {
    this.#send = (parts) => socket.send(parts);
  }

  /** Resolves once the socket took it; waits while its queue is full. */
  write(parts: Parts): Promise<void> {
    const written = this.#last.then(() => this.#send(parts));
    this.#last = written.catch(() => {});
    return written;
  }
}
