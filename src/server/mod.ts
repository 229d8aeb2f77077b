/**
 * Servers.
 *
 * @module
 */

export type { ProxyHeader, ProxySsl, ProxyTlv } from "./proxy/header.ts";
export { encodeProxyHeader, type ProxyHeaderInit } from "./proxy/encode.ts";
export type { ParsedProxyHeader, ParseProxyOptions } from "./proxy/parse.ts";
export { parseProxyHeader } from "./proxy/parse.ts";
export type { ProxyProtocolOptions, ServeOptions } from "./options.ts";
export { serve } from "./serve.ts";
export type {
  ConnectionContext,
  Handler,
  Server,
  StopOptions,
  StopReport,
} from "./server.ts";
export type { Rejection, ServerStats } from "./stats.ts";
export type { Expiry } from "./sweep.ts";
