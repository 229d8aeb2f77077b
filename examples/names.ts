/**
 * Tells what this system knows of a host and a service.
 *
 *     deno run --allow-net --allow-sys --allow-read=/etc examples/names.ts localhost http
 *     bun examples/names.ts localhost http
 *     node examples/names.ts localhost http     (Node 22.18; on 20: .mjs)
 */

import {
  formatAddress,
  getAddrInfo,
  getHostByNameEx,
  getHostName,
  getNameInfo,
  getServByName,
  SOCK_STREAM,
  SocketError,
} from "anysock";

const [host = "localhost", service = "http"] = process.argv.slice(2);
const patience = { timeoutMs: 5_000 };

try {
  console.log(`This is ${getHostName()}`);

  const { hostname, aliases } = await getHostByNameEx(host, patience);
  const also = aliases.length > 0 ? `, also ${aliases.join(", ")}` : "";
  console.log(`${host} is ${hostname}${also}`);

  const port = await getServByName(service, "tcp", patience);
  console.log(`${service} is port ${port}`);

  const hints = { type: SOCK_STREAM, ...patience };
  for (const { address } of await getAddrInfo(host, port, hints)) {
    const [name, what] = await getNameInfo(address, 0, patience);
    console.log(`${formatAddress(address)} is ${what} of ${name}`);
  }
} catch (error) {
  if (!(error instanceof SocketError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
}
