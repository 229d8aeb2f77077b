/**
 * Laws: promises of the library, each a named piece of code that any kind of
 * stream on any runtime must pass, and what runs one of them.
 *
 * @module
 */

import { type HandleCounts, handleCounts } from "../handle_counts.ts";
import type { AddressFamily } from "../constants.ts";
import type { AddressLike } from "../contracts.ts";
import type { Runtime } from "../runtime/seam/runtime.ts";
import type { Feature } from "../runtime/seam/supports.ts";
import type {
  ConnectOptions,
  Listener,
  ListenOptions,
  StreamSocket,
} from "../socket/mod.ts";
import type { TlsClientOptions, TlsServerOptions } from "../tls_contracts.ts";
import { bounded, LawBroken } from "./expect.ts";
import { connect, listen, socket } from "./library.ts";

/** How long a law may take by default, in milliseconds. */
const WATCHDOG_MS = 30_000;

/** How much the transfer laws send each way by default: 16 MiB. */
const VOLUME_BYTES = 16_777_216;

/** Less than any kernel buffers for a connection over TCP. */
const FITS_BYTES = 1_000_000;

/**
 * 8 MiB: Linux holds 4 MiB of a writer, and less for a reader that has not read
 * much yet, whatever it may get later.
 */
const MORE_THAN_FITS_BYTES = 8_388_608;

/**
 * What a law may need that not every stream has: a feature of the runtime, or
 * `"reset"` (TCP's RST), `"ports"` (Internet addresses), `"paths"` (Unix
 * addresses), `"folders"` (paths in a file system), `"ipv6"`.
 */
export type Trait =
  | Feature
  | "reset"
  | "ports"
  | "paths"
  | "folders"
  | "ipv6";

/** TLS over a stream: with what, and from when on. */
export interface TlsTalk {
  /** Of the end that connects. */
  readonly client: TlsClientOptions;
  /** Of the end that is accepted. */
  readonly server: TlsServerOptions;
  /**
   * How many plain bytes go each way before it; `undefined` for TLS from the
   * start.
   */
  readonly plainBytes?: number | undefined;
}

/** One kind of stream on one runtime: what the laws are run over. */
export interface StreamMaker {
  /** Such as `"tcp4"`. */
  readonly name: string;
  /** What serves its sockets. */
  readonly runtime: Runtime;
  /** The family of its sockets. */
  readonly family: AddressFamily;
  /** Where to listen: port 0, or a path that nobody has yet. */
  freshAddress(): AddressLike;
  /** What it does not have, and why: laws that need it do not apply. */
  readonly lacks?: Readonly<Partial<Record<Trait, string>>>;
  /** Its pairs speak TLS; and so do its listeners if they do from the start. */
  readonly tls?: TlsTalk;
  /** What the transfer laws send each way, in bytes; default 16 MiB. */
  readonly volumeBytes?: number;
  /**
   * More bytes than it takes from a writer whose reader does not read; default
   * 8 MiB.
   */
  readonly moreThanFitsBytes?: number;
  /** Bytes that it takes from such a writer at once; default 1,000,000. */
  readonly fitsBytes?: number;
}

/** What a law works with. Everything it makes is closed when the law ends. */
export interface LawBench {
  /** What the law is run over. */
  readonly maker: StreamMaker;
  /** The runtime of the maker. */
  readonly runtime: Runtime;
  /** What the transfer laws send each way, in bytes. */
  readonly volumeBytes: number;
  /** More bytes than a writer gets away whose reader does not read. */
  readonly moreThanFitsBytes: number;
  /** Bytes that are taken at once from a writer whose reader does not read. */
  readonly fitsBytes: number;
  /** A listener at a fresh address. */
  listen(options?: ListenOptions): Promise<Listener>;
  /** A client of an address. */
  connectTo(
    address: AddressLike,
    options?: ConnectOptions,
  ): Promise<StreamSocket>;
  /**
   * A connected client and its accepted server. `resetter` will send RST,
   * which has to be said beforehand on Deno, where it changes the driver.
   */
  pair(
    resetter?: "client" | "server",
  ): Promise<[client: StreamSocket, server: StreamSocket]>;
  /** A socket that is neither bound nor connected. */
  socket(): StreamSocket;
  /** Takes charge of something that the law got by other ways. */
  keep<T extends Closable>(handle: T): T;
}

/** What a bench can close. */
export interface Closable {
  /** Settles when the descriptor is released, where there is one. */
  readonly closed?: Promise<void>;
  /** Ends it; never rejects. */
  close(options?: { readonly lingerMs?: number }): Promise<void>;
}

/** A promise of the library. */
export interface Law {
  /** *Subject does what when*. */
  readonly name: string;
  /** What the stream or its runtime must have. */
  readonly needs?: readonly Trait[];
  /** Rejects if the promise is broken. */
  run(bench: LawBench): Promise<void>;
}

/** How a law is checked. */
export interface CheckOptions {
  /** Milliseconds until the law counts as hung; default 30,000. */
  readonly watchdogMs?: number;
}

/**
 * Whether a law speaks of such streams at all: a law of Unix paths says
 * nothing about TCP.
 *
 * @example
 * ```ts
 * import { concerns, memoryMaker, streamLaws } from "@anysock/anysock/testing";
 *
 * const maker = memoryMaker();
 * console.log(streamLaws.filter((law) => concerns(law, maker)).length);
 * ```
 */
export function concerns(law: Law, maker: StreamMaker): boolean {
  return (law.needs ?? []).every((need) => maker.lacks?.[need] === undefined);
}

