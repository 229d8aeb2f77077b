/**
 * Small programs that several tests of the simulation run.
 *
 * @module
 */

import { AF_INET, connect, listen, SOCK_DGRAM, socket } from "../../mod.ts";
import type { Host, Simulation } from "../../src/testing/mod.ts";

/** Echoes what comes, to as many as come. */
export async function echo(address: string): Promise<never> {
  const listener = await listen(address);
  while (true) {
    const [client] = await listener.accept();
    void (async () => {
      try {
        for await (const chunk of client) await client.sendAll(chunk);
      } catch {
        // A client that breaks off is no failure of the server.
      }
      await client.close();
    })();
  }
}

/** Answers datagrams with what they hold. */
export async function echoDatagrams(port: number): Promise<never> {
  const sock = socket(AF_INET, SOCK_DGRAM);
  await sock.bind(["0.0.0.0", port]);
  while (true) {
    const [data, from] = await sock.recvFrom();
    await sock.sendTo(data, from);
  }
}

/** A request and its answer, over a connection of its own. */
export async function ask(
  address: string,
  text: string,
  timeoutMs?: number,
): Promise<string> {
  const wait = timeoutMs === undefined ? {} : { timeoutMs };
  const sock = await connect(address, wait);
  try {
    await sock.sendAll(text);
    const answer = await sock.recvExactly(text.length, wait);
    return new TextDecoder().decode(answer);
  } finally {
    await sock.close({ lingerMs: 0 });
  }
}

/** A server and a client that knows it as `server:7`. */
export function twoHosts(sim: Simulation): { server: Host; client: Host } {
  const server = sim.host("server", () => echo("0.0.0.0:7"));
  const client = sim.host("client");
  return { server, client };
}
