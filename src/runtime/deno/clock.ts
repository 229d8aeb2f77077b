/**
 * Time on Deno, whose timers were numbers before 2.8.
 *
 * @module
 */

import { type Clock, clockOf, refHandle } from "../../clock.ts";
import { deno } from "./native.ts";

/** The system's clock, for timers of either kind. */
export const denoClock: Clock = clockOf((timer, flag) => {
  if (typeof timer !== "number") return refHandle(timer, flag);
  if (flag) deno().refTimer(timer);
  else deno().unrefTimer(timer);
});
