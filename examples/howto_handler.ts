/**
 * What the three servers of `howto_*.ts` do with a client: for each number n,
 * a line, it answers how many primes there are up to n. That takes a processor,
 * so that it matters who does it.
 *
 * It is a module of its own, because threads and processes import it; importing
 * it does nothing.
 *
 * @module
 */

import { threadId } from "node:worker_threads";
import type { StreamSocket } from "anysock";
import { framed, lines } from "anysock/framing";

/** More than this would keep other clients waiting. */
const LARGEST = 5_000_000;

/** How many primes there are up to n. */
export function countPrimes(n: number): number {
  const isComposite = new Uint8Array(n + 1);
  let count = 0;
  for (let i = 2; i <= n; i++) {
    if (isComposite[i]) continue;
    count++;
    for (let k = i * i; k <= n; k += i) isComposite[k] = 1;
  }
  return count;
}

/** The answer to a line. */
export function answer(line: string): string {
  const n = Number(line);
  if (!Number.isSafeInteger(n) || n < 0 || n > LARGEST) return "no number";
  return `${countPrimes(n)} by ${process.pid}/${threadId}`;
}

/** Serves one client: the handler of the workers. */
export default async function serveClient(
  connection: StreamSocket,
): Promise<void> {
  const requests = framed(connection, lines({ maxLength: 32 }));
  for await (const line of requests) await requests.send(answer(line));
}
