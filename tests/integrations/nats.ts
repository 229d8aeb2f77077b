import assert from "node:assert/strict";
import { openNats } from "../../examples/integrations/nats.ts";
import { ask, MANY, noise, PORT, run, until } from "./kit.ts";

const MEGABYTE = 1 << 20;

await run(async () => {
  const options = {
    servers: `127.0.0.1:${PORT}`,
    reconnectTimeWait: 20,
    reconnectJitter: 0,
    maxReconnectAttempts: -1,
  };
  const nc = await openNats(options);
  const states: string[] = [];
  void (async () => {
    for await (const { type } of nc.status()) states.push(type);
  })();
  const numbers: string[] = [];
  nc.subscribe("numbers", {
    callback: (_error, message) => void numbers.push(message.string()),
  });
  for (let i = 0; i < MANY; i++) nc.publish("numbers", `${i}`);
  await nc.flush();
  assert.deepEqual(numbers, Array.from({ length: MANY }, (_, i) => `${i}`));

  nc.subscribe("echo", {
    callback: (_error, message) => void message.respond(message.data),
  });
  const answers = await Promise.all(
    Array.from(
      { length: MANY },
      (_, i) => nc.request("echo", `${i}`, { timeout: 30_000 }),
    ),
  );
  assert.ok(answers.every((answer, i) => answer.string() === `${i}`));

  // One at a time: a frame given just as the one before has left.
  for (let i = 0; i < MANY; i++) await nc.request("echo", `${i}`);

  const big = noise(MEGABYTE);
  for (let i = 0; i < 10; i++) {
    const { data } = await nc.request("echo", big, { timeout: 10_000 });
    assert.ok(big.equals(data));
  }

  await ask("stop");
  await until(() => states.includes("disconnect"));
  await ask("start");
  await until(() => states.includes("reconnect"));
  // The subscriptions are there again.
  nc.publish("numbers", "again");
  await nc.flush();
  assert.equal(numbers.at(-1), "again");

  await assert.rejects(nc.request("nobody.answers"), /no responders/i);
  nc.subscribe("silence", { callback: () => {} });
  const other = await openNats(options);
  const late = other.request("silence", "", { timeout: 60_000 })
    .catch((error) => error);
  await other.flush();
  await other.close();
  assert.match(String(await late), /closed/i);
  await nc.drain();
  assert.equal(await nc.closed(), undefined);
  assert.equal(nc.isClosed(), true);

  await assert.rejects(openNats({
    ...options,
    servers: "127.0.0.1:1",
    reconnect: false,
  }));
});
