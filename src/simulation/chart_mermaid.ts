/**
 * A trace as a sequence diagram of Mermaid, for issues and documents.
 *
 * @module
 */

import { hostsIn, labelOf } from "./chart_text.ts";
import type { TraceEvent } from "./trace_event.ts";

/** More make no picture that anybody reads. */
const SHOWN_EVENTS = 100;

/** The diagram of the last events. */
export function chartMermaid(events: readonly TraceEvent[]): string {
  const shown = events.slice(-SHOWN_EVENTS);
  const hosts = hostsIn(shown);
  const id = (host: string) => `h${hosts.indexOf(host)}`;
  const lines = shown.map((event) => {
    const text = `${Math.round(event.at)} ms ${plain(labelOf(event))}`;
    if (event.from === "") return noteOver(hosts.map(id), text);
    if (event.from === event.to) return noteOver([id(event.from)], text);
    const arrow = event.isLost ? "--x" : "->>";
    return `  ${id(event.from)}${arrow}${id(event.to)}: ${text}`;
  });
  const names = hosts.map((host) => `  participant ${id(host)} as ${host}`);
  return ["sequenceDiagram", ...names, ...lines].join("\n");
}

function noteOver(ids: readonly string[], text: string): string {
  const [first] = ids;
  if (first === undefined) return `  %% ${text}`;
  const last = ids[ids.length - 1] as string;
  return `  Note over ${first === last ? first : `${first},${last}`}: ${text}`;
}

/** Its own signs mean something to Mermaid. */
function plain(text: string): string {
  return text.replace(/[;#:<>]/g, " ");
}
