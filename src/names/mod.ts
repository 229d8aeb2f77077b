/**
 * Name services: hosts, services and protocols by name and number.
 *
 * @module
 */

export { type AddrInfo, type AddrInfoHints, getAddrInfo } from "./addr_info.ts";
export {
  getFqdn,
  getHostByAddr,
  getHostByName,
  getHostByNameEx,
  getHostName,
  type HostInfo,
} from "./host.ts";
export { ifIndexToName, ifNameIndex, ifNameToIndex } from "./interfaces.ts";
export { getNameInfo } from "./name_info.ts";
export type { NameOptions } from "./query.ts";
export { getProtoByName, getServByName, getServByPort } from "./services.ts";