/**
 * What a law needs and the runtime cannot do, in the runtime's own words;
 * `undefined` if it can do all.
 *
 * @example
 * ```ts
 * import { memoryMaker, streamLaws, whyNot } from "@anysock/anysock/testing";
 *
 * const maker = memoryMaker();
 * console.log(streamLaws.map((law) => whyNot(law, maker))[0]); // undefined
 * ```
 */
export function whyNot(law: Law, maker: StreamMaker): string | undefined {
  const { supports } = maker.runtime;
  return (law.needs ?? [])
    .map((need) => (supports as Partial<Record<Trait, unknown>>)[need])
    .find((support) => typeof support === "string");
}

/**
 * Runs one law over one kind of stream, bounded in time, closes what it made,
 * and counts the library's handles before and after.
 *
 * @throws {LawBroken} if the law does not hold, does not end in time, or
 *   leaves a handle open; what the law's own calls rejected with otherwise.
 *
 * @example
 * ```ts
 * import { checkLaw, memoryMaker, streamLaws } from "@anysock/anysock/testing";
 *
 * const law = streamLaws.find((each) => each.name.startsWith("recv(0)"));
 * if (law) await checkLaw(law, memoryMaker(), { watchdogMs: 5_000 });
 * ```
 */
export async function checkLaw(
  law: Law,
  maker: StreamMaker,
  options: CheckOptions = {},
): Promise<void> {
  const { watchdogMs = WATCHDOG_MS } = options;
  const before = handleCounts();
  const bench = new Bench(maker);
  const closing = `closing after ${law.name}`;
  try {
    await bounded(law.name, watchdogMs, law.run(bench));
  } catch (error) {
    // What it failed with tells more than what its ruins fail with.
    await bounded(closing, watchdogMs, bench.closeAll()).catch(() => {});
    throw error;
  }
  await bounded(closing, watchdogMs, bench.closeAll());
  compareCensus(before, handleCounts());
}

function compareCensus(before: HandleCounts, after: HandleCounts): void {
  for (const kind of Object.keys(before) as (keyof HandleCounts)[]) {
    if (before[kind] === after[kind]) continue;
    throw new LawBroken(
      `${after[kind] - before[kind]} handles of kind ${kind} are left open`,
    );
  }
}

/** Plain talk, then TLS, as in SMTP. */
async function upgrade(
  client: StreamSocket,
  server: StreamSocket,
  { client: ours, server: theirs, plainBytes = 0 }: TlsTalk,
): Promise<void> {
  const plain = new Uint8Array(plainBytes).fill(1);
  await client.sendAll(plain);
  await server.recvExactly(plainBytes);
  await server.sendAll(plain);
  await client.recvExactly(plainBytes);
  await Promise.all([
    server.startTls({ ...theirs, role: "server" }),
    client.startTls(ours),
  ]);
}

class Bench implements LawBench {
  readonly maker: StreamMaker;
  readonly #handles: Set<Closable> = new Set();
  #isOver = false;

  constructor(maker: StreamMaker) {
    this.maker = maker;
  }

  get runtime(): Runtime {
    return this.maker.runtime;
  }

  get volumeBytes(): number {
    return this.maker.volumeBytes ?? VOLUME_BYTES;
  }

  get moreThanFitsBytes(): number {
    return this.maker.moreThanFitsBytes ?? MORE_THAN_FITS_BYTES;
  }

  get fitsBytes(): number {
    return this.maker.fitsBytes ?? FITS_BYTES;
  }

  async listen(options: ListenOptions = {}): Promise<Listener> {
    const { runtime } = this.maker;
    const address = this.maker.freshAddress();
    const talk = this.#fromStart;
    const tls = talk === undefined ? {} : { tls: talk.server };
    return this.keep(await listen(address, { ...tls, ...options, runtime }));
  }

  async connectTo(
    address: AddressLike,
    options: ConnectOptions = {},
  ): Promise<StreamSocket> {
    const { runtime } = this.maker;
    const talk = this.#fromStart;
    const tls = talk === undefined ? {} : { tls: talk.client };
    return this.keep(await connect(address, { ...tls, ...options, runtime }));
  }

  get #fromStart(): TlsTalk | undefined {
    const { tls } = this.maker;
    return tls?.plainBytes === undefined ? tls : undefined;
  }

  async pair(
    resetter?: "client" | "server",
  ): Promise<[StreamSocket, StreamSocket]> {
    const listener = await this.listen({ abortive: resetter === "server" });
    const [client, [server]] = await Promise.all([
      this.connectTo(listener.getSockName(), {
        abortive: resetter === "client",
      }),
      listener.accept(),
    ]);
    this.keep(server);
    await listener.close();
    const { tls } = this.maker;
    if (tls?.plainBytes !== undefined) await upgrade(client, server, tls);
    return [client, server];
  }

  socket(): StreamSocket {
    const { runtime, family } = this.maker;
    return this.keep(socket(family, undefined, 0, { runtime }));
  }

  keep<T extends Closable>(handle: T): T {
    // A law that ran out of time may still be making things.
    if (this.#isOver) void handle.close({ lingerMs: 0 });
    else this.#handles.add(handle);
    return handle;
  }

  async closeAll(): Promise<void> {
    this.#isOver = true;
    const handles = [...this.#handles];
    await Promise.all(handles.map((each) => each.close({ lingerMs: 0 })));
    // A socket whose files were open is released after its own close.
    await Promise.all(handles.map((each) => each.closed));
  }
}
