/**
 * Writes the tables of `docs/options.md` from what each runtime says of itself:
 * `npm run options`. What stands outside the marks is left as it is.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findRuntime, RUNTIMES, scriptPath } from "../tests/runtimes.ts";
import { compile } from "./compile.ts";
import { deno, root, run } from "./lib.ts";

/** What a runtime says of itself. */
interface Answer {
  readonly runtime: string;
  readonly supports: Readonly<Record<string, true | number | string>>;
}

/** The options of streams, and the feature that each stands on. */
const OPTIONS: readonly (readonly [options: string, feature: string])[] = [
  ["`TCP_NODELAY`", "noDelay"],
  ["`SO_KEEPALIVE`", "keepAlive"],
  ["`TCP_KEEPIDLE` after `connect`", "keepAliveIdle"],
  ["`TCP_KEEPINTVL`, `TCP_KEEPCNT`", "keepAliveProbes"],
  ["`SO_LINGER` {1, 0} after `connect`", "abortiveClose"],
  ["`SO_REUSEADDR` (listeners)", "reuseAddr"],
  ["`SO_REUSEPORT` (listeners)", "reusePort"],
  ["`IPV6_V6ONLY` (listeners)", "ipv6Only"],
  ["`IP_TOS`, `IPV6_TCLASS`", "typeOfService"],
  ["`SO_RCVBUF`, `SO_SNDBUF`", "bufferSizes"],
  ["`fileno()`", "fileno"],
  ["`fromFd()`", "fromFd"],
];

/** Those of datagram sockets that not every runtime has. */
const DATAGRAM_OPTIONS: typeof OPTIONS = [
  ["`SO_RCVBUF`, `SO_SNDBUF`", "udpBufferSizes"],
  ["`SO_REUSEPORT`", "udpReusePort"],
  ["`IPV6_UNICAST_HOPS`, `IPV6_MULTICAST_HOPS`", "udpIpv6Hops"],
  ["`IP_ADD_SOURCE_MEMBERSHIP` of IPv6 groups", "udpIpv6SourceMembership"],
];

const PAGE = join(root, "docs", "options.md");

const complaints = await compile();
if (complaints !== "") console.log(complaints);
const answers = await Promise.all(RUNTIMES.map(ask));
const page = readFileSync(PAGE, "utf8");
const withOptions = between(page, "options", table(OPTIONS));
const datagrams = table(DATAGRAM_OPTIONS);
const withDatagrams = between(withOptions, "datagram options", datagrams);
writeFileSync(PAGE, between(withDatagrams, "capabilities", table(otherRows())));
await run(deno, ["fmt", PAGE]);

type Row = readonly [label: string, feature: string];

async function ask(name: typeof RUNTIMES[number]): Promise<Answer> {
  const runtime = findRuntime(name);
  if (typeof runtime === "string") throw new Error(runtime);
  const script = scriptPath(runtime, "scripts/print_capabilities.ts");
  const { code, output } = await run(runtime.command, [
    ...runtime.args,
    script,
  ]);
  if (code !== 0) throw new Error(output);
  return JSON.parse(output) as Answer;
}

function otherRows(): readonly Row[] {
  const rows = [...OPTIONS, ...DATAGRAM_OPTIONS];
  const shown = new Set(rows.map(([, feature]) => feature));
  return Object.keys(answers[0]?.supports ?? {})
    .filter((feature) => !shown.has(feature))
    .sort()
    .map((feature) => [`\`${feature}\``, feature]);
}

/** A table, and below it the reasons that it refers to. */
function table(rows: readonly Row[]): string {
  const reasons: string[] = [];
  const cell = (support: true | number | string): string => {
    if (typeof support !== "string") {
      return support === true ? "yes" : `${support}`;
    }
    if (!reasons.includes(support)) reasons.push(support);
    return `no (${reasons.indexOf(support) + 1})`;
  };
  const heads = ["", ...answers.map(({ runtime }) => runtime)];
  const lines = rows.map(([label, feature]) => [
    label,
    ...answers.map(({ supports }) => cell(supports[feature]!)),
  ]);
  const text = [heads, heads.map(() => "---"), ...lines]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
  const notes = reasons.map((reason, i) => `${i + 1}. ${reason}.`).join("\n");
  const day = new Date().toISOString().slice(0, 10);
  const where = `Said by the runtimes themselves on ${day}, on Linux.`;
  return `${where}\n\n${text}\n\n${notes}`;
}

/** The page with the part between two marks replaced. */
function between(page: string, mark: string, text: string): string {
  const begin = `<!-- begin ${mark} -->`;
  const end = `<!-- end ${mark} -->`;
  const [head, rest] = page.split(begin);
  const [, tail] = rest?.split(end) ?? [];
  if (head === undefined || tail === undefined) {
    throw new Error(`docs/options.md has no marks "${mark}"`);
  }
  return `${head}${begin}\n\n${text}\n\n${end}${tail}`;
}
