/**
 * Writes the tables of `docs/options.md` and `docs/capabilities.md` from what
 * each runtime says of itself: `npm run options`. What stands outside the marks
 * is left as it is.
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

const complaints = await compile();
if (complaints !== "") console.log(complaints);
const answers = await Promise.all(RUNTIMES.map(ask));
const tables: readonly Tables[] = [
  { page: "options", marks: ["options", "datagram options"] },
  {
    page: "capabilities",
    marks: ["options", "datagram options", "capabilities"],
  },
];
for (const each of tables) await renew(each);

/** A page, and the tables that it has, by their marks. */
interface Tables {
  readonly page: string;
  readonly marks: readonly ("options" | "datagram options" | "capabilities")[];
}

type Row = readonly [label: string, feature: string];

async function renew({ page, marks }: Tables): Promise<void> {
  const rows = {
    "options": OPTIONS,
    "datagram options": DATAGRAM_OPTIONS,
    "capabilities": otherRows(),
  };
  const path = join(root, "docs", `${page}.md`);
  const text = marks.reduce(
    (text, mark) => between(page, text, mark, table(rows[mark])),
    readFileSync(path, "utf8"),
  );
  writeFileSync(path, text);
  await run(deno, ["fmt", path]);
}

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
function between(
  name: string,
  page: string,
  mark: string,
  text: string,
): string {
  const begin = `<!-- begin ${mark} -->`;
  const end = `<!-- end ${mark} -->`;
  const [head, rest] = page.split(begin);
  const [, tail] = rest?.split(end) ?? [];
  if (head === undefined || tail === undefined) {
    throw new Error(`docs/${name}.md has no marks "${mark}"`);
  }
  return `${head}${begin}\n\n${text}\n\n${end}${tail}`;
}
