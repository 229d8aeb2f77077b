/**
 * How a run is divided: into shards, each the files of one process of a
 * runtime's test runner. All runtimes' shards wait in one queue, the longest
 * first, so that in the end no processor waits for another.
 *
 * @module
 */

import type { RuntimeName } from "../../tests/runtimes.ts";
import type { Suite } from "./plan.ts";

/** What one process of a runtime's test runner runs. */
export interface Shard {
  /** The runtime. */
  readonly runtime: RuntimeName;
  /** The test files, by their paths from the repository's root. */
  readonly files: readonly string[];
  /** About how many seconds it takes. */
  readonly seconds: number;
  /**
   * Whether `.build/` has to be there first: Node 20 runs what is in it, and
   * tests may start Node 20.
   */
  readonly needsBuild: boolean;
}

/** Files that take long, and about how many seconds; the order says nothing. */
const LONG: readonly (readonly [file: RegExp, seconds: number])[] = [
  [/^tests\/conformance\/simulation_test/, 40],
  [/^tests\/integrations\/(peers|postgres)_test/, 25],
  [/^tests\/conformance\/(tls|tls_below)_test/, 30],
  [/^tests\/conformance\/(memory|memory_kinds|tcp4|tls_\w+)_test/, 25],
  [/^tests\/(testing\/saboteurs|scripts\/matrix)_test/, 20],
  [/^tests\/integrations\//, 15],
  [/^tests\/bench\//, 12],
  [/^tests\/runtime\/(bun_driver|node_driver_flow)_test/, 12],
  [/^tests\/conformance\//, 12],
  [/^tests\/(testing\/pipe_laws|documents\/security|harness)_test/, 12],
  [/^tests\/(examples|socket\/permissions)/, 10],
  [/^tests\/server\/(activation|descriptors|workers\/workers)_test/, 10],
  [/^tests\/(options\/kernel|framing\/servers|polling\/examples)_test/, 8],
  [/^tests\/(names\/addr_info|options\/descriptor|datagram\/strangers)_/, 6],
];

/** What any other file takes. */
const SHORT_SECONDS = 1;

/** A shard is full when it takes so long; a file may take longer alone. */
const FULL_SECONDS = 25;

/** The shards of some suites, the longest first. */
export function shardsOf(suites: readonly Suite[]): Shard[] {
  return suites
    .flatMap(divide)
    .sort((a, b) => b.seconds - a.seconds);
}

/** How many seconds a file takes, about. */
function secondsOf(file: string): number {
  return LONG.find(([pattern]) => pattern.test(file))?.[1] ?? SHORT_SECONDS;
}

/**
 * The next file of a process costs a fraction of a second less than a process
 * of its own, on Node with all that it has to load most.
 */
function divide({ runtime, files }: Suite): Shard[] {
  return filled(files).map((files) => shardOf(runtime, files));
}

/** Groups of files of which each fills a shard, the long ones first. */
function filled(files: readonly string[]): string[][] {
  const groups: string[][] = [];
  let sum = Infinity;
  for (const file of files.toSorted((a, b) => secondsOf(b) - secondsOf(a))) {
    const seconds = secondsOf(file);
    sum += seconds;
    if (sum > FULL_SECONDS) {
      groups.push([]);
      sum = seconds;
    }
    groups.at(-1)?.push(file);
  }
  return groups;
}

function shardOf(runtime: RuntimeName, files: readonly string[]): Shard {
  const seconds = files.reduce((sum, file) => sum + secondsOf(file), 0);
  // No law starts a program.
  const areLaws = files.every((file) => file.startsWith("tests/conformance/"));
  const needsBuild = runtime.startsWith("node20") || !areLaws;
  return { runtime, files, seconds, needsBuild };
}
