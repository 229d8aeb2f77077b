/**
 * Laws of datagram sockets: what they are run over, and what runs one.
 *
 * @module
 */

import type { AddressFamily } from "../constants.ts";
import { AF_INET, AF_INET6, AF_UNIX, SOCK_DGRAM } from "../constants.ts";
import type { Address, AddressLike } from "../contracts.ts";
import type { Runtime } from "../runtime/seam/runtime.ts";
import type { Feature } from "../runtime/seam/supports.ts";
import { memoryNetwork } from "../runtime/memory.ts";
import type { DatagramSocket } from "../socket/mod.ts";
import { checkLaw, type CheckOptions } from "./law.ts";
import { socket } from "./library.ts";

/** What a law may need that not every datagram socket has. */
export type DatagramTrait = Feature | "ports";

/** One kind of datagram socket on one runtime. */
export interface DatagramMaker {
  /** Such as `"udp4"`. */
  readonly name: string;
  /** What serves its sockets. */
  readonly runtime: Runtime;
  /** The family of its sockets. */
  readonly family: AddressFamily;
  /** Where to bind: port 0, or a path that nobody has yet. */
  freshAddress(): AddressLike;
}

/** What a law works with. All sockets are closed when the law ends. */
export interface DatagramBench {
  /** What the law is run over. */
  readonly maker: DatagramMaker;
  /** A socket that is not bound. */
  socket(): DatagramSocket;
  /** A bound socket. */
  bound(): Promise<DatagramSocket>;
  /** Two bound sockets and their addresses. */
  pair(): Promise<DatagramPair>;
}

/** Two bound sockets. */
export interface DatagramPair {
  /** The one that sends, mostly. */
  readonly from: DatagramSocket;
  /** The one that receives. */
  readonly to: DatagramSocket;
  /** Where the sender is bound. */
  readonly source: Address;
  /** Where the receiver is bound. */
  readonly target: Address;
}

/** A promise of the library about datagram sockets. */
export interface DatagramLaw {
  /** *Subject does what when*. */
  readonly name: string;
  /** What the socket or its runtime must have. */
  readonly needs?: readonly DatagramTrait[];
  /** Rejects if the promise is broken. */
  run(bench: DatagramBench): Promise<void>;
}

/** UDP over the IPv4 loopback address. */
export function udp4Maker(runtime: Runtime): DatagramMaker {
  const freshAddress = () => "127.0.0.1:0";
  return { name: "udp4", runtime, family: AF_INET, freshAddress };
}

/** UDP over the IPv6 loopback address. */
export function udp6Maker(runtime: Runtime): DatagramMaker {
  const freshAddress = () => "[::1]:0";
  return { name: "udp6", runtime, family: AF_INET6, freshAddress };
}

/** Unix datagrams; `freshPath` gives a path that nobody has yet. */
export function unixgramMaker(
  runtime: Runtime,
  freshPath: () => string,
): DatagramMaker {
  const freshAddress = () => ({ path: freshPath() });
  return { name: "unixgram", runtime, family: AF_UNIX, freshAddress };
}

/** UDP over a network in memory. */
export function memoryUdpMaker(): DatagramMaker {
  return { ...udp4Maker(memoryNetwork()), name: "memory" };
}

/**
 * Why a law cannot be run over a kind of socket; `undefined` if it can.
 *
 * @example
 * ```ts
 * import {
 *   datagramLaws,
 *   memoryUdpMaker,
 *   whyNotDatagram,
 * } from "@anysock/anysock/testing";
 *
 * const maker = memoryUdpMaker();
 * console.log(datagramLaws.filter((law) => whyNotDatagram(law, maker)).length);
 * ```
 */
export function whyNotDatagram(
  law: DatagramLaw,
  { family, runtime }: DatagramMaker,
): string | undefined {
  for (const need of law.needs ?? []) {
    if (need === "ports") {
      if (family === AF_UNIX) return "a Unix address has no port";
      continue;
    }
    const support = runtime.supports[need];
    if (typeof support === "string") return support;
  }
  return undefined;
}

/**
 * Runs one law over one kind of datagram socket, bounded in time, closes what
 * it made, and counts the library's handles before and after.
 *
 * @throws {LawBroken} if the law does not hold, does not end in time, or
 *   leaves a handle open; what the law's own calls rejected with otherwise.
 *
 * @example
 * ```ts
 * import {
 *   checkDatagramLaw,
 *   datagramLaws,
 *   memoryUdpMaker,
 * } from "@anysock/anysock/testing";
 *
 * const [law] = datagramLaws;
 * if (law) await checkDatagramLaw(law, memoryUdpMaker());
 * ```
 */
export function checkDatagramLaw(
  law: DatagramLaw,
  maker: DatagramMaker,
  options: CheckOptions = {},
): Promise<void> {
  return checkLaw(
    {
      name: law.name,
      run: (bench) =>
        law.run(new Bench(maker, (handle) => void bench.keep(handle))),
    },
    maker,
    options,
  );
}

class Bench implements DatagramBench {
  readonly maker: DatagramMaker;
  readonly #keep: (handle: DatagramSocket) => void;

  constructor(maker: DatagramMaker, keep: (handle: DatagramSocket) => void) {
    this.maker = maker;
    this.#keep = keep;
  }

  socket(): DatagramSocket {
    const { family, runtime } = this.maker;
    const made = socket(family, SOCK_DGRAM, 0, { runtime });
    this.#keep(made);
    return made;
  }

  async bound(): Promise<DatagramSocket> {
    const made = this.socket();
    await made.bind(this.maker.freshAddress());
    return made;
  }

  async pair(): Promise<DatagramPair> {
    const [from, to] = [await this.bound(), await this.bound()];
    return {
      from,
      to,
      source: from.getSockName(),
      target: to.getSockName(),
    };
  }
}
