/**
 * Why a law does not hold somewhere: the cause, a program of a few lines that
 * shows it without any wrapper, and who has told of it before.
 */

import type { RuntimeName } from "../../tests/runtimes.ts";
import type { ColumnName } from "./columns.ts";

/** A cause, for all the cells that it explains. */
export interface Finding {
  /** The program, a file of `programs/`. */
  readonly program: string;
  /** What it prints, on each of the runtimes where it is run. */
  readonly prints: Readonly<Partial<Record<RuntimeName, string>>>;
  /** Which ways. */
  readonly ways: RegExp;
  /** Which laws never hold. */
  readonly laws: RegExp;
  /** Which laws hold at times, by how much the kernel took, or who was first. */
  readonly atTimes?: RegExp;
  /** Which runtimes; default all. */
  readonly runtimes?: RegExp;
  /** Why, in a sentence or two. */
  readonly cause: string;
  /** Where it was told of before. */
  readonly upstream?: readonly string[];
}

const NODE: readonly RuntimeName[] = ["node20", "node26"];

function onNode(line: string): Finding["prints"] {
  return Object.fromEntries(NODE.map((name) => [name, line]));
}

/** What a write may break that took less than all. */
const PARTIAL =
  /^(every byte|the memory of a write|writes at once|the end comes|last words|an answer comes)/;

