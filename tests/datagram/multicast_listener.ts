/** Joins the group, prints its port, then the first datagram and its sender. */

import { formatAddress } from "../../mod.ts";
import { groupListener } from "./multicast.ts";

const sock = await groupListener();
console.log(`${(sock.getSockName() as { port: number }).port}`);
const [data, address] = await sock.recvFrom({ timeoutMs: 10_000 });
console.log(new TextDecoder().decode(data), formatAddress(address));
await sock.close();
