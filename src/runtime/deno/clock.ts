/**
 * Time on Deno, whose timers were numbers before 2.8.
 *
 * @module
 */

import { type Clock, clockOf, refHandle } from "../../clock.ts";
import { deno } from "./native.ts";

/** Tokio looks at the kernel at every 61st task it runs, and when idle. */
const TURNS_TO_LOOK = 64;

/** The system's clock, for timers of either kind. */
export const denoClock: Clock = clockOf((timer, flag) => {
  if (typeof timer !== "number") return refHandle(timer, flag);
  if (flag) deno().refTimer(timer);
  else deno().unrefTimer(timer);
}, TURNS_TO_LOOK);
