import { connect, listen, TimeoutError } from "@anysock/anysock";
import { FakeClock, memoryNetwork } from "@anysock/anysock/testing";
import { assertEquals, assertRejects } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { FakeTime } from "@std/testing/time";

const encode = (text: string) => new TextEncoder().encode(text);

describe("sockets beside FakeTime", () => {
  it("carry bytes and close while time stands still", async () => {
    using time = new FakeTime();
    const before = time.now;
    const server = await listen("127.0.0.1:0");
    const client = await connect(server.getSockName(), { timeoutMs: 5_000 });
    const [peer] = await server.accept({ timeoutMs: 5_000 });
    await client.sendAll("hello", { timeoutMs: 5_000 });
    assertEquals(await peer.recvExactly(5), encode("hello"));
    await Promise.all([client.close(), peer.close(), server.close()]);
    assertEquals(time.now, before);
  });

  it("keep their own deadlines, in real time", async () => {
    using time = new FakeTime();
    const server = await listen("127.0.0.1:0");
    const client = await connect(server.getSockName());
    const [peer] = await server.accept();
    const waiting = peer.recv({ timeoutMs: 60_000 });
    // An hour of the program's is none of the socket's.
    time.tick(3_600_000);
    await client.sendAll("x");
    assertEquals(await waiting, encode("x"));
    await assertRejects(() => peer.recv({ timeoutMs: 5 }), TimeoutError);
    await Promise.all([client.close(), peer.close(), server.close()]);
  });

  it("leave the program's timers to it", async () => {
    using time = new FakeTime();
    let fired = 0;
    setTimeout(() => fired++, 1_000);
    const server = await listen("127.0.0.1:0");
    const client = await connect(server.getSockName());
    const [peer] = await server.accept();
    assertEquals(fired, 0);
    time.tick(1_000);
    assertEquals(fired, 1);
    await Promise.all([client.close(), peer.close(), server.close()]);
  });
});

describe("a network in memory", () => {
  it("lets a FakeClock of ours decide when time has passed", async () => {
    using _ = new FakeTime();
    const clock = new FakeClock();
    const runtime = memoryNetwork({ clock });
    const server = await listen("127.0.0.1:9", { runtime });
    const waiting = assertRejects(
      () => server.accept({ timeoutMs: 3_600_000 }),
      TimeoutError,
    );
    clock.advance(3_600_000);
    await waiting;
    await server.close();
  });
});
