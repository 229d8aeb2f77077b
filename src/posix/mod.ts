/**
 * Socket options that no runtime has a way to, by the C library itself: buffer
 * sizes, `TCP_INFO`, `TCP_USER_TIMEOUT` and whatever else the kernel knows.
 * Importing it does nothing; `usePosix()` opens the C library.
 *
 * @module
 */

export type { PosixOptions } from "./use_posix.ts";
export { usePosix } from "./use_posix.ts";
