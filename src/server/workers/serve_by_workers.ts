/**
 * Serving by workers: what is asked of each, and whether it can be had.
 *
 * @module
 */

import { toEndpoint } from "../../address.ts";
import type {
  Address,
  AddressLike,
  HostAndPort,
  InetAddress,
} from "../../contracts.ts";
import { unlessAborted } from "../../deadline.ts";
import { socketError } from "../../errors.ts";
import { currentRuntime } from "../../runtime/detect.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import type { WorkerHost, WorkerKind } from "../../runtime/seam/workers.ts";
import { listen } from "../../socket/listen.ts";
import { descriptorFacts } from "../descriptors.ts";
import { planDescriptors } from "../limits.ts";
import type { ServeOptions, ServePlan } from "../options.ts";
import type { Server } from "../server.ts";
import { isInWorker } from "./inside.ts";
import type { Orders } from "./messages.ts";
import { copyOf, type WorkerPlan } from "./options.ts";
import { WorkerServer } from "./worker_server.ts";

/** The options of a server by workers, checked. */
type Plan = ServePlan & { readonly workers: WorkerPlan };

/**
 * Starts workers that serve an address; settles when all of them listen.
 *
 * @throws what {@linkcode serve} does.
 */
export async function serveByWorkers(
  address: AddressLike,
  module: URL,
  options: ServeOptions,
  plan: Plan,
): Promise<Server> {
  const runtime = currentRuntime();
  const { workers, signal } = plan;
  if (isInWorker()) {
    throw new TypeError(
      "A worker has no workers: importing a handler's module must not serve",
    );
  }
  if (options.runtime !== undefined && options.runtime !== runtime) {
    throw new TypeError("Workers have the runtime that they run on");
  }
  const asked = toEndpoint(address, "any");
  if ("path" in asked) {
    throw unsupported("workers share no Unix socket", asked);
  }
  const host = workersOf(runtime);
  const kind = kindOf(runtime, host, workers.kind);
  const count = workers.count || host.processors();
  const orders = ordersOf(runtime, module, options, plan, kind, count);
  const known = await freePlace(asked, options, orders.reusePort);
  signal?.throwIfAborted();
  const { startTimeoutMs, stuckTimeoutMs } = workers;
  const server = new WorkerServer({
    ...{ host, kind, count, orders, asked, known, plan },
    clock: runtime.clock,
    patience: { startTimeoutMs, stuckTimeoutMs },
  });
  try {
    await unlessAborted(server.start(), signal);
  } catch (error) {
    await server.stop({ graceMs: 0 });
    throw error;
  }
  return server;
}

function unsupported(reason: string, address?: Address): Error {
  return socketError("EOPNOTSUPP", { op: "serve", reason, address });
}

function workersOf({ host, name }: Runtime): WorkerHost {
  if (host !== undefined) return host.workers;
  throw unsupported(`there are no workers on ${name}`);
}

/** Threads share a port by `SO_REUSEPORT`, and else only processes do. */
function kindOf(
  { supports }: Runtime,
  host: WorkerHost,
  asked: WorkerKind | undefined,
): WorkerKind {
  const { reusePort } = supports;
  if (reusePort === true) return asked ?? "thread";
  if (host.sharesListeners() && asked !== "thread") return "process";
  throw unsupported(`threads cannot share a port: ${reusePort}`);
}

/** What is for this process, and not for its workers. */
const OWN: readonly (keyof ServeOptions)[] = [
  ...["runtime", "reusePort", "workers"] as const,
  ...["signal", "signals", "onError"] as const,
];

function ordersOf(
  runtime: Runtime,
  module: URL,
  options: ServeOptions,
  plan: Plan,
  kind: WorkerKind,
  count: number,
): Omit<Orders, "address"> {
  const theirs = Object.entries(options)
    .filter(([name, value]) =>
      value !== undefined && !OWN.includes(name as keyof ServeOptions)
    )
    .map(([name, value]) => [name, copyOf(value, name)]);
  const reusePort = runtime.supports.reusePort === true;
  const facts = descriptorFacts(
    runtime,
    { abortive: options.abortive, reusePort },
    // Each process has descriptors of its own.
    kind === "thread" ? count : 1,
  );
  return {
    module: module.href,
    data: plan.workers.data,
    options: Object.fromEntries(theirs),
    room: planDescriptors(facts, plan),
    reusePort,
    sendsErrors: plan.onError !== undefined,
    ignores: kind === "process" ? plan.signals : [],
  };
}

/**
 * Where the workers will listen, if a port was asked for and nobody has it:
 * `SO_REUSEPORT` would join whoever is there, such as the same program started
 * twice. With the option `reusePort` that is what is wanted.
 */
async function freePlace(
  asked: InetAddress | HostAndPort,
  { reusePort = false, ipv6Only }: ServeOptions,
  isShared: boolean,
): Promise<Address | undefined> {
  if (asked.port === 0 || (reusePort && isShared)) return undefined;
  const listener = await listen(asked, {
    reusePort,
    ...ipv6Only !== undefined && { ipv6Only },
  });
  const address = listener.getSockName();
  await listener.close();
  await listener.closed;
  return address;
}
