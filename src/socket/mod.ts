/**
 * Stream sockets and the short ways to them.
 *
 * @module
 */

export * from "./adopt.ts";
export * from "./connect.ts";
export type {
  DatagramStats,
  Parcel,
  ReceivedMessage,
} from "./datagram/datagram_socket.ts";
export { DatagramSocket } from "./datagram/datagram_socket.ts";
export type {
  FileMode,
  FileOptions,
  FileReadOptions,
} from "./file/socket_file.ts";
export { getDefaultTimeout, setDefaultTimeout } from "./default_timeout.ts";
export { hasDualstackIPv6 } from "./dualstack.ts";
export { SocketFile } from "./file/socket_file.ts";
export type { FromFdOptions } from "./from_fd.ts";
export { fromFd } from "./from_fd.ts";
export type { KeepAlive } from "./keep_alive.ts";
export type { Linger } from "./options/linger.ts";
export type { Membership, MulticastInterface } from "./options/multicast.ts";
export type { OptionValue } from "./options/option.ts";
export type { OptionBytes } from "./options/values.ts";
export { Socket } from "./socket.ts";
export * from "./listen.ts";
export * from "./socket_factory.ts";
export type { FileRead, ReadableFile } from "./stream/file_source.ts";
export type { SendableFile, SendFileOptions } from "./stream/send_file.ts";
export type { RecvUntilOptions } from "./stream/stream_socket.ts";
export { StreamSocket } from "./stream/stream_socket.ts";
export { type StartTlsOptions, systemCertificates } from "./tls.ts";
