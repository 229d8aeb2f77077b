/**
 * The commands, in the order in which the help shows them.
 *
 * @module
 */

import type { Command } from "./command.ts";
import { bench } from "./commands/bench.ts";
import { completionsOf } from "./commands/completions.ts";
import { conformance } from "./commands/conformance.ts";
import { connectCommand } from "./commands/connect.ts";
import { doctor } from "./commands/doctor.ts";
import { echo } from "./commands/echo.ts";
import { listenCommand } from "./commands/listen.ts";
import { matrix } from "./commands/matrix.ts";
import { proxy } from "./commands/proxy.ts";
import { wayLaws } from "./conformance/way_laws.ts";
import { matrixClient } from "./matrix/client.ts";
import { matrixServer } from "./matrix/server.ts";

const SOCKETS: readonly Command[] = [
  ...[connectCommand, listenCommand, echo, proxy, bench],
  ...[doctor, conformance, matrix],
];

/** All that people are told of. */
export const COMMANDS: readonly Command[] = [
  ...SOCKETS,
  completionsOf(SOCKETS),
];

/** What the matrix and the conformance start. */
export const HIDDEN: readonly Command[] = [
  ...[matrixClient, matrixServer, wayLaws],
];
