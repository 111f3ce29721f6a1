/** A TCP proxy that delays what passes, as a long way does, and counts how often the two ends wait for each other. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export interface DelayingProxy {
  readonly port: number;
  readonly connections: number;
  /** How often something came from the server after something had gone to it, and the other way round: pairs. */
  readonly roundTrips: number;
  /** Bytes to the server, and from it. */
  readonly bytes: { readonly up: number; readonly down: number };
  /** From now on nothing passes, and nobody is told: a cable that was pulled. */
  cut(): void;
  close(): void;
}

/** `delay`: of each way, in ms. `pace`: bytes a second, each way; none if absent. */
export async function startDelayingProxy(
  target: number,
  { delay, pace }: { readonly delay: number; readonly pace?: number },
): Promise<DelayingProxy> {
  const proxy = new Relay(target, delay, pace);
  await proxy.listen();
  return proxy;
}

class Relay implements DelayingProxy {
  connections = 0;
  roundTrips = 0;
  readonly bytes = { up: 0, down: 0 };
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #delay: number;
  readonly #pace: number | undefined;
  #last: 'up' | 'down' = 'down';
  #isCut = false;

  constructor(target: number, delay: number, pace: number | undefined) {
    this.#delay = delay;
    this.#pace = pace;
    this.#server = createServer((near) => {
      this.connections++;
      const far = connect(target, '127.0.0.1');
      this.#pass(near, far, 'up');
      this.#pass(far, near, 'down');
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  cut(): void {
    this.#isCut = true;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #pass(from: Socket, to: Socket, way: 'up' | 'down'): void {
    this.#sockets.add(from);
    from.setNoDelay(true);
    const line = new Line(this.#delay, this.#pace);
    from.on('data', (chunk: Buffer) => {
      if (this.#last === 'up' && way === 'down') this.roundTrips++;
      this.#last = way;
      this.bytes[way] += chunk.length;
      line.pass(chunk.length, () => this.#isCut || (to.writable && to.write(chunk)));
    });
    from.on('end', () => line.pass(0, () => this.#isCut || to.end()));
    from.on('error', () => to.destroy());
    from.on('close', () => this.#sockets.delete(from));
  }
}

/** One way of a connection: what passes keeps its order. */
class Line {
  readonly #delay: number;
  readonly #pace: number | undefined;
  readonly #waiting: { readonly due: number; readonly arrive: () => void }[] = [];
  /** When the next byte may leave, on a link that is narrow. */
  #free = 0;

  constructor(delay: number, pace: number | undefined) {
    this.#delay = delay;
    this.#pace = pace;
  }

  pass(size: number, arrive: () => void): void {
    const start = Math.max(performance.now(), this.#free);
    this.#free = start + (this.#pace === undefined ? 0 : (size / this.#pace) * 1000);
    if (this.#waiting.push({ due: this.#free + this.#delay, arrive }) === 1) this.#wait();
  }

  #wait(): void {
    const [next] = this.#waiting;
    if (next === undefined) return;
    setTimeout(
      () => {
        for (let first = this.#waiting[0]; first !== undefined && first.due <= performance.now() + 1; ) {
          first.arrive();
          this.#waiting.shift();
          first = this.#waiting[0];
        }
        this.#wait();
      },
      Math.max(0, next.due - performance.now()),
    );
  }
}
