/**
 * A trace as text: a column for each host.
 *
 * @module
 */

import type { TraceEvent } from "./trace_event.ts";

/** How a chart is drawn. */
export interface TextOptions {
  /** How many of the last events; default 20. */
  readonly last?: number;
  /** Characters between two hosts; default 28. */
  readonly width?: number;
}

/** Where the first host's line is. */
const FIRST = 10;

/** The chart of events. */
export function chartText(
  events: readonly TraceEvent[],
  { last = 20, width = 28 }: TextOptions,
): string {
  const shown = last > 0 ? events.slice(-last) : [];
  // In the same order whatever part is shown.
  const isShown = new Set(hostsIn(shown));
  const hosts = hostsIn(events).filter((host) => isShown.has(host));
  const placeOf = (host: string) => FIRST + hosts.indexOf(host) * width;
  const head = hosts.reduce(
    (line, host) => line.padEnd(placeOf(host)) + cut(host, width - 1),
    "     ms",
  );
  return [head, ...shown.map((each) => row(each, hosts, placeOf))].join("\n");
}

/** The hosts that events speak of, in the order of their first. */
export function hostsIn(events: readonly TraceEvent[]): readonly string[] {
  const all = events.flatMap(({ from, to }) => [from, to]);
  return [...new Set(all.filter((host) => host !== ""))];
}

/** What an event is called in a chart. */
export function labelOf({ what, payload }: TraceEvent): string {
  return payload === "" ? what : `${what} ${payload}`;
}

function row(
  event: TraceEvent,
  hosts: readonly string[],
  placeOf: (host: string) => number,
): string {
  const time = String(Math.round(event.at)).padStart(7);
  const label = labelOf(event);
  if (event.from === "") return `${time}   ${label}`;
  const line = [
    ...hosts.reduce((text, host) => text.padEnd(placeOf(host)) + "│", time),
  ];
  const [from, to] = [placeOf(event.from), placeOf(event.to)];
  if (from === to) return put(line, from + 2, `● ${label}`);
  const [low, high] = [Math.min(from, to), Math.max(from, to)];
  for (let i = low + 1; i < high; i++) line[i] = "─";
  const tip = to > from ? high - 1 : low + 1;
  line[tip] = event.isLost ? "✗" : to > from ? "▶" : "◀";
  return put(line, low + 3, ` ${cut(label, high - low - 7)} `);
}

/** Text over a line. */
function put(line: string[], at: number, text: string): string {
  [...text].forEach((character, i) => line[at + i] = character);
  return Array.from(line, (each) => each ?? " ").join("").trimEnd();
}

function cut(text: string, most: number): string {
  const characters = [...text];
  if (characters.length <= most) return text;
  return `${characters.slice(0, Math.max(0, most - 1)).join("")}…`;
}
