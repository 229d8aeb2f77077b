/**
 * The race for one of a name's addresses, the way RFC 8305 ("Happy Eyeballs")
 * asks for.
 *
 * @module
 */

import type { Timer } from "../../clock.ts";
import type { InetAddress } from "../../contracts.ts";
import type { ResolvedHost } from "../../runtime/seam/names.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import type {
  RawConnectOptions,
  RawStream,
} from "../../runtime/seam/stream.ts";
import { Fault } from "../../runtime/seam/fault.ts";

/** RFC 8305 §5: so long an attempt has before the next one joins, in ms. */
const ATTEMPT_DELAY_MS = 250;

/** What every attempt is told besides the address. */
export type AttemptOptions = Pick<
  RawConnectOptions,
  "localAddress" | "abortive" | "keepAliveIdle"
>;

/** RFC 8305 §4: the first family stays first; then one of each in turn. */
export function interleave(
  hosts: readonly ResolvedHost[],
): readonly ResolvedHost[] {
  const lead = hosts.filter(({ family }) => family === hosts[0]?.family);
  const other = hosts.filter(({ family }) => family !== hosts[0]?.family);
  const turns = Math.max(lead.length, other.length);
  return Array.from({ length: turns }, (_, i) => [lead[i], other[i]])
    .flat()
    .filter((host) => host !== undefined);
}

/** Attempts that overlap; the first to connect wins, the others are undone. */
export class Race {
  readonly #runtime: Runtime;
  readonly #addresses: readonly InetAddress[];
  readonly #options: AttemptOptions;
  readonly #outer: AbortSignal | undefined;
  readonly #losers = new AbortController();
  readonly #faults: Fault[] = [];
  #next = 0;
  #pending = 0;
  #timer: Timer | undefined;
  #isOver = false;
  #resolve: (stream: RawStream) => void = () => {};
  #reject: (reason: unknown) => void = () => {};

  /** A race that `outer` ends; run it once. */
  constructor(
    runtime: Runtime,
    addresses: readonly InetAddress[],
    options: AttemptOptions,
    outer: AbortSignal | undefined,
  ) {
    this.#runtime = runtime;
    this.#addresses = addresses;
    this.#options = options;
    this.#outer = outer;
  }

  /**
   * The stream that won. Rejects with a Fault or with what `outer` was aborted
   * with, and only when nothing of the attempts is left.
   */
  run(): Promise<RawStream> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#outer?.addEventListener("abort", this.#onAbort);
      this.#start();
    });
  }

  readonly #onAbort = (): void => {
    this.#finish();
    this.#late();
  };

  /** The race is over: the last to give up after an abort tells it. */
  #late(): void {
    if (this.#pending > 0 || this.#outer?.aborted !== true) return;
    this.#reject(this.#outer.reason);
  }

  /** Starts the next attempt and gives it a head start. */
  #start(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const address = this.#addresses[this.#next++];
    if (address === undefined) return;
    this.#pending++;
    const { signal } = this.#losers;
    void connectWith(this.#runtime, { address, signal, ...this.#options })
      .then((stream) => this.#won(stream), (error) => this.#lost(error));
    this.#timer = this.#runtime.clock.start(
      ATTEMPT_DELAY_MS,
      () => this.#start(),
    );
  }

  #won(stream: RawStream): void {
    if (this.#isOver) {
      void discard(stream).then(() => this.#lost(undefined));
      return;
    }
    this.#pending--;
    this.#finish();
    this.#resolve(stream);
  }

  #lost(error: unknown): void {
    this.#pending--;
    if (this.#isOver) return this.#late();
    if (!(error instanceof Fault)) {
      this.#finish();
      return this.#reject(error);
    }
    this.#faults.push(error);
    if (this.#next < this.#addresses.length) return this.#start();
    if (this.#pending > 0) return;
    this.#finish();
    this.#reject(this.#verdict());
  }

  /** The first failure speaks; all of them are in its cause. */
  #verdict(): Fault {
    const causes = this.#faults.map((fault) => fault.cause ?? fault.code);
    const [first] = this.#faults;
    const all = new AggregateError(causes, "every address failed");
    const { code = "EAI_NONAME", reason, isLocal } = first ?? {};
    return new Fault(code, all, reason, isLocal);
  }

  #finish(): void {
    this.#isOver = true;
    this.#timer?.cancel();
    this.#outer?.removeEventListener("abort", this.#onAbort);
    this.#losers.abort();
  }
}

/** A runtime may throw what it should reject with. */
async function connectWith(
  runtime: Runtime,
  options: RawConnectOptions,
): Promise<RawStream> {
  return await runtime.connect(options);
}

/**
 * A stream that nobody wants: its events go nowhere, its descriptor away.
 * Settles when that is released.
 */
export function discard(stream: RawStream): Promise<void> {
  return new Promise((resolve) => {
    stream.attach({
      data: () => true,
      end: () => {},
      failed: () => {},
      writable: () => {},
      closed: resolve,
    });
    try {
      stream.reset();
    } catch {
      // This runtime cannot send RST; a FIN says as much: nobody is here.
      stream.close();
    }
  });
}
