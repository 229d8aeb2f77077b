/**
 * A bad link between real processes: a proxy that does to what it carries
 * what the rules of a simulated link say.
 *
 * @module
 */

import { show, toEndpoint } from "../../address.ts";
import { SOCK_DGRAM } from "../../constants.ts";
import type { Address, AddressLike } from "../../contracts.ts";
import { checkOptions } from "../../deadline.ts";
import { chosenRuntime } from "../../runtime/detect.ts";
import type { LinkRules } from "../../runtime/memory/rules.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import type { Undo } from "../../simulation/rule_book.ts";
import type { Trace } from "../../simulation/trace.ts";
import type { TraceEvent } from "../../simulation/trace_event.ts";
import { familyOf } from "../../socket/family.ts";
import { listen, socket } from "../../socket/mod.ts";
import { DatagramRelay } from "./datagram_relay.ts";
import { checkProxyRules, type ProxyProtocol } from "./proxy_rules.ts";
import { ProxyWire } from "./proxy_wire.ts";
import { StreamRelay } from "./stream_relay.ts";

/** Options of {@linkcode faultyProxy}. */
export interface FaultyProxyOptions {
  /** Where clients come to; default `"127.0.0.1:0"`. */
  readonly listen?: AddressLike;
  /** `"tcp"`, the default, is for streams, of Unix paths too. */
  readonly proto?: "tcp" | "udp";
  /** Rules of the way to the target; default none. */
  readonly up?: LinkRules;
  /** Rules of the way back; default none. */
  readonly down?: LinkRules;
  /** What chance depends on; default 1. */
  readonly seed?: number;
  /** Called with each event of the trace, right after it was taken down. */
  readonly onEvent?: (event: TraceEvent) => void;
  /** What serves its sockets; default the current runtime. */
  readonly runtime?: Runtime;
}

/** A proxy that is at work; see {@linkcode faultyProxy}. */
export interface FaultyProxy extends AsyncDisposable {
  /** Where clients are to come to. */
  readonly address: Address;
  /**
   * What it carried, when it handed that on: `c1` is the first connection, or
   * the first client that sent a datagram.
   */
  readonly trace: Trace;
  /** How many connections are open, or how many clients sent datagrams. */
  readonly connections: number;
  /**
   * New rules for both ways, in the place of the old ones, from the next chunk
   * on, on open connections too; a way that is left out has none.
   *
   * @throws {TypeError} | {RangeError} as {@linkcode faultyProxy}.
   */
  set(up: LinkRules, down?: LinkRules): void;
  /**
   * Cuts both ways. What streams carry comes once it is taken back, who
   * connects meanwhile gets through then; datagrams are lost. Cuts add up.
   */
  cut(): Undo;
  /** Resets all connections, at both ends; forgets clients of datagrams. */
  reset(): void;
  /**
   * The next connections are reset as they come, and the next datagrams of
   * clients lost: 1 of them by default.
   *
   * @throws {RangeError} if that is no number of times.
   */
  failNext(times?: number): void;
  /** Stops. Resets what is open, and settles when all is released. */
  close(): Promise<void>;
}

const OPTIONS = [
  ...["listen", "proto", "up", "down", "seed", "onEvent", "runtime"],
];

/**
 * Carries connections (TCP and Unix) or datagrams to a target, and does to
 * them what rules say, for programs that cannot be simulated: other
 * processes, other languages. Without rules it changes nothing: ends, half
 * closes and resets go through in their places.
 *
 * Streams know `latencyMs` (of each chunk from when it came: chunks overlap,
 * and keep their order), `bytesPerSecond` (of all connections together),
 * `chunkBytes`, `resetAtByte`, `endAtByte`, `silentAfterByte`, `stopAcks`,
 * `windowBytes` (what it holds of one way; default 16 MiB), and on the way up
 * `connect: "reset"` and `"silent"`. Datagrams know `latencyMs`,
 * `bytesPerSecond`, `mtuBytes`, and the rates of loss, duplicates, order and
 * corruption. Other rules are refused: nothing is accepted and ignored.
 *
 * Chance goes by the seed and by connection and byte, so that a run can be had
 * again as far as the programs do the same; kernels cut streams as they like.
 *
 * @throws {TypeError} | {RangeError} if it is no address or no rule, or a
 *   proxy cannot keep it.
 * @throws {SocketError} as {@linkcode listen}.
 *
 * @example
 * ```ts
 * import { connect, listen } from "@anysock/anysock";
 * import { faultyProxy } from "@anysock/anysock/testing";
 *
 * await using server = await listen("127.0.0.1:0");
 * await using proxy = await faultyProxy(server.getSockName(), {
 *   up: { latencyMs: [1, 5], resetAtByte: 3 },
 * });
 * await using client = await connect(proxy.address);
 * await client.sendAll("hello");
 * const [taken] = await server.accept();
 * console.log(await taken.recvExactly(5).catch((error) => error.code)); // ECONNRESET
 * await taken.close();
 * ```
 */
