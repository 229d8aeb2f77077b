/**
 * An error of `node:tls` as the table of TLS faults takes it.
 *
 * @module
 */

import type { EngineError } from "../../../tls/error_mapping.ts";
import { Fault } from "../../seam/fault.ts";
import { FaultError } from "./carrier.ts";

/** What an engine said; `fault` where it only hands on what was below it. */
export interface SaidByEngine extends EngineError {
  readonly fault: Fault | undefined;
}

/** Whatever was thrown or told. */
export function engineError(error: unknown): SaidByEngine {
  const { code, message } = (error ?? {}) as {
    readonly code?: unknown;
    readonly message?: unknown;
  };
  return {
    code: typeof code === "string" ? code : "",
    message: typeof message === "string" ? message : "",
    cause: error,
    fault: faultIn(error),
  };
}

function faultIn(error: unknown): Fault | undefined {
  if (error instanceof Fault) return error;
  return error instanceof FaultError ? error.fault : undefined;
}
