/**
 * The socket of the WinterTC draft, which `cloudflare:sockets` has the shape
 * of: `connect()` gives at once a pair of web streams that wait for the
 * connection.
 *
 * @example
 * ```ts
 * import { connect } from "@anysock/anysock/wintertc";
 * import { listen } from "@anysock/anysock";
 *
 * await using server = await listen("127.0.0.1:0");
 * const { port } = server.getSockName() as { port: number };
 * const socket = connect({ hostname: "127.0.0.1", port });
 * const writer = socket.writable.getWriter();
 * await writer.write(new TextEncoder().encode("hello"));
 * await socket.close();
 * ```
 *
 * @module
 */

export type {
  SecureTransport,
  SocketInfo,
  StartTlsOptions,
  WinterTCConnectOptions,
} from "./contracts.ts";
export { connect, toWinterTC } from "./connect.ts";
export { WinterTCSocket } from "./wintertc_socket.ts";