/** All of them; the first that fits explains a cell. */
export const FINDINGS: readonly Finding[] = [
  {
    program: "node_last_words",
    prints: onNode("lost: true"),
    ways: /^node_net/,
    laws: /^last words/,
    cause:
      "Closing a socket over unread input makes the kernel reset it, and " +
      "what was under way is lost, though every write had called back. On Node " +
      "20 the peer was seen to be told an end after half of the bytes.",
    upstream: ["https://github.com/nodejs/node/issues/36180"],
  },
  {
    program: "node_stuck",
    prints: onNode(
      "destroySoon told nobody, closed: false\n" +
        "destroy told nobody, closed: true",
    ),
    ways: /^node_net/,
    laws: /^a write that waits settles when its own end/,
    cause:
      "`destroySoon()` waits for a peer that does not read for as long as " +
      "it likes, and so do the callbacks of the writes; after `destroy()` no " +
      '`"drain"` ever comes, which `once(socket, "drain")` waits for.',
    upstream: ["https://github.com/nodejs/node/issues/31365"],
  },
  {
    program: "node_reset_behind",
    prints: { node20: "an end", node26: "ECONNRESET" },
    ways: /^node_net/,
    runtimes: /^node20$/,
    laws: /^a reset is an error, never an end, when it is right behind/,
    cause:
      "Node 20 tells a reset right behind bytes as an end where the reader " +
      "begins after it: a message that was cut short looks whole. Node 26 does " +
      "not.",
    upstream: ["https://github.com/nodejs/node/issues/45709"],
  },
  {
    program: "node_memory",
    prints: onNode("true\ntrue\ntrue\ncame: 3"),
    ways: /^node_net_as_written/,
    laws: /^the memory of a write/,
    cause:
      "`write()` that gives `true` has not sent the bytes but noted where " +
      "they are: memory that is used again too early is sent as it is then. " +
      "Only the callback tells.",
    upstream: [
      "https://github.com/nodejs/node/issues/13180",
      "https://github.com/nodejs/node/issues/12133",
    ],
  },
  {
    program: "node_half_open",
    prints: onNode('what came: ""'),
    ways: /^node_net_as_written/,
    laws: /^an answer comes when the asker has ended/,
    cause:
      "Sockets end themselves when their peer has ended, unless they are " +
      "made with `allowHalfOpen: true`: the answer to somebody who has ended " +
      "the question is never sent. Before it was mended in 2026, `for await` " +
      "did the same to half-open ones.",
    upstream: ["https://github.com/nodejs/node/issues/49073"],
  },
  {
    program: "node_after_failure",
    prints: onNode("ECONNRESET then an end"),
    ways: /^node_net_as_written/,
    laws: /^a read that failed/,
    cause:
      "`for await` tells a failure once; whoever asks again is told an end.",
    upstream: ["https://github.com/nodejs/node/pull/34035"],
  },
  {
    program: "deno_last_words",
    prints: { deno: "bytes are missing" },
    ways: /^deno_conn/,
    laws: /^last words/,
    cause:
      "`close()` over unread input makes the kernel reset the connection, " +
      "and what was under way is lost, though every write had resolved.",
  },
  {
    program: "deno_after_failure",
    prints: { deno: "ECONNRESET then an end" },
    ways: /^deno_conn/,
    laws: /^a read that failed/,
    cause:
      "The kernel tells a reset once; a `read()` that is asked again gives " +
      "`null`, the end.",
  },
  {
    program: "deno_write_count",
    prints: { deno: "a part was written" },
    ways: /^deno_conn_as_written/,
    laws: /^(one large write|nothing is lost)/,
    atTimes: PARTIAL,
    cause:
      "`write()` resolves with how much it wrote, which may be less than " +
      "all; the rest of a write whose count is not looked at is never sent.",
    upstream: ["https://github.com/denoland/deno/issues/18985"],
  },
  {
    program: "deno_close_twice",
    prints: { deno: "BadResource" },
    ways: /^deno_conn_as_written/,
    laws: /^close may be called twice/,
    cause: "A second `close()` throws.",
    upstream: ["https://github.com/denoland/deno/issues/2866"],
  },
  {
    program: "bun_last_words",
    prints: { bun: "lost: true" },
    ways: /^bun_connect$/,
    laws: /^$/,
    atTimes: /^last words/,
    cause: "`end()` over unread input makes the kernel reset the connection, " +
      "and what was under way is lost, though `write()` had taken all of it.",
    upstream: ["https://github.com/oven-sh/bun/pull/35947"],
  },
  {
    program: "bun_write_count",
    prints: { bun: "a part was written" },
    ways: /^bun_connect_as_written/,
    laws:
      /^(one large write|a writer waits|nothing is lost|a write that waits)/,
    atTimes: PARTIAL,
    cause:
      "`write()` takes what the kernel takes, gives how much that was, and " +
      "holds nothing: the rest is gone, unless the program keeps it until " +
      "`drain`.",
    upstream: [
      "https://github.com/oven-sh/bun/issues/16076",
      "https://github.com/oven-sh/bun/issues/9682",
    ],
  },
  {
    program: "bun_half_open",
    prints: { bun: 'what came: ""' },
    ways: /^bun_connect_as_written/,
    laws: /^an answer comes when the asker has ended/,
    cause:
      "Sockets end themselves when their peer has ended, unless they are " +
      "made with `allowHalfOpen: true`, and `end()` ends both directions.",
    upstream: ["https://github.com/oven-sh/bun/pull/35947"],
  },
  {
    program: "bun_after_end",
    prints: { bun: "-1" },
    ways: /^bun_connect_as_written/,
    laws: /^no write is taken after/,
    cause: "A write after the end throws nothing; it gives -1.",
    upstream: ["https://github.com/oven-sh/bun/pull/41785"],
  },
  {
    program: "bun_reset",
    prints: { bun: "close(ECONNRESET) write: -1" },
    ways: /^bun_connect_as_written/,
    laws: /^(a reset is an error|a read that failed|a write fails in the end)/,
    cause:
      "A reset calls neither `error` nor `end`, but `close`, with an error " +
      "that most handlers do not look at; writes give -1 then.",
    upstream: ["https://github.com/oven-sh/bun/pull/36422"],
  },
];

/** What explains a law that does not hold; nothing does if `undefined`. */
export function findingFor(
  column: ColumnName,
  law: string,
): Finding | undefined {
  return FINDINGS.find((each) => isOf(each, column) && each.laws.test(law));
}

/** What makes a law hold at times only. */
export function unsteadyFor(
  column: ColumnName,
  law: string,
): Finding | undefined {
  if (findingFor(column, law) !== undefined) return undefined;
  return FINDINGS.find((each) => isOf(each, column) && each.atTimes?.test(law));
}

function isOf(finding: Finding, { runtime, way }: ColumnName): boolean {
  const { ways, runtimes = /^/ } = finding;
  return ways.test(way) && runtimes.test(runtime);
}
