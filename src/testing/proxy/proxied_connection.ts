/**
 * One connection through a proxy, from its client to the target.
 *
 * @module
 */

import type { Endpoint } from "../../address.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import { connect, type StreamSocket } from "../../socket/mod.ts";
import { Bell } from "./bell.ts";
import { Flow, type FlowEnd, type FlowOwner } from "./flow.ts";
import { placeOf, type ProxyWire } from "./proxy_wire.ts";

/** A connection, both ways. */
export class ProxiedConnection implements FlowOwner {
  readonly name: string;
  readonly #wire: ProxyWire;
  readonly #client: FlowEnd;
  #server: FlowEnd | undefined;
  #flows: readonly Flow[] = [];
  readonly #dialing = new AbortController();
  readonly #bell: Bell;
  #isOver = false;

  /** Begins with `run`. */
  constructor(wire: ProxyWire, name: string, client: StreamSocket) {
    this.#wire = wire;
    this.name = name;
    this.#client = { socket: client, place: placeOf(name) };
    this.#bell = new Bell(wire.clock);
  }

  /** Carries until both ways have ended, or one is broken. Never rejects. */
  async run(target: Endpoint, runtime: Runtime): Promise<void> {
    try {
      await this.#mayDial();
      if (this.#isOver) return;
      if (await this.#isTurnedAway()) return;
      await this.#dial(target, runtime);
      await this.#carry();
    } finally {
      await this.#close();
    }
  }

  /** Resets it at both ends, though the target has not let it in yet. */
  broken(): void {
    this.#isOver = true;
    this.#bell.ring();
    for (const flow of this.#flows) flow.stop();
    for (const end of [this.#client, this.#server]) breakOff(end?.socket);
  }

  /** The like, and the target is called no longer. */
  abandon(): void {
    this.broken();
    this.#dialing.abort();
  }

  /** Says to the other end, behind all else, that this one is gone. */
  refused(by: FlowEnd): void {
    const [up, down] = this.#flows;
    (by === this.#server ? down : up)?.breakBehind();
  }

  /** While the link is cut nobody gets through to the target. */
  async #mayDial(): Promise<void> {
    const forget = this.#wire.onChange(this.#bell.ring);
    while (this.#wire.isCut && !this.#isOver) await this.#bell.rung();
    forget();
  }

  /** Whether the rules keep it from the target. */
  async #isTurnedAway(): Promise<boolean> {
    const rule = this.#wire.of("up").connect;
    if (rule === undefined) return false;
    this.#say("CONNECT", true);
    if (rule === "reset") this.broken();
    else await heardOut(this.#client.socket);
    return true;
  }

  async #dial(target: Endpoint, runtime: Runtime): Promise<void> {
    this.#say("CONNECT", false);
    const { signal } = this.#dialing;
    try {
      const options = { abortive: true, runtime, signal };
      const socket = await connect(target, options);
      this.#server = { socket, place: this.#wire.target };
    } catch (error) {
      if (this.#isOver) return;
      const { code } = error as { code?: string };
      this.#wire.remark(`${this.name} cannot connect: ${code ?? error}`);
      this.broken();
    }
  }

  async #carry(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    if (this.#isOver) return breakOff(server.socket);
    this.#flows = [
      new Flow(this.#wire, this, "up", this.#client, server),
      new Flow(this.#wire, this, "down", server, this.#client),
    ];
    await Promise.all(this.#flows.map((flow) => flow.run()));
  }

  async #close(): Promise<void> {
    const ends = [this.#client, this.#server];
    await Promise.all(ends.map((end) => end?.socket.close()));
  }

  #say(what: string, isLost: boolean): void {
    const { place } = this.#client;
    this.#wire.note(place, this.#wire.target, what, undefined, isLost);
  }
}

/** Reads and drops what comes until it ends, however it does. */
async function heardOut(socket: StreamSocket): Promise<void> {
  while (await socket.recv().catch(() => null) !== null);
}

/** Sends RST; a Unix-domain socket has none, and is closed. */
function breakOff(socket: StreamSocket | undefined): void {
  try {
    socket?.reset();
  } catch {
    void socket?.close({ lingerMs: 0 });
  }
}
