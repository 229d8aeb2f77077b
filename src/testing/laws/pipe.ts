/**
 * The laws of pipes: what every connection promises, whoever has made it.
 *
 * @module
 */

import {
  checkLaws,
  type CheckPipeOptions,
  type PipeLaw,
  type PipeResult,
} from "../pipes/check.ts";
import type { MakePipe } from "../pipes/pipe.ts";
import { pipeBreakingLaws } from "./pipe_breaking.ts";
import { pipeEndingLaws } from "./pipe_ending.ts";
import { pipeTransferLaws } from "./pipe_transfer.ts";

/**
 * What every connection promises: 24 laws over the smallest interface, for
 * authors of sockets, proxies, tunnels and multiplexers.
 */
export const pipeLaws: readonly PipeLaw[] = [
  ...pipeTransferLaws,
  ...pipeEndingLaws,
  ...pipeBreakingLaws,
];

/**
 * Checks anybody's connections by {@linkcode pipeLaws}, one law after another,
 * and tells of each as soon as it is through. Nothing is thrown where a law
 * does not hold.
 *
 * @throws {TypeError} if an option is none.
 * @throws {RangeError} if the value of one is none, or no law has the name of
 *   one to skip.
 *
 * @example
 * ```ts
 * import {
 *   checkPipe,
 *   liftPipe,
 *   loopbackPair,
 *   memoryNetwork,
 * } from "@anysock/anysock/testing";
 *
 * const make = async () => {
 *   const [client, server] = await loopbackPair(memoryNetwork());
 *   return { client: liftPipe(client), server: liftPipe(server) };
 * };
 * for await (const { law, result, reason } of checkPipe(make)) {
 *   if (result === "fail") console.log(law, reason);
 * }
 * ```
 */
export function checkPipe(
  make: MakePipe,
  options: CheckPipeOptions = {},
): AsyncIterable<PipeResult> {
  return checkLaws(make, options.laws ?? pipeLaws, options);
}
