/** The table as a page, and as a badge. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RuntimeName } from "../../tests/runtimes.ts";
import { root } from "../lib.ts";
import type { Table, TableColumn } from "./table.ts";

const WAYS: Readonly<Record<string, string>> = {
  anysock: "anysock",
  node_net: "`node:net`, as documented",
  node_net_as_written: "`node:net`, as people write it",
  deno_conn: "`Deno.Conn`, as documented",
  deno_conn_as_written: "`Deno.Conn`, as people write it",
  bun_connect: "`Bun.connect`, as documented",
  bun_connect_as_written: "`Bun.connect`, as people write it",
};

const TITLES: Readonly<Partial<Record<RuntimeName, string>>> = {
  deno: "Deno",
  bun: "Bun",
  node20: "Node 20",
  node26: "Node 26",
};

/** `docs/conformance.md`. */
export function pageOf(table: Table): string {
  return [
    head(table),
    summary(table),
    cells(table),
    ownLaws(table),
    reasons(table),
    foot(),
  ].join("\n\n") + "\n";
}

/** `docs/conformance.svg`: how many of our cells hold. */
export function badgeOf({ columns }: Table): string {
  const ours = columns.filter(({ way }) => way === "anysock")
    .flatMap(({ results }) => results);
  const text = `${
    ours.filter((each) => each === "pass").length
  }/${ours.length}`;
  const color = ours.every((each) => each === "pass") ? "#2a7" : "#c33";
  return `<svg xmlns="http://www.w3.org/2000/svg" width="140" height="20" ` +
    `role="img" aria-label="conformance: ${text}">` +
    `<rect width="86" height="20" fill="#444"/>` +
    `<rect x="86" width="54" height="20" fill="${color}"/>` +
    `<g fill="#fff" font-family="sans-serif" font-size="11">` +
    `<text x="8" y="14">conformance</text>` +
    `<text x="96" y="14">${text}</text></g></svg>\n`;
}

function head({ date, platform, versions }: Table): string {
  const all = Object.entries(versions)
    .map(([name, version]) =>
      `${TITLES[name as RuntimeName]?.split(" ")[0]} ${version}`
    )
    .join(", ");
  return `# Conformance

Twenty-four promises that a connection should keep, whoever has made it, checked
over TCP and the loopback address on each runtime: with this library, and with
the runtime's own sockets, once used as their documentation shows, once as
people write it. Made by \`npm run conformance\`; the build fails where it no
longer comes out so.

${date}, ${platform}: ${all}.`;
}

function summary({ columns, laws }: Table): string {
  const lines = columns.map(({ runtime, way, results }) => {
    const pass = results.filter((each) => each === "pass").length;
    return `| ${TITLES[runtime]} | ${WAYS[way]} | ${pass} of ${laws.length} |`;
  });
  return ["| | | holds |", "| --- | --- | ---: |", ...lines].join("\n");
}

function cells({ columns, laws }: Table): string {
  const ours = columns.filter(({ way }) => way === "anysock");
  const bare = columns.filter(({ way }) => way !== "anysock");
  const shown = [...ours, ...bare];
  const short = (column: TableColumn) =>
    column.way === "anysock"
      ? `anysock ${TITLES[column.runtime]}`
      : `${TITLES[column.runtime]} ${
        column.way.endsWith("as_written") ? "as written" : "documented"
      }`;
  const heads = ["Promise", ...shown.map(short)];
  const rule = heads.map((_, i) => i === 0 ? "---" : ":---:");
  const lines = laws.map((law, i) => [
    law,
    ...shown.map(({ results }) => cell(results[i] as string)),
  ]);
  const rows = [heads, rule, ...lines].map((line) => `| ${line.join(" | ")} |`);
  return `## The table

✓ holds; ✗ does not; ~ holds at times, by how much the kernel took, or who was
first. The number leads to the cause, and to a program that shows it.

${rows.join("\n")}`;
}

function cell(result: string): string {
  if (result === "pass") return "✓";
  if (result === "skip") return "–";
  const number = result.replace(/\D/g, "");
  const sign = result.startsWith("fail") ? "✗" : "~";
  return `[${sign} ${number}](#${number})`;
}

function ownLaws({ own }: Table): string {
  const lines = Object.entries(own).map(([name, count]) => {
    const { pass, fail, skip } = count;
    const skipped = Object.keys(skip).length;
    return `| ${TITLES[name as RuntimeName]} | ${pass} | ${fail.length} | ` +
      `${skipped} |`;
  });
  const reasons = new Map<string, string[]>();
  for (const [name, { skip }] of Object.entries(own)) {
    for (const [law, why] of Object.entries(skip)) {
      const key = `${TITLES[name as RuntimeName]}: ${why}`;
      reasons.set(key, [...reasons.get(key) ?? [], law]);
    }
  }
  const list = [...reasons].map(([why, some]) =>
    `- ${why} (_${some.join("_, _")}_)`
  );
  return `## This library's own laws

Besides, the library has laws of its own, which say more than these: each method
and error of streams, listeners, datagrams and selectors. Here over TCP and UDP
on IPv4; the tests run them over Unix paths, IPv6, TLS, memory and simulations
as well.

| | hold | do not | not run |
| --- | ---: | ---: | ---: |
${lines.join("\n")}

Not run, because of what the runtime cannot do:

${list.join("\n")}`;
}

function reasons({ findings }: Table): string {
  const parts = findings.map(({ program, cause, upstream }, i) => {
    const path = join("scripts", "conformance", "programs", `${program}.mjs`);
    const text = readFileSync(join(root, path), "utf8").trim();
    const told = upstream.length === 0
      ? ""
      : ` Told of before: ${upstream.map(link).join(", ")}.`;
    return `### ${
      i + 1
    }\n\n${cause}${told}\n\n\`\`\`js ignore\n${text}\n\`\`\``;
  });
  return `## Why\n\n${parts.join("\n\n")}`;
}

function link(url: string): string {
  const [, name, number] = /github\.com\/([^/]+\/[^/]+)\/\w+\/(\d+)/
    .exec(url) as unknown as [string, string, string];
  return `[${name}#${number}](${url})`;
}

function foot(): string {
  return `## Your own connections

The promises are \`pipeLaws\` of \`anysock/testing\`, and \`checkPipe\` runs them over
whatever reads, writes and ends: a socket, a proxy, a tunnel, a multiplexer. On
your own machine \`npx anysock conformance\` checks this library, with
\`--bare\` the sockets of the runtime too, and says what differs from the table
([The command line](cli.md#does-it-hold-here)).

\`\`\`ts
import { checkPipe, liftPipe, loopbackPair, pipeLaws } from "anysock/testing";

const make = async () => {
  const [client, server] = await loopbackPair();
  return { client: liftPipe(client), server: liftPipe(server) };
};
const laws = pipeLaws.slice(0, 6); // default all
let held = 0;
for await (const { law, result, reason } of checkPipe(make, { laws })) {
  if (result === "pass") held++;
  else console.log(law, result, reason);
}
console.log(held); // 6
\`\`\`

As documented means: \`read()\` at \`"readable"\` and writes that wait for their
callback, on sockets made with \`allowHalfOpen: true\`; \`Deno.Conn\` whose writes
are repeated until all is written; \`Bun.connect\` with \`drain\`, \`pause\` and
\`allowHalfOpen\`. As people write it means: default options, \`for await\`, a count
that is not looked at. Both are in \`cli/conformance/ways\`. \`Deno.Conn\`
cannot reset; where a law needs it, its peer is a socket of Deno's \`node:net\`.`;
}
