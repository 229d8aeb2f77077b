import assert from "node:assert/strict";
import { openMqtt } from "../../examples/integrations/mqtt.ts";
import { ask, BIG, MANY, nextEvent, noise, PORT, run } from "./kit.ts";

await run(async () => {
  const client = openMqtt(PORT, { reconnectPeriod: 20 });
  client.on("error", () => {});
  await nextEvent(client, "connect");
  await client.subscribeAsync("t/#", { qos: 1 });
  let count = 0;
  let bytes = 0;
  let onDone = () => {};
  client.on("message", (_topic, payload) => {
    count++;
    bytes += payload.length;
    if (count === MANY) onDone();
  });
  const all = new Promise<void>((resolve) => onDone = resolve);
  await Promise.all(
    Array.from(
      { length: MANY },
      (_, i) => client.publishAsync(`t/${i % 7}`, `${i}`, { qos: 1 }),
    ),
  );
  await all;

  const big = noise(BIG);
  bytes = 0;
  const whole = new Promise<Buffer>((resolve) =>
    client.once("message", (_topic, payload) => resolve(payload))
  );
  await client.publishAsync("t/big", big, { qos: 1 });
  assert.ok(big.equals(await whole));

  const closed = nextEvent(client, "close");
  await ask("restart");
  await closed;
  if (!client.connected) await nextEvent(client, "connect");
  await client.subscribeAsync("u", { qos: 1 });
  const again = nextEvent(client, "message");
  await client.publishAsync("u", "again", { qos: 1 });
  assert.equal(String((await again)[1]), "again");

  // An end amid a publish: mqtt tells whoever waits for that nothing more.
  let isSent = false;
  client.publish("t/x", "x", { qos: 2 }, () => isSent = true);
  const over = nextEvent(client, "close");
  client.end(true);
  await over;
  assert.equal(isSent, false);
  await assert.rejects(client.publishAsync("t/x", "x"), /disconnecting/);
});
