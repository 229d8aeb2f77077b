/**
 * Whether a run of the tests has to be quick: `npm test -- --quick`, and on the
 * oldest runtimes.
 *
 * @module
 */

import process from "node:process";

/** Whether each law runs once over memory and once over a kernel, no more. */
export const isQuick: boolean = process.env.ANYSOCK_QUICK === "1";
