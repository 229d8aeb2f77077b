/**
 * What programs can see of the inside: events on `node:diagnostics_channel`,
 * each a channel named `anysock:GROUP:EVENT`, and lines on standard error for
 * the groups that the variable `ANYSOCK_DEBUG` names. No message is made where
 * nobody listens: ask `isHeard` first.
 *
 * @module
 */

import { formatAddress } from "./address.ts";
import { systemClock } from "./clock.ts";

/** Where a program's events are published: a channel of diagnostics. */
export interface DiagnosticsChannel {
  /** Whether anybody listens: no message need be made if not. */
  readonly hasSubscribers: boolean;
  /** Tells all who listen. */
  publish(message: unknown): void;
}

/** The process that events go out by. */
export interface DiagnosticsOutlet {
  /** A channel by its name, asked for once; `undefined` if there is none. */
  channel(name: string): DiagnosticsChannel | undefined;
  /** What `ANYSOCK_DEBUG` says, where it may be read. */
  readonly debug: string | undefined;
}

/** What events are about. */
export type EventGroup = "framing" | "net" | "server";

let outlet: DiagnosticsOutlet | undefined;

/** Says by what events go out from now on: the driver that was found first. */
export function publishBy(found: DiagnosticsOutlet): void {
  outlet = found;
}

/** One kind of event. */
export class EventPoint {
  readonly #group: EventGroup;
  readonly #name: string;
  /** `null` while nobody has said by what events go out. */
  #channel: DiagnosticsChannel | undefined | null = null;
  /** Whether a line of each is written. */
  #isPrinted = false;

  /** The events of a group that have one name. */
  constructor(group: EventGroup, event: string) {
    this.#group = group;
    this.#name = `anysock:${group}:${event}`;
  }

  /** Whether anybody listens. */
  get isHeard(): boolean {
    if (this.#channel === null) this.#find();
    return this.#isPrinted || this.#channel?.hasSubscribers === true;
  }

  #find(): void {
    if (outlet === undefined) return;
    this.#channel = outlet.channel(this.#name);
    const groups = outlet.debug?.split(",").map((each) => each.trim()) ?? [];
    this.#isPrinted = groups.includes(this.#group);
  }

  /** Tells who listens. What they throw is for the platform to report. */
  publish(message: object): void {
    if (!this.isHeard) return;
    try {
      if (this.#isPrinted) console.error(lineOf(this.#name, message));
      this.#channel?.publish(message);
    } catch (error) {
      console.error(error);
    }
  }
}

/** `[0.123] anysock:net:connect peer=127.0.0.1:80 durationMs=1.25`. */
function lineOf(name: string, message: object): string {
  const seconds = (systemClock.now() / 1000).toFixed(3);
  const fields = Object.entries(message).flatMap(([key, value]) => {
    const text = textOf(value);
    return text === undefined ? [] : [`${key}=${text}`];
  });
  return [`[${seconds}]`, name, ...fields].join(" ");
}

const LONGEST_TEXT = 60;

/** A value in a line; `undefined` for what is only for programs. */
function textOf(value: unknown): string | undefined {
  switch (typeof value) {
    case "number":
      return String(Math.round(value * 1000) / 1000);
    case "boolean":
      return String(value);
    case "string":
      return JSON.stringify(value.slice(0, LONGEST_TEXT));
    case "object":
      return value === null ? undefined : objectText(value);
    default:
      return undefined;
  }
}

function objectText(value: object): string | undefined {
  if (value instanceof Error) {
    const { code, message } = value as Error & { code?: string };
    return JSON.stringify(code === undefined ? message : `${code}: ${message}`);
  }
  if (ArrayBuffer.isView(value)) return `${value.byteLength} bytes`;
  if ("hostname" in value || "path" in value) {
    return formatAddress(value as Parameters<typeof formatAddress>[0]);
  }
  return undefined;
}
