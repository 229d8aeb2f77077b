/**
 * Stream sockets and the short ways to them.
 *
 * @module
 */

export * from "./adopt.ts";
export * from "./connect.ts";
export type { ReceivedMessage } from "./datagram_receiving.ts";
export { DatagramReceiving } from "./datagram_receiving.ts";
export type { Parcel } from "./datagram_sending.ts";
export { DatagramSending } from "./datagram_sending.ts";
export type { DatagramStats } from "./datagram_socket.ts";
export { DatagramSocket } from "./datagram_socket.ts";
export type { FileMode, FileOptions, FileReadOptions } from "./file.ts";
export { SocketFile } from "./file.ts";
export type { FromFdOptions } from "./from_fd.ts";
export { fromFd } from "./from_fd.ts";
export type { Membership, OptionValue } from "./option_values.ts";
export type { Linger, StreamOptionValue } from "./options.ts";
export { Socket } from "./socket.ts";
export type { RecvUntilOptions } from "./stream_half.ts";
export { StreamHalf } from "./stream_half.ts";
export { StreamSocket } from "./stream_socket.ts";
