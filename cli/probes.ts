/**
 * What can be tried on a machine without leaving it.
 *
 * @module
 */

import {
  type AddressLike,
  AF_INET,
  AF_INET6,
  connect,
  currentRuntime,
  getAddrInfo,
  listen,
  SOCK_DGRAM,
  SOCK_STREAM,
  socket,
  SocketError,
  systemCertificates,
} from "../mod.ts";

/** What a probe has found. */
export interface Finding {
  /** What was tried. */
  readonly what: string;
  /** Whether it works. */
  readonly ok: boolean;
  /** What it came to, or why it does not work. */
  readonly detail: string;
  /** Whether hardly anything goes without it. */
  readonly isNeeded: boolean;
}

type Probe = () => Promise<Finding>;

const PATIENCE_MS = 2000;

/** What is tried, in order. */
export const PROBES: readonly Probe[] = [
  probe("TCP over IPv4", true, () => greet("127.0.0.1:0")),
  probe("TCP over IPv6", false, () => greet("[::1]:0")),
  probe("Unix sockets", false, () => greet(unixAddress())),
  probe("UDP over IPv4", false, () => post(AF_INET, "127.0.0.1")),
  probe("UDP over IPv6", false, () => post(AF_INET6, "::1")),
  probe("names: localhost", true, lookUp),
  probe("roots for TLS", false, countRoots),
  probe("descriptors", false, countDescriptors),
];

function probe(
  what: string,
  isNeeded: boolean,
  attempt: () => Promise<string>,
): Probe {
  return async () => {
    try {
      return { what, ok: true, detail: await attempt(), isNeeded };
    } catch (error) {
      return { what, ok: false, detail: reasonOf(error), isNeeded };
    }
  };
}

function reasonOf(error: unknown): string {
  const { message } = error as Error;
  return error instanceof SocketError ? `${message} (${error.code})` : message;
}

/** Where there is no `/tmp` it says so itself. */
function unixAddress(): AddressLike {
  return { path: `/tmp/anysock-doctor-${currentRuntime().host?.pid}` };
}

/** A connection, a byte there and back. */
async function greet(address: AddressLike): Promise<string> {
  const server = await listen(address);
  try {
    const start = performance.now();
    const wait = { timeoutMs: PATIENCE_MS };
    const client = await connect(server.getSockName(), wait);
    const [peer] = await server.accept(wait);
    await client.sendAll("?", wait);
    await peer.sendAll(await peer.recvExactly(1, wait), wait);
    await client.recvExactly(1, wait);
    const ms = performance.now() - start;
    await Promise.all([client.close(), peer.close()]);
    return `connected and answered in ${ms.toFixed(1)} ms`;
  } finally {
    await server.close();
  }
}

/** A datagram to oneself. */
async function post(
  family: typeof AF_INET | typeof AF_INET6,
  host: string,
): Promise<string> {
  const sock = socket(family, SOCK_DGRAM);
  try {
    await sock.bind([host, 0]);
    await sock.sendTo("?", sock.getSockName());
    await sock.recvFrom({ timeoutMs: PATIENCE_MS });
    return "a datagram came back";
  } finally {
    await sock.close();
  }
}

async function lookUp(): Promise<string> {
  const found = await getAddrInfo("localhost", 0, {
    type: SOCK_STREAM,
    timeoutMs: PATIENCE_MS,
  });
  return found.map(({ address }) => address.hostname).join(", ");
}

async function countRoots(): Promise<string> {
  return `${(await systemCertificates()).length} of the system`;
}

/** Each connection takes one. */
function countDescriptors(): Promise<string> {
  const { host } = currentRuntime();
  const limit = host?.descriptorLimit()?.soft;
  const open = host?.openDescriptors();
  if (limit === undefined) throw new Error("their limit cannot be read here");
  return Promise.resolve(`${open ?? "?"} of ${limit} are open`);
}
