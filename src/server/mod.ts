/**
 * Servers.
 *
 * @module
 */

export type { ProxyHeader, ProxySsl, ProxyTlv } from "./proxy/header.ts";
export { encodeProxyHeader, type ProxyHeaderInit } from "./proxy/encode.ts";
export type { ParsedProxyHeader, ParseProxyOptions } from "./proxy/parse.ts";
export { parseProxyHeader } from "./proxy/parse.ts";
