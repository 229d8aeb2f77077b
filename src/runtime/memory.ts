/**
 * A network in one object: hosts, names, ports and paths that exist in the
 * memory of the program alone. It keeps the rules of Linux, brings events in
 * a fixed order, and can cut and join the bytes on their way by a seed.
 *
 * @module
 */

import { type Clock, systemClock } from "../clock.ts";
import { checkOptions } from "../deadline.ts";
import { seededChance } from "./memory/chance.ts";
import { hostsOf, MemoryHost, type Net } from "./memory/host.ts";
import { type MemoryNames, memoryNames } from "./memory/names.ts";
import {
  checkRules,
  type LinkRules,
  mergeRules,
  type Rules,
} from "./memory/rules.ts";
import { TurnScheduler } from "./memory/scheduler.ts";
import type { Place, Wire } from "./memory/wire.ts";
import type { ResolvedHost } from "./seam/names.ts";
import type { Runtime } from "./seam/runtime.ts";

/** 64 KiB: what this network gives a direction, and a chunk, by default. */
const DEFAULT_BYTES = 65_536;

/** What a seed alone brings: chunks of all sizes, and writes as runtimes do. */
const CUTS: LinkRules = { shortWriteRate: 0.5, lateWriteRate: 0.5 };

/** How a memory network differs from an ordinary one. */
export interface MemoryNetworkOptions {
  /** The clock of its deadlines; default: the system's. */
  readonly clock?: Clock;
  /**
   * Cuts and joins chunks at random, lets writes take less than there is room
   * for, and lets some of them read the memory in a later turn, as Deno and
   * Node do. The same seed does the same again. Without one, everything that
   * fits goes at once and in one piece.
   */
  readonly seed?: number;
  /** Bytes of the largest chunk received; default 64 KiB. */
  readonly maxChunkBytes?: number;
  /**
   * Bytes that one direction of a connection holds before the writer waits;
   * default 64 KiB. Half of it is the receiver's.
   */
  readonly pipeBytes?: number;
  /**
   * The hosts besides this one, which is `localhost`: name → its numeric
   * addresses in the order in which a lookup gives them.
   */
  readonly hosts?: Readonly<Record<string, readonly string[]>>;
  /**
   * What goes wrong on the way, by the same `seed`, which is 1 where it is not
   * given; nothing by default. Delays are in real time.
   */
  readonly faults?: LinkRules;
  /** This host's name, DNS aliases and system files; default: none. */
  readonly names?: MemoryNames;
}

/**
 * A network in memory, to be given as `runtime`. Two networks know nothing of
 * each other. It holds no descriptor and keeps no process alive.
 *
 * @throws {TypeError} if a host's address is no numeric address.
 * @throws {RangeError} if a size is not a positive integer.
 *
 * @example
 * ```ts
 * import { connect, listen } from "@anysock/anysock";
 * import { memoryNetwork } from "@anysock/anysock/testing";
 *
 * const runtime = memoryNetwork({ hosts: { "db.test": ["10.0.0.7"] } });
 * await using listener = await listen("10.0.0.7:5432", { runtime });
 * await using client = await connect("db.test:5432", { runtime });
 * const [server] = await listener.accept();
 * await client.sendAll("hello");
 * console.log(await server.recv()); // 5 bytes
 * await server.close();
 * ```
 */
export function memoryNetwork(options: MemoryNetworkOptions = {}): Runtime {
  checkOptions(options, OPTIONS);
  return new OneHost(options).host;
}

const OPTIONS = [
  "clock",
  "seed",
  "maxChunkBytes",
  "pipeBytes",
  "hosts",
  "faults",
  "names",
] as const;

/** A network whose one host has every address. */
class OneHost implements Net {
  readonly wire: Wire;
  readonly host: MemoryHost;
  readonly #names: ReadonlyMap<string, readonly ResolvedHost[]>;

  constructor(options: MemoryNetworkOptions) {
    const maxChunkBytes = size("maxChunkBytes", options.maxChunkBytes);
    const pipeBytes = size("pipeBytes", options.pipeBytes);
    const clock = options.clock ?? systemClock;
    this.#names = readHosts(options.hosts ?? {});
    const { seed, faults = {} } = options;
    const rules = rulesOf(checkRules(faults), seed, maxChunkBytes, pipeBytes);
    const counts = new Map<string, number>();
    let busyUntil = 0;
    this.wire = {
      tasks: new TurnScheduler(clock),
      chance: seededChance(seed ?? 1),
      isReal: Object.keys(faults).length > 0,
      maxChunkBytes,
      version: 0,
      rules: () => rules,
      note: undefined,
      count: (name) => {
        const count = (counts.get(name) ?? 0) + 1;
        counts.set(name, count);
        return count;
      },
      busyUntil: () => busyUntil,
      occupy: (_from, _to, forMs) => {
        busyUntil = Math.max(busyUntil, clock.now()) + forMs;
      },
    };
    this.host = new MemoryHost({
      net: this,
      place: PLACE,
      name: "memory",
      addresses: [...this.#names.values()].flat(),
      clock,
      names: memoryNames(this.#names, options.names),
    });
  }

  hosts(): Iterable<MemoryHost> {
    return [this.host];
  }

  hostOf(): undefined {
    return undefined;
  }

  addressesOf(name: string): readonly ResolvedHost[] | undefined {
    return this.#names.get(name);
  }
}

/** It never ends. */
const PLACE: Place = {
  name: "localhost",
  isUp: true,
  isDead: false,
  run: (task) => task(),
};

/** What a network is told, in the words of the wire. */
function rulesOf(
  faults: LinkRules,
  seed: number | undefined,
  maxChunkBytes: number,
  pipeBytes: number,
): Rules {
  const cuts: LinkRules = seed === undefined
    ? {}
    : { ...CUTS, chunkBytes: [1, maxChunkBytes] };
  const rules = mergeRules([cuts, faults]);
  if (faults.windowBytes !== undefined) return rules;
  const windowBytes = Math.ceil(pipeBytes / 2);
  return { ...rules, windowBytes, sendBytes: pipeBytes - windowBytes };
}

function size(name: string, value: number | undefined): number {
  if (value === undefined) return DEFAULT_BYTES;
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new RangeError(`${name} must be a positive integer: ${value}`);
}

function readHosts(
  hosts: Readonly<Record<string, readonly string[]>>,
): ReadonlyMap<string, readonly ResolvedHost[]> {
  const names = new Map<string, readonly ResolvedHost[]>([
    ["localhost", hostsOf("localhost", ["::1", "127.0.0.1"])],
  ]);
  for (const [name, addresses] of Object.entries(hosts)) {
    names.set(name.toLowerCase(), hostsOf(name, addresses));
  }
  return names;
}
