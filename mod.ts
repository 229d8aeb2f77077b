/**
 * One Berkeley-style socket API for Deno, Bun and Node.
 *
 * @example A server and its client in ten lines
 * ```ts
 * import { connect, listen } from "@anysock/anysock";
 *
 * await using server = await listen("127.0.0.1:0");
 * await using client = await connect(server.getSockName());
 * const [peer] = await server.accept();
 * await client.sendAll("hello");
 * await peer.sendAll(await peer.recvExactly(5));
 * console.log(await client.recv());
 * await peer.close();
 * ```
 *
 * @module
 */

export * from "./src/constants.ts";
export type * from "./src/contracts.ts";
export type * from "./src/tls_contracts.ts";
export {
  AddressInUseError,
  BlockingIOError,
  BrokenPipeError,
  ConnectionAbortedError,
  ConnectionRefusedError,
  ConnectionResetError,
  CorruptFrameError,
  FrameTooLongError,
  GaiError,
  HError,
  IncompleteFrameError,
  IncompleteReadError,
  LimitOverrunError,
  PermissionError,
  SocketError,
  type SocketErrorOptions,
  TimeoutError,
  TlsError,
} from "./src/errors.ts";
export { formatAddress, parseAddress } from "./src/address.ts";
export { capabilities, currentRuntime } from "./src/runtime/detect.ts";
export type {
  DatagramOptionName,
  DatagramSink,
  DatagramWish,
  RawBindOptions,
  RawDatagram,
  RawMembership,
  RawSend,
  SendDone,
} from "./src/runtime/seam/datagram.ts";
export { Fault, type FaultDetails } from "./src/runtime/seam/fault.ts";
export type {
  DiagnosticsChannel,
  Host,
  SignalName,
} from "./src/runtime/seam/host.ts";
export type {
  RawWorker,
  WorkerHost,
  WorkerKind,
  WorkerParent,
  WorkerSink,
} from "./src/runtime/seam/workers.ts";
export type { RawFile } from "./src/runtime/seam/files.ts";
export type {
  NameService,
  NetworkInterface,
  ResolvedHost,
  SystemFile,
} from "./src/runtime/seam/names.ts";
export type {
  KeepAliveTuning,
  OptionName,
} from "./src/runtime/seam/options.ts";
export type { Runtime } from "./src/runtime/seam/runtime.ts";
export type {
  ListenerSink,
  RawConnectOptions,
  RawListener,
  RawListenOptions,
  RawStream,
  StreamSink,
} from "./src/runtime/seam/stream.ts";
export type {
  ConnectPlan,
  Handshake,
  TlsClientSettings,
  TlsCredentials,
  TlsEngine,
  TlsRole,
  TlsRoles,
  TlsServerRole,
  TlsServerSettings,
} from "./src/runtime/seam/tls.ts";
export type {
  DatagramFeature,
  DatagramSupports,
  Feature,
  OptionFeature,
  OptionSupports,
  Support,
  TlsFeature,
  TlsSupports,
} from "./src/runtime/seam/supports.ts";
export * from "./src/socket/mod.ts";
export * from "./src/names/mod.ts";
export {
  inetAton,
  inetNtoa,
  inetNtop,
  inetPton,
} from "./src/byteorder/inet.ts";
export type { StructBuffer } from "./src/byteorder/pack.ts";
