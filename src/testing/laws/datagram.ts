/**
 * The laws of datagram sockets.
 *
 * @module
 */

import type { DatagramLaw } from "../datagram_law.ts";
import { datagramEndingLaws } from "./datagram_ending.ts";
import { datagramPeerLaws } from "./datagram_peers.ts";
import { datagramReceivingLaws } from "./datagram_receiving.ts";
import { datagramSendingLaws } from "./datagram_sending.ts";

/**
 * What every datagram socket promises, on every runtime: order on loopback,
 * boundaries, no failure by what strangers answer, one receiver at a time,
 * nothing lost by an abort, and an end that wakes everybody.
 */
export const datagramLaws: readonly DatagramLaw[] = [
  ...datagramReceivingLaws,
  ...datagramSendingLaws,
  ...datagramPeerLaws,
  ...datagramEndingLaws,
];
