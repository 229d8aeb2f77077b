/**
 * Datagrams through a proxy: each client has a socket of its own towards the
 * target, by which answers find back.
 *
 * @module
 */

import { type Endpoint, formatAddress } from "../../address.ts";
import { SOCK_DGRAM } from "../../constants.ts";
import type { Address, Bytes, InetAddress } from "../../contracts.ts";
import { post } from "../../runtime/memory/post.ts";
import type { Place } from "../../runtime/memory/wire.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import { familyOf } from "../../socket/family.ts";
import { type DatagramSocket, socket } from "../../socket/mod.ts";
import { placeOf, type ProxyWire } from "./proxy_wire.ts";

/** Of more clients than these, those unheard of for longest are forgotten. */
const MOST_CLIENTS = 1_024;

/** Chance must not depend on the ports that a kernel chooses. */
const NOWHERE: InetAddress = { family: "ipv4", hostname: "", port: 0 };

interface Client {
  readonly place: Place;
  readonly address: Address;
  readonly towards: DatagramSocket;
  /** Settles when `towards` has its peer; never rejects. */
  readonly ready: Promise<void>;
}

/** Carries datagrams between clients and one target. */
export class DatagramRelay {
  readonly #wire: ProxyWire;
  readonly #front: DatagramSocket;
  readonly #target: Endpoint;
  readonly #runtime: Runtime;
  readonly #clients: Map<string, Client> = new Map();
  #toDrop = 0;
  #known = 0;

  /** Begins with `run`; `front` must be bound. */
  constructor(
    wire: ProxyWire,
    front: DatagramSocket,
    target: Endpoint,
    runtime: Runtime,
  ) {
    this.#wire = wire;
    this.#front = front;
    this.#target = target;
    this.#runtime = runtime;
  }

  /** Where clients send to. */
  get address(): Address {
    return this.#front.getSockName();
  }

  /** How many clients it knows. */
  get size(): number {
    return this.#clients.size;
  }

  /** Carries until it is closed. */
  async run(): Promise<void> {
    while (!this.#front.isClosed) {
      const got = await this.#front.recvFrom().catch(() => undefined);
      if (got !== undefined) this.#up(...got);
    }
  }

  /** The next so many datagrams of clients are lost. */
  failNext(times: number): void {
    this.#toDrop = times;
  }

  /** Forgets all clients: what comes back for them is lost. */
  forget(): void {
    for (const client of [...this.#clients.values()]) this.#drop(client);
  }

  /** Stops, and releases all sockets. */
  async close(): Promise<void> {
    const all = [...this.#clients.values()].map(({ towards }) => towards);
    this.forget();
    await Promise.all([this.#front, ...all].map((each) => each.close()));
  }

  #up(data: Bytes, from: Address): void {
    const client = this.#clientAt(from);
    if (this.#toDrop > 0) {
      this.#toDrop--;
      this.#wire.note(client.place, this.#wire.target, "UDP", data, true);
      return;
    }
    this.#post(client.place, this.#wire.target, data, (bytes) => {
      client.ready.then(() => ignored(client.towards.send(bytes)));
    });
  }

  #down(client: Client, data: Bytes): void {
    this.#post(this.#wire.target, client.place, data, (bytes) => {
      ignored(this.#front.sendTo(bytes, client.address));
    });
  }

  #post(from: Place, to: Place, data: Bytes, arrive: (data: Bytes) => void) {
    post(this.#wire, from, to, NOWHERE, data, (bytes) => {
      if (!this.#front.isClosed) arrive(bytes);
    });
  }

  #clientAt(address: Address): Client {
    const key = formatAddress(address);
    const client = this.#clients.get(key) ?? this.#welcome(address);
    // The one that was heard of last comes last.
    this.#clients.delete(key);
    this.#clients.set(key, client);
    const [oldest] = this.#clients.values();
    if (oldest && this.#clients.size > MOST_CLIENTS) this.#drop(oldest);
    return client;
  }

  #welcome(address: Address): Client {
    const family = familyOf(this.#target);
    const towards = socket(family, SOCK_DGRAM, 0, { runtime: this.#runtime });
    const place = placeOf(`c${++this.#known}`);
    const ready = towards.connect(this.#target).catch((error) => {
      if (towards.isClosed) return;
      this.#wire.remark(`${place.name} cannot connect: ${error.code ?? error}`);
    });
    const client = { place, address, towards, ready };
    void ready.then(() => this.#listen(client));
    return client;
  }

  async #listen(client: Client): Promise<void> {
    const { towards } = client;
    while (!towards.isClosed) {
      // A refusal that the kernel tells is no datagram: nobody gets it.
      const data = await towards.recv().catch(() => undefined);
      if (data !== undefined) this.#down(client, data);
    }
  }

  #drop(client: Client): void {
    this.#clients.delete(formatAddress(client.address));
    void client.towards.close();
  }
}

/** A datagram that cannot be sent is one that gets lost. */
function ignored(sending: Promise<number>): void {
  sending.catch(() => {});
}
