/**
 * A trace as a picture: a line for each host, an arrow for each packet.
 *
 * @module
 */

import { hostsIn, labelOf } from "./chart_text.ts";
import type { TraceEvent } from "./trace_event.ts";

/** More make no picture that anybody looks at. */
const SHOWN_EVENTS = 100;

const [LEFT, COLUMN, TOP, ROW] = [90, 260, 40, 22];

/** The picture of the last events. */
export function chartSVG(events: readonly TraceEvent[]): string {
  const shown = events.slice(-SHOWN_EVENTS);
  const hosts = hostsIn(shown);
  const x = (host: string) => LEFT + hosts.indexOf(host) * COLUMN;
  const width = LEFT + Math.max(0, hosts.length - 1) * COLUMN + 160;
  const height = TOP + (shown.length + 1) * ROW;
  const columns = hosts.map((host) =>
    text(x(host), TOP - 16, host, "middle") +
    line(x(host), TOP - 8, x(host), height - 8, "#999")
  );
  const rows = shown.map((event, i) => row(event, TOP + (i + 1) * ROW, x));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="monospace" font-size="12">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...columns,
    ...rows,
    "</svg>",
  ].join("\n");
}

function row(
  event: TraceEvent,
  y: number,
  x: (host: string) => number,
): string {
  const time = text(LEFT - 20, y, `${Math.round(event.at)} ms`, "end");
  const label = labelOf(event);
  if (event.from === "") return time + text(LEFT + 8, y, label);
  const [from, to] = [x(event.from), x(event.to)];
  if (from === to) return time + text(from + 8, y, `● ${label}`);
  const color = event.isLost ? "#c00" : "#06c";
  const back = to > from ? -6 : 6;
  const tip = event.isLost
    ? text(to + back, y + 4, "✗", "middle", color)
    : `<path d="M${to} ${y} l${back} -4 v8 z" fill="${color}"/>`;
  const middle = (from + to) / 2;
  return time + line(from, y, to, y, color) + tip +
    text(middle, y - 4, label, "middle");
}

function line(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  color: string,
): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${color}"/>`;
}

function text(
  x: number,
  y: number,
  content: string,
  anchor = "start",
  color = "#222",
): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${color}">${
    safe(content)
  }</text>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

function safe(content: string): string {
  return content.replace(/[&<>"]/g, (each) => ENTITIES[each] as string);
}
