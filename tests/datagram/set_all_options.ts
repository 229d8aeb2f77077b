/** Sets every option there is, and prints the reasons of those refused. */

import * as c from "../../mod.ts";

const refused: string[] = [];

type Row = readonly [level: number, name: number, value: c.OptionValue];

function set(sock: c.DatagramSocket, row: Row): void {
  try {
    sock.setSockOpt(...row);
  } catch (error) {
    const { code, message } = error as c.SocketError;
    if (code !== "ENOPROTOOPT") throw error;
    refused.push(message.replace(/^.*?: /, ""));
  }
}

const group = { group: "239.7.7.9", interface: "127.0.0.1" };
const source = { ...group, group: "232.7.7.9", source: "127.0.0.1" };
const group6 = { group: "ff02::1234", interface: "lo" };

const before: readonly Row[] = [
  [c.SOL_SOCKET, c.SO_REUSEADDR, 1],
  [c.SOL_SOCKET, c.SO_REUSEPORT, 1],
  [c.SOL_SOCKET, c.SO_RCVBUF, 50_000],
  [c.SOL_SOCKET, c.SO_SNDBUF, 60_000],
];
const after4: readonly Row[] = [
  [c.SOL_SOCKET, c.SO_BROADCAST, 1],
  [c.IPPROTO_IP, c.IP_TTL, 7],
  [c.IPPROTO_IP, c.IP_MULTICAST_TTL, 3],
  [c.IPPROTO_IP, c.IP_MULTICAST_LOOP, 0],
  [c.IPPROTO_IP, c.IP_MULTICAST_IF, c.INADDR_LOOPBACK],
  [c.IPPROTO_IP, c.IP_ADD_MEMBERSHIP, group],
  [c.IPPROTO_IP, c.IP_DROP_MEMBERSHIP, group],
  [c.IPPROTO_IP, c.IP_ADD_SOURCE_MEMBERSHIP, source],
  [c.IPPROTO_IP, c.IP_DROP_SOURCE_MEMBERSHIP, source],
];
const before6: readonly Row[] = [[c.IPPROTO_IPV6, c.IPV6_V6ONLY, 1]];
const after6: readonly Row[] = [
  [c.IPPROTO_IPV6, c.IPV6_UNICAST_HOPS, 7],
  [c.IPPROTO_IPV6, c.IPV6_MULTICAST_HOPS, 3],
  [c.IPPROTO_IPV6, c.IPV6_MULTICAST_LOOP, 0],
  [c.IPPROTO_IPV6, c.IPV6_MULTICAST_IF, 1],
  [c.IPPROTO_IPV6, c.IPV6_JOIN_GROUP, group6],
  [c.IPPROTO_IPV6, c.IPV6_LEAVE_GROUP, group6],
];

async function run(
  family: c.AddressFamily,
  first: readonly Row[],
  then: readonly Row[],
): Promise<void> {
  const sock = c.socket(family, c.SOCK_DGRAM);
  for (const row of first) set(sock, row);
  await sock.bind([family === c.AF_INET ? "127.0.0.1" : "::1", 0]);
  for (const row of then) set(sock, row);
  await sock.close();
}

await run(c.AF_INET, before, after4);
await run(c.AF_INET6, before6, after6);
console.log(JSON.stringify(refused));
