/**
 * A network in memory with a saboteur at the seam.
 *
 * @module
 */

import { memoryNetwork } from "../../src/runtime/memory.ts";
import type {
  DatagramSink,
  RawDatagram,
} from "../../src/runtime/seam/datagram.ts";
import { Fault } from "../../src/runtime/seam/fault.ts";
import type { Runtime } from "../../src/runtime/seam/runtime.ts";
import type {
  ListenerSink,
  RawListener,
  RawListenOptions,
  RawStream,
  StreamSink,
} from "../../src/runtime/seam/stream.ts";
import { broken, observed, type Wrongs } from "./broken.ts";

/** What is wrong with the driver of a socket: what it does, and what it tells. */
interface WrongEnds<R, S> {
  readonly raw?: Wrongs<R>;
  readonly sink?: Wrongs<S>;
}

/**
 * What is wrong with a driver. It is asked for every socket, so that each has a
 * state of its own, and is given the right one.
 */
export interface WrongDriver {
  readonly runtime?: Wrongs<Runtime>;
  stream?(raw: RawStream): WrongEnds<RawStream, StreamSink>;
  listener?(raw: RawListener): WrongEnds<RawListener, ListenerSink>;
  datagram?(raw: RawDatagram): WrongEnds<RawDatagram, DatagramSink>;
}

/** What the three kinds of raw sockets have in common. */
interface Raw<S> {
  attach(sink: S): void;
  close(): void;
}

/** A right network, and no folder in it but `/run`. */
function rightNetwork(): Runtime {
  return broken(memoryNetwork(), {
    listen: (right, [options]) => {
      const { address } = options as RawListenOptions;
      const isLost = "path" in address && /^\/run\/.*\//.test(address.path);
      return isLost ? Promise.reject(new Fault("ENOENT")) : right(options);
    },
  });
}

/** A network in memory whose driver is wrong as told. */
export class BrokenNetwork {
  /** What sockets are made with. */
  readonly runtime: Runtime;
  readonly #stir: () => void;
  /** What ends those that are still open. */
  readonly #ends: Set<() => void> = new Set();

  /** `stir` is called whenever anything crosses the seam. */
  constructor(wrong: WrongDriver = {}, stir: () => void = () => {}) {
    this.#stir = stir;
    const stream = (raw: RawStream) => this.#wrap(raw, wrong.stream?.(raw));
    const listener = (raw: RawListener) =>
      this.#wrap<RawListener, ListenerSink>(raw, wrong.listener?.(raw), {
        connection: (tell, [each]) => tell(stream(each as RawStream)),
      });
    const datagram = (raw: RawDatagram) =>
      this.#wrap(raw, wrong.datagram?.(raw));
    this.runtime = broken(broken(rightNetwork(), wrong.runtime), {
      connect: (right, args) => right(...args).then(stream),
      listen: (right, args) => right(...args).then(listener),
      bindDatagram: (right, args) => right(...args).then(datagram),
    });
  }

  /** Releases what a saboteur has kept open. */
  letGo(): void {
    for (const end of this.#ends) end();
  }

  #wrap<R extends Raw<S>, S extends { closed(): void }>(
    raw: R,
    wrong: WrongEnds<R, S> = {},
    last: Wrongs<S> = {},
  ): R {
    this.#stir();
    const attach = (right: (sink: S) => void, [sink]: [S]) => {
      const heard = broken(this.#endable(raw, sink), last);
      right(observed(broken(heard, wrong.sink), this.#stir));
    };
    const attached = broken(raw, { attach } as unknown as Wrongs<R>);
    return observed(broken(attached, wrong.raw), this.#stir);
  }

  /** A sink that hears that its socket is closed once, in the end at least. */
  #endable<R extends Raw<S>, S extends { closed(): void }>(
    raw: R,
    sink: S,
  ): S {
    let isOver = false;
    const closed = () => {
      if (!isOver) sink.closed();
      isOver = true;
    };
    this.#ends.add(() => {
      raw.close();
      closed();
    });
    return broken(sink, { closed } as unknown as Wrongs<S>);
  }
}