export async function faultyProxy(
  target: AddressLike,
  options: FaultyProxyOptions = {},
): Promise<FaultyProxy> {
  checkOptions(options, OPTIONS);
  const { proto = "tcp", up = {}, down = {}, seed = 1 } = options;
  if (proto !== "tcp" && proto !== "udp") {
    throw new TypeError(`proto is "tcp" or "udp": ${show(proto)}`);
  }
  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(`A seed is an integer: ${show(seed)}`);
  }
  const { onEvent } = options;
  const runtime = chosenRuntime(options.runtime);
  if (onEvent !== undefined && typeof onEvent !== "function") {
    throw new TypeError(`onEvent is a function: ${show(onEvent)}`);
  }
  const wire = new ProxyWire({
    clock: runtime.clock,
    seed,
    up: checkProxyRules(up, proto, "up"),
    down: checkProxyRules(down, proto, "down"),
    onEvent,
  });
  const plan = { target, listen: options.listen ?? "127.0.0.1:0", runtime };
  const relay = proto === "udp"
    ? await openDatagrams(wire, plan)
    : await openStreams(wire, plan);
  return new Proxied(proto, wire, relay);
}

interface Plan {
  readonly target: AddressLike;
  readonly listen: AddressLike;
  readonly runtime: Runtime;
}

async function openStreams(
  wire: ProxyWire,
  { target, listen: address, runtime }: Plan,
): Promise<StreamRelay> {
  const end = toEndpoint(target, "any");
  const front = await listen(address, { abortive: true, runtime });
  return new StreamRelay(wire, front, end, runtime);
}

async function openDatagrams(
  wire: ProxyWire,
  { target, listen: address, runtime }: Plan,
): Promise<DatagramRelay> {
  const end = toEndpoint(target, "inet");
  const family = familyOf(toEndpoint(address, "inet"));
  const front = socket(family, SOCK_DGRAM, 0, { runtime });
  try {
    await front.bind(address);
  } catch (error) {
    await front.close();
    throw error;
  }
  return new DatagramRelay(wire, front, end, runtime);
}

class Proxied implements FaultyProxy {
  readonly address: Address;
  readonly #proto: ProxyProtocol;
  readonly #wire: ProxyWire;
  readonly #relay: StreamRelay | DatagramRelay;
  readonly #running: Promise<void>;

  constructor(
    proto: ProxyProtocol,
    wire: ProxyWire,
    relay: StreamRelay | DatagramRelay,
  ) {
    this.#proto = proto;
    this.#wire = wire;
    this.#relay = relay;
    this.address = relay.address;
    this.#running = relay.run();
  }

  get trace(): Trace {
    return this.#wire.trace;
  }

  get connections(): number {
    return this.#relay.size;
  }

  set(up: LinkRules, down: LinkRules = {}): void {
    const checked = checkProxyRules(up, this.#proto, "up");
    this.#wire.set(checked, checkProxyRules(down, this.#proto, "down"));
  }

  cut(): Undo {
    return this.#wire.cut();
  }

  reset(): void {
    this.#wire.remark("RESET");
    this.#relay.forget();
  }

  failNext(times = 1): void {
    if (!Number.isSafeInteger(times) || times < 0) {
      throw new RangeError(`times is how often: ${show(times)}`);
    }
    this.#relay.failNext(times);
  }

  async close(): Promise<void> {
    await this.#relay.close();
    await this.#running;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
