/**
 * A worker written as a C program would be: it blocks until a question comes,
 * with no promise and no event loop, and the main thread talks to it as to any
 * stream. What neither a socket nor a MessagePort can do.
 *
 *     deno run examples/blocking_worker.ts
 *     bun examples/blocking_worker.ts
 *     node examples/blocking_worker.ts          (Node 22.18; on 20: .mjs)
 */

import { isMainThread, Worker, workerData } from "node:worker_threads";
import { framed, lines } from "anysock/framing";
import { shmAttach, shmChannel } from "anysock/shm";

if (isMainThread) {
  const { local, remote } = shmChannel();
  const worker = new Worker(new URL(import.meta.url), {
    workerData: remote,
    transferList: [remote.port as never],
  });
  worker.once("exit", () => local.partnerDied());
  const answers = framed(local, lines());
  for (const number of [7, 5_040, 65_537]) {
    await answers.send(`${number}`);
    console.log(number, "=", await answers.recv());
  }
  await answers.close(); // The worker reads null, and ends.
} else {
  const stream = shmAttach(workerData);
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const bytes = stream.recvSync(); // Blocks.
    if (bytes === null) break;
    const questions = (rest + decoder.decode(bytes, { stream: true }))
      .split("\n");
    rest = questions.pop() ?? "";
    for (const question of questions) {
      stream.sendAllSync(`${factors(Number(question)).join(" × ")}\n`);
    }
  }
  await stream.close();
}

function factors(number: number): number[] {
  for (let divisor = 2; divisor * divisor <= number; divisor++) {
    if (number % divisor === 0) return [divisor, ...factors(number / divisor)];
  }
  return [number];
}
