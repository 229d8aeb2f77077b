/**
 * Drivers that break one promise each, made from a network in memory, to
 * prove that the laws see it.
 *
 * @module
 */

import type { Address, Bytes } from "../../src/contracts.ts";
import { Fault } from "../../src/runtime/seam/fault.ts";
import type { Runtime } from "../../src/runtime/seam/runtime.ts";
import type {
  ListenerSink,
  RawConnectOptions,
  RawListener,
  RawListenOptions,
  RawStream,
  StreamSink,
} from "../../src/runtime/seam/stream.ts";
import { cutShortLaws } from "../../src/testing/laws/cut_short.ts";
import { memoryNetwork } from "../../src/testing/mod.ts";

/** What a broken driver does in the place of the right thing. */
export interface Sabotage {
  /** In the place of telling the sink; `tell` is the right thing. */
  data?(chunk: Bytes, tell: (chunk: Bytes) => boolean, raw: RawStream): boolean;
  end?(sink: StreamSink, raw: RawStream): void;
  failed?(fault: Fault, sink: StreamSink): void;
  closed?(sink: StreamSink): void;
  writable?(sink: StreamSink): void;
  /** In the place of asking the stream. */
  write?(data: Uint8Array, raw: RawStream): number;
  shutdown?(raw: RawStream): Promise<void>;
  reset?(raw: RawStream): void;
  close?(raw: RawStream): void;
  localAddress?(raw: RawStream): Address;
  /** In the place of handing over; `count` connections came before. */
  connection?(count: number, tell: () => void): void;
  connect?(options: RawConnectOptions, right: Runtime): Promise<RawStream>;
  listen?(options: RawListenOptions, right: Runtime): Promise<RawListener>;
}

