/**
 * All laws of connected streams, whoever made them.
 *
 * @module
 */

import type { Law } from "../law.ts";
import { addressLaws } from "./addresses.ts";
import { cancellingLaws } from "./cancelling.ts";
import { closeLaws } from "./closing.ts";
import { cutShortLaws } from "./cut_short.ts";
import { errorLaws, misuseLaws } from "./errors.ts";
import { fileEndingLaws } from "./file_ending.ts";
import { fileLaws } from "./files.ts";
import { halfCloseLaws } from "./half_closing.ts";
import { receivingLaws } from "./receiving.ts";
import { resetLaws } from "./resetting.ts";
import { sendingLaws } from "./sending.ts";
import { sendingFileLaws } from "./sending_files.ts";
import { stateLaws } from "./states.ts";
import { transferLaws } from "./transfer.ts";
import { webStreamLaws } from "./web_streams.ts";

/** What every stream on every runtime must keep. */
export const streamLaws: readonly Law[] = [
  ...transferLaws,
  ...receivingLaws,
  ...sendingLaws,
  ...sendingFileLaws,
  ...cancellingLaws,
  ...halfCloseLaws,
  ...closeLaws,
  ...resetLaws,
  ...cutShortLaws,
  ...fileLaws,
  ...fileEndingLaws,
  ...webStreamLaws,
  ...addressLaws,
  ...stateLaws,
  ...errorLaws,
  ...misuseLaws,
];
