/**
 * What a server publishes on `node:diagnostics_channel`. No message is made
 * where nobody listens: ask `hears` first.
 *
 * @module
 */

import { currentRuntime } from "../runtime/detect.ts";
import type { DiagnosticsChannel } from "../runtime/seam/host.ts";

/** The channels, each named `anysock:server:` and this. */
export type ServerEvent =
  | "listening"
  | "connection"
  | "close"
  | "error"
  | "reject"
  | "descriptors"
  | "stop"
  | "worker";

const channels: Map<ServerEvent, DiagnosticsChannel | undefined> = new Map();

function channelOf(event: ServerEvent): DiagnosticsChannel | undefined {
  if (channels.has(event)) return channels.get(event);
  const { host } = currentRuntime();
  const channel = host?.diagnosticsChannel(`anysock:server:${event}`);
  channels.set(event, channel);
  return channel;
}

/** Whether anybody listens. */
export function hears(event: ServerEvent): boolean {
  return channelOf(event)?.hasSubscribers === true;
}

/** Tells who listens. What they throw is for the platform to report. */
export function publish(event: ServerEvent, message: object): void {
  try {
    channelOf(event)?.publish(message);
  } catch (error) {
    console.error(error);
  }
}
