/**
 * All laws of polling and of non-blocking mode.
 *
 * @module
 */

import type { Law } from "../law.ts";
import { inTimeLaws } from "./in_time.ts";
import { nonBlockingLaws } from "./non_blocking.ts";
import { nonBlockingConnectLaws } from "./non_blocking_connect.ts";
import { readinessLaws } from "./readiness.ts";
import { selectLaws } from "./select.ts";
import { selectorClassLaws } from "./selector.ts";
import { selectorWaitingLaws } from "./selector_waiting.ts";

/** What `select`, `Selector` and non-blocking sockets must keep anywhere. */
export const selectorLaws: readonly Law[] = [
  ...nonBlockingLaws,
  ...nonBlockingConnectLaws,
  ...readinessLaws,
  ...selectLaws,
  ...selectorClassLaws,
  ...selectorWaitingLaws,
  ...inTimeLaws,
];
