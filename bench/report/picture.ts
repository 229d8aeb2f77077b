/**
 * The picture of figures in the README: processor time of an echo, beside the
 * runtime's own sockets. One SVG, light or dark as the reader's screen is.
 */

import { cases } from "../echo/cases.ts";
import {
  type EchoResults,
  type Row,
  sibling,
  summarize,
} from "../echo/results.ts";

/** The cases that are shown, each a group of bars. */
const SHOWN = ["1x64", "50x64", "50x4k", "4x64k"] as const;

/** What is compared, and what is its colour. */
const OURS = [
  { server: "ours", name: "recv", style: "recv" },
  { server: "ours_recv_into", name: "recvInto", style: "into" },
] as const;

const WIDTH = 800;
const PANEL = { width: 400, height: 168 } as const;
const LEFT = 112;
const BAR = 9;
const GROUP = 2 * BAR + 12;
/** The own API's time; bars end at twice that. */
const SCALE = (PANEL.width - LEFT - 48) / 2;

const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .head { font-weight: 600; font-size: 13px }
  .small { font-size: 10px; fill: #57606a }
  .recv { fill: #2f81f7 } .into { fill: #1a7f5a }
  .own { stroke: #57606a; stroke-dasharray: 3 3 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .small { fill: #9198a1 } .own { stroke: #9198a1 }
    .recv { fill: #58a6ff } .into { fill: #3fb98a }
  }
`;

/** The SVG of a run of the echo benchmark. */
export function picture(results: EchoResults): string {
  const runtimes = Object.keys(results.versions);
  const rows = Math.ceil(runtimes.length / 2);
  const height = 64 + rows * PANEL.height;
  const panels = runtimes.map((runtime, i) => {
    const x = (i % 2) * PANEL.width;
    const y = 56 + Math.floor(i / 2) * PANEL.height;
    return `<g transform="translate(${x} ${y})">` +
      `${panel(results, runtime)}</g>`;
  });
  const { date, machine } = results;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" ` +
    `height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" ` +
    `aria-label="${label(results)}">`,
    `<style>${STYLE}</style>`,
    `<text class="head" x="8" y="18">Processor time of an echo, in times of ` +
    `the runtime's own sockets (dashed; shorter is better)</text>`,
    legend(),
    ...panels,
    `<text class="small" x="8" y="${height - 6}">${date.slice(0, 10)}, ` +
    `${machine.cpu}, ${machine.cores} cores; medians; ` +
    `own sockets: Deno.listen, Bun.listen, node:net</text>`,
    `</svg>\n`,
  ].join("\n");
}

function legend(): string {
  return OURS.map(({ name, style }, i) =>
    `<rect class="${style}" x="${8 + i * 90}" y="30" width="10" height="10"/>` +
    `<text x="${24 + i * 90}" y="39">${name}</text>`
  ).join("");
}

function panel(results: EchoResults, runtime: string): string {
  const bottom = 24 + SHOWN.length * GROUP;
  const groups = SHOWN.map((name, i) => {
    const y = 24 + i * GROUP;
    const text = caseText(name);
    return `<text class="small" x="${LEFT - 8}" y="${y + BAR + 3}" ` +
      `text-anchor="end">${text}</text>${bars(results, runtime, name, y)}`;
  });
  const version = results.versions[runtime as keyof EchoResults["versions"]];
  return `<text class="head" x="8" y="14">${
    nameOf(runtime)
  } ${version}</text>` +
    groups.join("") +
    `<line class="own" x1="${LEFT + SCALE}" x2="${LEFT + SCALE}" y1="20" ` +
    `y2="${bottom}"/>`;
}

function bars(
  results: EchoResults,
  runtime: string,
  name: string,
  y: number,
): string {
  return OURS.map(({ server, style }, i) => {
    const ratio = ratioOf(results, runtime, name, server);
    if (ratio === undefined) return "";
    const width = Math.min(ratio, 2) * SCALE;
    const top = y + i * (BAR + 1);
    const shown = `${ratio.toFixed(2)}${ratio > 2 ? " →" : ""}`;
    return `<rect class="${style}" x="${LEFT}" y="${top}" ` +
      `width="${width.toFixed(1)}" height="${BAR}"/>` +
      `<text class="small" x="${(LEFT + width + 5).toFixed(1)}" ` +
      `y="${top + BAR}">${shown}</text>`;
  }).join("");
}

/** Our time for an operation, in times of the runtime's own sockets. */
export function ratioOf(
  { rows }: EchoResults,
  runtime: string,
  name: string,
  server: Row["server"],
): number | undefined {
  const row = rows.find((each) =>
    each.runtime === runtime && each.case === name && each.server === server
  );
  if (row === undefined) return undefined;
  const own = sibling(rows, row, "native") ?? sibling(rows, row, "node_net");
  const [ours, theirs] = [summarize(row), own && summarize(own)];
  if (ours === undefined || theirs === undefined) return undefined;
  return ours.cpuMicros / theirs.cpuMicros;
}

function caseText(name: string): string {
  const found = cases.find((each) => each.name === name);
  return (found?.text ?? name).replace(/ connections?, /, " × ")
    .replace(" echoed", "");
}

/** The figures in words, for who does not see them. */
function label(results: EchoResults): string {
  return Object.keys(results.versions).map((runtime) => {
    const each = SHOWN.map((name) => {
      const ratio = ratioOf(results, runtime, name, "ours_recv_into");
      return `${caseText(name)} ${ratio?.toFixed(2)}`;
    });
    return `${nameOf(runtime)}, recvInto: ${each.join(", ")}`;
  }).join("; ");
}

/** `Node` of `node20`: its version stands beside it. */
function nameOf(runtime: string): string {
  const [kind = ""] = /^[a-z]+/.exec(runtime) ?? [];
  return kind.charAt(0).toUpperCase() + kind.slice(1);
}
