/**
 * All laws of connected streams, whoever made them.
 *
 * @module
 */

import type { Law } from "../law.ts";
import { cancellingLaws } from "./cancelling.ts";
import { endingLaws } from "./ending.ts";
import { fileLaws, webStreamLaws } from "./files.ts";
import { receivingLaws } from "./receiving.ts";
import { stateAndErrorLaws } from "./states.ts";
import { transferLaws } from "./transfer.ts";

/** What every stream on every runtime must keep. */
export const streamLaws: readonly Law[] = [
  ...transferLaws,
  ...receivingLaws,
  ...cancellingLaws,
  ...endingLaws,
  ...fileLaws,
  ...webStreamLaws,
  ...stateAndErrorLaws,
];