/** A memory network with a driver that does `sabotage`. */
export function brokenNetwork(sabotage: () => Sabotage): Runtime {
  const right = memoryNetwork();
  const wrong: Pick<Runtime, "connect" | "listen"> = {
    async connect(options) {
      const how = sabotage();
      const raw = await (how.connect?.(options, right) ??
        right.connect(options));
      return new BrokenStream(raw, how);
    },
    async listen(options) {
      const how = sabotage();
      const raw = await (how.listen?.(options, right) ?? right.listen(options));
      return new BrokenListener(raw, sabotage, how);
    },
  };
  return new Proxy(right, {
    get(target, key) {
      const value: unknown = Reflect.get(key in wrong ? wrong : target, key);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

class BrokenListener implements RawListener {
  readonly #raw: RawListener;
  readonly #sabotage: () => Sabotage;
  readonly #how: Sabotage;
  #count = 0;

  constructor(raw: RawListener, sabotage: () => Sabotage, how: Sabotage) {
    this.#raw = raw;
    this.#sabotage = sabotage;
    this.#how = how;
  }

  get localAddress(): Address {
    return this.#raw.localAddress;
  }

  attach(sink: ListenerSink): void {
    this.#raw.attach({
      connection: (raw) => {
        const tell = () =>
          sink.connection(new BrokenStream(raw, this.#sabotage()));
        const { connection } = this.#how;
        if (connection === undefined) tell();
        else connection(this.#count++, tell);
      },
      failed: (fault) => sink.failed(fault),
      closed: () => sink.closed(),
    });
  }

  resume(): void {
    this.#raw.resume();
  }

  close(): void {
    this.#raw.close();
  }

  ref(flag: boolean): void {
    this.#raw.ref(flag);
  }
}

class BrokenStream implements RawStream {
  readonly #raw: RawStream;
  readonly #how: Sabotage;

  constructor(raw: RawStream, how: Sabotage) {
    this.#raw = raw;
    this.#how = how;
  }

  get remoteAddress(): Address | undefined {
    return this.#raw.remoteAddress;
  }

  get writesAtOnce(): boolean {
    return this.#raw.writesAtOnce;
  }

  localAddress(): Address {
    return this.#how.localAddress?.(this.#raw) ?? this.#raw.localAddress();
  }

  attach(sink: StreamSink): void {
    const how = this.#how;
    const raw = this.#raw;
    const tell = (chunk: Bytes) => sink.data(chunk);
    raw.attach({
      data: (chunk) => how.data?.(chunk, tell, raw) ?? tell(chunk),
      end: () => how.end === undefined ? sink.end() : how.end(sink, raw),
      failed: (fault) =>
        how.failed === undefined ? sink.failed(fault) : how.failed(fault, sink),
      writable: () =>
        how.writable === undefined ? sink.writable() : how.writable(sink),
      closed: () => how.closed === undefined ? sink.closed() : how.closed(sink),
    });
  }

  resume(into?: Uint8Array): void {
    this.#raw.resume(into);
  }

  pause(): void {
    this.#raw.pause();
  }

  write(data: Uint8Array): number | Promise<number> {
    return this.#how.write?.(data, this.#raw) ?? this.#raw.write(data);
  }

  shutdown(): Promise<void> {
    return this.#how.shutdown?.(this.#raw) ?? this.#raw.shutdown();
  }

  reset(): void {
    if (this.#how.reset === undefined) this.#raw.reset();
    else this.#how.reset(this.#raw);
  }

  close(): void {
    if (this.#how.close === undefined) this.#raw.close();
    else this.#how.close(this.#raw);
  }

  ref(flag: boolean): void {
    this.#raw.ref(flag);
  }

  setOption(...args: Parameters<RawStream["setOption"]>): void {
    this.#raw.setOption(...args);
  }

  detach(): unknown {
    return this.#raw.detach();
  }
}

/** A broken driver and a law that it must break. */
export interface BrokenDriver {
  /** What the driver does: completes "fails when a driver …". */
  readonly does: string;
  /** How the name of the law begins. */
  readonly law: string;
  /** Called for each stream and listener, which then has a state of its own. */
  sabotage(): Sabotage;
}

/** Writes what the memory holds by the time the sender goes on. */
/** Every reset is an end, for who reads and for who sends. */
function hideResets(): Sabotage {
  return {
    failed: (_fault, sink) => sink.end(),
    write(data, raw) {
      try {
        return raw.write(data) as number;
      } catch (error) {
        throw new Fault("EPIPE", error);
      }
    },
  };
}

async function writeLate(data: Uint8Array, raw: RawStream): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await undefined;
  try {
    raw.write(data);
  } catch {
    // The law is over and the stream closed.
  }
}

/** One for each promise that a driver can break. */
export const BROKEN_DRIVERS: readonly BrokenDriver[] = [
  {
    does: "drops a byte",
    law: "a stream loses and reorders no byte",
    sabotage() {
      let chunks = 0;
      return {
        data: (chunk, tell) => tell(++chunks === 3 ? chunk.slice(1) : chunk),
      };
    },
  },
  {
    does: "swaps two chunks",
    law: "a stream loses and reorders no byte",
    sabotage() {
      let held: Bytes | undefined;
      let chunks = 0;
      return {
        data: (chunk, tell) => {
          chunks++;
          if (chunks === 2) {
            held = chunk;
            return true;
          }
          const flows = tell(chunk);
          if (chunks !== 3 || held === undefined) return flows;
          return tell(held);
        },
      };
    },
  },
  {
    does: "says it took more than it took",
    law: "a stream loses and reorders no byte",
    sabotage: () => ({
      write: (data, raw) => {
        raw.write(data);
        return data.length;
      },
    }),
  },
  {
    does: "shows memory that is reused after a send",
    law: "a send never shows memory that is reused once it has settled",
    sabotage: () => ({
      write: (data, raw) => {
        void writeLate(data, raw);
        return data.length;
      },
    }),
  },
  {
    does: "shows memory that is reused after an aborted send",
    law: "a send that took bytes never shows memory that is reused",
    sabotage: () => {
      let late: Uint8Array | undefined;
      return {
        write: (data, raw) => {
          if (late === undefined && data.length === 40_000) {
            late = data;
            void writeLate(data, raw);
            return data.length;
          }
          return raw.write(data) as number;
        },
      };
    },
  },
  {
    does: "never stops reading",
    law: "a reader that stops stops the writer",
    sabotage: () => ({
      data: (chunk, tell, raw) => {
        if (!tell(chunk)) raw.resume();
        return true;
      },
    }),
  },
  {
    does: "never tells that the kernel takes more",
    law: "a writer goes on when a stopped reader goes on",
    sabotage: () => ({ writable() {} }),
  },
  {
    does: "swallows the end",
    law: "the end stays the end",
    sabotage: () => ({ end() {} }),
  },
  {
    does: "tells a reset as an end",
    law: "a reset is an error and no end",
    sabotage: () => ({ failed: (_fault, sink) => sink.end() }),
  },
  ...cutShortLaws.map(({ name }) => ({
    does: "tells a reset as an end",
    law: name,
    sabotage: hideResets,
  })),
  {
    does: "forgets what came before a reset",
    law: "buffered data come before the error",
    sabotage: () => ({
      data: (_chunk, _tell) => true,
    }),
  },
  {
    does: "ends its own side when the peer ends",
    law: "an answer arrives when the client has ended its side first",
    sabotage: () => ({
      end: (sink, raw) => {
        void raw.shutdown();
        sink.end();
      },
    }),
  },
  {
    does: "closes when it is to end one side",
    law: "an answer arrives when the client has ended its side first",
    sabotage: () => ({
      shutdown: (raw) => {
        raw.close();
        return Promise.resolve();
      },
    }),
  },
  {
    does: "resets when it is to close",
    law: "close delivers every accepted byte",
    sabotage: () => ({ shutdown: (raw) => Promise.resolve(raw.reset()) }),
  },
  {
    does: "closes when it is to reset",
    law: "reset makes the peer see ECONNRESET",
    sabotage: () => ({ reset: (raw) => raw.close() }),
  },
  {
    does: "never releases a stream",
    law: "a receive of no bytes waits for none",
    sabotage: () => ({ closed() {} }),
  },
  {
    does: "gives views of one memory",
    law: "received arrays belong to the caller",
    sabotage() {
      const memory = new Uint8Array(65_536);
      return {
        data: (chunk, tell) => {
          memory.set(chunk);
          for (let at = 0; at < chunk.length; at++) {
            tell(memory.subarray(at, at + 1));
          }
          return true;
        },
      };
    },
  },
  {
    does: "names the wrong end",
    law: "the ends of a connection name each other",
    sabotage: () => ({
      localAddress: (raw) => raw.remoteAddress ?? raw.localAddress(),
    }),
  },
  {
    does: "takes one connection and no more",
    law: "connections wait while no accept is pending",
    sabotage: () => ({
      connection: (count, tell) => {
        if (count === 0) tell();
      },
    }),
  },
  {
    does: "tells the wrong code",
    law: "connect is ECONNREFUSED when nobody listens at a port",
    sabotage: () => ({
      connect: (options, right) =>
        right.connect(options).catch((fault: Fault) => {
          throw new Fault("ECONNABORTED", fault);
        }),
    }),
  },
  {
    does: "lets two listeners have one address",
    law: "bind is EADDRINUSE when another socket has the address that listen()",
    sabotage: () => ({
      listen: (options, right) =>
        right.listen(options).catch(() =>
          right.listen({
            ...options,
            address: { family: "ipv4", hostname: "127.0.0.1", port: 0 },
          })
        ),
    }),
  },
];
