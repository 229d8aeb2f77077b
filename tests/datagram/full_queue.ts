/** Sends more than a slow link takes; prints what became of it. */

import { AF_INET, SOCK_DGRAM, socket } from "../../mod.ts";
import { currentRuntime } from "../../src/runtime/detect.ts";
import { nodeRuntime } from "../../src/runtime/node.ts";

const COUNT = 60;

for (const runtime of [currentRuntime(), nodeRuntime()]) {
  const make = () => socket(AF_INET, SOCK_DGRAM, 0, { runtime });
  const [from, to] = [make(), make()];
  await to.bind(["127.0.0.1", 0]);
  const parcel = [new Uint8Array(1_000), to.getSockName()] as const;
  for (let i = 0; i < COUNT; i++) await from.sendTo(...parcel);
  await from.sendMany(Array.from({ length: COUNT }, () => parcel));
  console.log(from.stats.sent);
  await Promise.all([from.close(), to.close()]);
}
