/**
 * All laws of polling and of non-blocking mode.
 *
 * @module
 */

import type { Law } from "../law.ts";
import { nonBlockingLaws } from "./non_blocking.ts";
import { readinessLaws } from "./readiness.ts";
import { selectLaws } from "./select.ts";
import { selectorClassLaws } from "./selector.ts";

/** What `select`, `Selector` and non-blocking sockets must keep anywhere. */
export const selectorLaws: readonly Law[] = [
  ...nonBlockingLaws,
  ...readinessLaws,
  ...selectLaws,
  ...selectorClassLaws,
];
