/**
 * All saboteurs.
 *
 * @module
 */

import type { Saboteur } from "../saboteur.ts";
import { ACCEPTING } from "./accepting.ts";
import { DATAGRAM_DRIVERS } from "./datagram_drivers.ts";
import { DATAGRAMS } from "./datagrams.ts";
import { DRIVERS } from "./drivers.ts";
import { ENDING } from "./ending.ts";
import { FILES } from "./files.ts";
import { FUNCTIONS } from "./functions.ts";
import { POLLING } from "./polling.ts";
import { RECEIVING } from "./receiving.ts";
import { SENDING } from "./sending.ts";
import { SENDING_FILES } from "./sending_files.ts";
import { STATES } from "./states.ts";
import { TLS } from "./tls.ts";
import { WEB_STREAMS } from "./web_streams.ts";

/** All saboteurs. */
export const SABOTEURS: readonly Saboteur[] = [
  ...DRIVERS,
  ...RECEIVING,
  ...SENDING,
  ...SENDING_FILES,
  ...ENDING,
  ...STATES,
  ...ACCEPTING,
  ...WEB_STREAMS,
  ...FILES,
  ...POLLING,
  ...DATAGRAM_DRIVERS,
  ...DATAGRAMS,
  ...FUNCTIONS,
  ...TLS,
];
