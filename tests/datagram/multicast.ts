/** A multicast group on the loopback interface. */

import {
  AF_INET,
  type DatagramSocket,
  IP_ADD_MEMBERSHIP,
  IP_MULTICAST_IF,
  IP_MULTICAST_TTL,
  IPPROTO_IP,
  SO_REUSEADDR,
  SOCK_DGRAM,
  socket,
  SOL_SOCKET,
} from "../../mod.ts";

/** The group: of those that stay within an organisation (RFC 2365). */
export const GROUP = "239.192.7.7";
const LOOPBACK = "127.0.0.1";

/** A socket that sends to groups by the loopback interface. */
export async function groupSender(): Promise<DatagramSocket> {
  const sock = socket(AF_INET, SOCK_DGRAM);
  sock.setSockOpt(IPPROTO_IP, IP_MULTICAST_IF, { interface: LOOPBACK });
  sock.setSockOpt(IPPROTO_IP, IP_MULTICAST_TTL, 1);
  await sock.bind(["", 0]);
  return sock;
}

/** A socket that hears the group. */
export async function groupListener(): Promise<DatagramSocket> {
  const sock = socket(AF_INET, SOCK_DGRAM);
  sock.setSockOpt(SOL_SOCKET, SO_REUSEADDR, 1);
  const membership = { group: GROUP, interface: LOOPBACK };
  sock.setSockOpt(IPPROTO_IP, IP_ADD_MEMBERSHIP, membership);
  await sock.bind(["", 0]);
  return sock;
}
