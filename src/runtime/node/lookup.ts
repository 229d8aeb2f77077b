/**
 * `getaddrinfo`, through `node:dns`.
 *
 * @module
 */

import type { ResolvedHost } from "../seam/names.ts";
import { Fault } from "../seam/fault.ts";
import { builtinsReady } from "./builtins.ts";
import { lookupFault } from "./error_mapping.ts";
import { dnsModule } from "./native.ts";

/**
 * The addresses of a name, in `getaddrinfo`'s order.
 *
 * @throws {Fault} `EAI_NONAME` or another `EAI_…`, by rejecting.
 */
export function lookupNode(
  hostname: string,
  family: 0 | 4 | 6,
): Promise<readonly ResolvedHost[]> {
  // Bun takes it for a name of this host.
  if (hostname === "*") return Promise.reject(new Fault("EAI_NONAME"));
  const loading = builtinsReady();
  if (loading !== undefined) {
    return loading.then(() => lookupNode(hostname, family));
  }
  return new Promise((resolve, reject) => {
    const options = { all: true, family, order: "verbatim" };
    try {
      dnsModule().lookup(hostname, options, (error, addresses) => {
        if (error) return reject(lookupFault(error));
        if (addresses.length === 0) return reject(new Fault("EAI_NONAME"));
        resolve(addresses.map(({ address }) => ({
          family: address.includes(":") ? "ipv6" : "ipv4",
          hostname: address,
        })));
      });
    } catch (error) {
      reject(lookupFault(error));
    }
  });
}
