/**
 * One attempt to connect in a network in memory: it is let in, refused or
 * given up, once.
 *
 * @module
 */

import { Fault } from "../seam/fault.ts";
import type { RawStream } from "../seam/stream.ts";
import type { Caller, MemoryListener } from "./listener.ts";
import type { Protocol } from "./rules.ts";
import type { MemoryStream } from "./stream.ts";
import { carry, latencyOf, type Place, type Wire } from "./wire.ts";

/** `TCP_TIMEOUT_INIT` of Linux: a SYN is sent again after a second. */
const SYN_RTO_MS = 1_000;

/** `net.ipv4.tcp_syn_retries` and `tcp_synack_retries`: 127 s, and 63 s. */
const SYN_TRIES = 6;
const SYN_ACK_TRIES = 5;

/** Who calls whom. */
export interface CallOptions {
  readonly wire: Wire;
  readonly from: Place;
  readonly to: Place;
  readonly proto: Protocol;
  readonly port: number;
  /** What chance knows it by. */
  readonly name: string;
  readonly signal: AbortSignal | undefined;
  /** Who listens there now; throws a Fault if nobody does. */
  readonly find: () => MemoryListener;
  /** Makes the two ends; throws a Fault if it cannot. */
  readonly connect: (
    listener: MemoryListener,
  ) => [client: MemoryStream, server: MemoryStream];
  /** Called when it is over. */
  readonly ended: (call: Call) => void;
}

/** One attempt to connect. */
export class Call implements Caller {
  /** Settles with what comes of it. */
  readonly result: Promise<RawStream>;
  readonly #options: CallOptions;
  #resolve!: (stream: RawStream) => void;
  #reject!: (reason: unknown) => void;
  #listener: MemoryListener | undefined;
  #client: MemoryStream | undefined;
  isOver = false;
  #stop: () => void = () => {};

  /** Begins at once. */
  constructor(options: CallOptions) {
    this.#options = options;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const { signal, wire } = options;
    signal?.addEventListener("abort", this.#giveUp);
    if (signal?.aborted) this.#giveUp();
    else if (wire.isReal) this.#dial();
    else wire.tasks.run(() => this.isOver || this.#ask());
  }

  // ---- where nothing gets lost

  /** Finds the listener and asks it; a Fault of either ends the attempt. */
  #ask(): void {
    try {
      this.#listener = this.#options.find();
      this.#listener.call(this);
    } catch (error) {
      this.#end(error);
    }
  }

  admit(): MemoryStream | undefined {
    if (this.#listener === undefined) return undefined;
    try {
      const [client, server] = this.#options.connect(this.#listener);
      this.#settle();
      this.#resolve(client);
      return server;
    } catch (error) {
      this.#end(error);
      return undefined;
    }
  }

  refuse(): void {
    this.#end(new Fault("ECONNREFUSED"));
  }

  // ---- by packets

  #dial(): void {
    const { wire, from, to, proto, port, name } = this.#options;
    const { connect, minLatencyMs } = wire.rules(from, to, proto, port);
    const isHit = connect !== undefined &&
      wire.chance.strikes(1, `${connect} ${name}`);
    if (isHit && connect === "unreachable") {
      const tell = () => this.#end(new Fault("EHOSTUNREACH"));
      wire.tasks.after(minLatencyMs, tell);
      return;
    }
    this.#stop = carry(wire, {
      from,
      to,
      proto,
      port,
      key: `${name} SYN`,
      what: "SYN",
      rtoMs: SYN_RTO_MS,
      tries: SYN_TRIES,
      isSwallowed: isHit && connect === "silent",
      arrive: () => this.#knock(),
      giveUp: () => this.#end(new Fault("ETIMEDOUT")),
    });
    if (isHit && connect === "refuse") this.#knock = () => this.#refuse();
    if (isHit && connect === "reset") this.#isDoomed = true;
  }

  #isDoomed = false;

  /** The SYN is there. */
  #knock: () => boolean = () => {
    const { wire, from, to, proto, port, find } = this.#options;
    try {
      const listener = find();
      const { backlog } = wire.rules(from, to, proto, port);
      // A full queue drops a SYN, as if it had never come.
      if (!listener.promise(backlog)) return false;
      this.#shake(listener);
      return true;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return this.#refuse(error);
    }
  };

  /** A RST comes back, or whatever the fault says. */
  #refuse(fault: Fault = new Fault("ECONNREFUSED")): boolean {
    const { wire, from, to, proto, port, name } = this.#options;
    const rules = wire.rules(to, from, proto, port);
    wire.note?.(to, from, "RST", undefined, rules.isCut);
    if (rules.isCut) return false;
    const delayMs = latencyOf(wire, rules, `${name} RST`);
    wire.tasks.after(delayMs, () => this.#end(fault));
    return true;
  }

  #shake(listener: MemoryListener): void {
    const { wire, from, proto, port, name } = this.#options;
    let ends: [client: MemoryStream, server: MemoryStream];
    try {
      ends = this.#options.connect(listener);
    } catch (error) {
      listener.take(undefined);
      throw error;
    }
    const [client, server] = ends;
    this.#client = client;
    // Not `to`, which may have started anew since the first SYN.
    const { place } = listener;
    const packet = { from: place, to: from, proto, port, rtoMs: SYN_RTO_MS };
    carry(wire, {
      ...packet,
      key: `${name} SYN-ACK`,
      what: "SYN-ACK",
      tries: SYN_ACK_TRIES,
      arrive: () => {
        // Who gave up meanwhile has sent a RST.
        if (!this.isOver) this.#connected(client);
        this.#acknowledge(listener, server);
        return true;
      },
      giveUp: () => {
        listener.take(undefined);
        server.timedOut();
        this.#end(new Fault("ETIMEDOUT"));
      },
    });
  }

  #connected(client: MemoryStream): void {
    this.#settle();
    if (this.#isDoomed) client.receiveReset();
    this.#options.from.run(() => this.#resolve(client));
  }

  /** The end of the handshake: the server's program may have it now. */
  #acknowledge(listener: MemoryListener, server: MemoryStream): void {
    const { wire, from, to, proto, port, name } = this.#options;
    carry(wire, {
      from,
      to,
      proto,
      port,
      key: `${name} ACK`,
      what: "ACK",
      rtoMs: SYN_RTO_MS,
      tries: SYN_ACK_TRIES,
      arrive: () => {
        if (this.#isDoomed) server.receiveReset();
        listener.take(server);
        return true;
      },
      giveUp: () => listener.take(undefined),
    });
  }

  // ---- its end

  readonly #giveUp = (): void => {
    this.#listener?.hangUp(this);
    this.#stop();
    this.#client?.reset();
    this.#end(this.#options.signal?.reason);
  };

  #end(reason: unknown): void {
    if (this.isOver) return;
    this.#settle();
    this.#options.from.run(() => this.#reject(reason));
  }

  #settle(): void {
    this.isOver = true;
    this.#options.signal?.removeEventListener("abort", this.#giveUp);
    this.#options.ended(this);
  }
}
