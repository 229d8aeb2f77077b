/**
 * What Deno can do, as data.
 *
 * @module
 */

import { DENO_TLS_SUPPORTS } from "../node/tls_supports.ts";
import type { Feature, Support } from "../seam/supports.ts";
import {
  DATAGRAM_SUPPORTS,
  denoSendErrors,
  denoUnixDatagrams,
} from "./datagram_gaps.ts";
import { OPTION_SUPPORTS } from "./options.ts";

/** The largest read, and so what may be in hand beyond the mark. */
export const LARGEST_READ_BYTES = 65_536;

/** Feature by feature. */
export const SUPPORTS: Readonly<Record<Feature, Support>> = {
  abortiveClose: "Deno closes with FIN; say `abortive: true` at connect, " +
    "listen or serve: then a send larger than the kernel takes at once fails " +
    "if the peer ends its side meanwhile, or has ended it, and a listener " +
    "is deaf for ever once the process has lacked descriptors",
  abstractNames: true,
  backlog: true,
  connectErrors: true,
  detachAccepted: true,
  ipv6Only: "Deno has no way to set IPV6_V6ONLY",
  localAddress: true,
  maxReadAhead: LARGEST_READ_BYTES,
  noDelay: true,
  reusePort: true,
  unixStreams: true,
  unrefWrites: "Deno keeps the process until a write is taken or `lingerMs` " +
    "is over",
  zeroCopyReceive: "recvInto copies: of memory that is transferred or shrunk " +
    "while Deno reads into it the bytes would be lost",
  ...DATAGRAM_SUPPORTS,
  ...OPTION_SUPPORTS,
  ...DENO_TLS_SUPPORTS,
  get udpSendErrors(): Support {
    return denoSendErrors();
  },
  get unixDatagrams(): Support {
    return denoUnixDatagrams();
  },
};
