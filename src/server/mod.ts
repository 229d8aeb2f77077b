/**
 * Servers that may face the internet, and the PROXY protocol.
 *
 * @example An echo server
 * ```ts
 * import { serve } from "@anysock/anysock/server";
 *
 * await using server = await serve("127.0.0.1:0", async (connection) => {
 *   for await (const bytes of connection) await connection.sendAll(bytes);
 * });
 * console.log(server.address);
 * ```
 *
 * @module
 */

export {
  type ActivatedListener,
  activation,
  type ActivationOptions,
} from "./activation.ts";
export type { ProxyHeader, ProxySsl, ProxyTlv } from "./proxy/header.ts";
export { encodeProxyHeader, type ProxyHeaderInit } from "./proxy/encode.ts";
export type { ParsedProxyHeader, ParseProxyOptions } from "./proxy/parse.ts";
export { parseProxyHeader } from "./proxy/parse.ts";
export type { ProxyProtocolOptions, ServeOptions } from "./options.ts";
export { serve } from "./serve.ts";
export type { HandlerModule } from "./module.ts";
export type { WorkerOptions } from "./workers/options.ts";
export type { WorkerKind } from "../runtime/seam/workers.ts";
export type {
  ConnectionContext,
  Handler,
  Server,
  StopOptions,
  StopReport,
} from "./server.ts";
export type { Rejection, ServerStats } from "./stats.ts";
export type { Expiry } from "./sweep.ts";
export {
  BaseRequestHandler,
  BaseServer,
  type ClassServerOptions,
  type RequestHandlerClass,
  type ServeForeverOptions,
  type TakenRequest,
} from "./classes/base_server.ts";
export { PacketReader, PacketWriter } from "./classes/packet_files.ts";
export {
  type DatagramRequest,
  DatagramRequestHandler,
  StreamRequestHandler,
} from "./classes/request_handler.ts";
export { TcpServer, UnixStreamServer } from "./classes/tcp_server.ts";
export { UdpServer, UnixDatagramServer } from "./classes/udp_server.ts";
export type {
  DatagramHandler,
  DatagramServer,
  DatagramServerStats,
  ServeDatagramsOptions,
} from "./serve_datagrams.ts";
export { serveDatagrams } from "./serve_datagrams.ts";
