/**
 * What a server publishes. No message is made where nobody listens: ask `hears`
 * first.
 *
 * @module
 */

import { EventPoint } from "../diagnostics.ts";
import { currentRuntime } from "../runtime/detect.ts";

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

const points: Map<ServerEvent, EventPoint> = new Map();

function pointOf(event: ServerEvent): EventPoint {
  let point = points.get(event);
  if (point === undefined) {
    point = new EventPoint("server", event);
    points.set(event, point);
  }
  return point;
}

/** Whether anybody listens. */
export function hears(event: ServerEvent): boolean {
  currentRuntime(); // whose process tells it, though others may serve
  return pointOf(event).isHeard;
}

/** Tells who listens. What they throw is for the platform to report. */
export function publish(event: ServerEvent, message: object): void {
  pointOf(event).publish(message);
}
