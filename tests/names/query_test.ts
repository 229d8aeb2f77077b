import assert from "node:assert/strict";
import {
  getAddrInfo,
  getFqdn,
  getHostByAddr,
  getHostByName,
  getHostByNameEx,
  getHostName,
  getNameInfo,
  getProtoByName,
  getServByName,
  getServByPort,
  type NameOptions,
  type Runtime,
} from "../../mod.ts";
import { memoryNetwork } from "../../src/runtime/memory.ts";
import { Fault } from "../../src/runtime/seam/fault.ts";
import { stubRuntime } from "../../src/runtime/stub.ts";
import { test } from "../harness.ts";

/** Every call that has to look something up. */
const CALLS: Readonly<
  Record<string, (options: NameOptions) => Promise<unknown>>
> = {
  getAddrInfo: (options) => getAddrInfo("some.test", 80, options),
  getFqdn: (options) => getFqdn("some.test", options),
  getHostByAddr: (options) => getHostByAddr("10.0.0.1", options),
  getHostByName: (options) => getHostByName("some.test", options),
  getHostByNameEx: (options) => getHostByNameEx("some.test", options),
  getNameInfo: (options) => getNameInfo("10.0.0.1:80", 0, options),
  getProtoByName: (options) => getProtoByName("tcp", options),
  getServByName: (options) => getServByName("http", "tcp", options),
  getServByPort: (options) => getServByPort(80, "tcp", options),
};

/** Starts look-ups that end only when told, on a clock that is told, too. */
class Slow {
  readonly runtime: Runtime;
  started = 0;
  timers = 0;
  #fires: (() => void) | undefined;
  readonly #answers: (() => void)[] = [];

  constructor() {
    const slowly = <T>(answer: T) => (): Promise<T> => {
      this.started++;
      return new Promise((resolve) => {
        this.#answers.push(() => resolve(answer));
      });
    };
    this.runtime = {
      ...memoryNetwork(),
      clock: {
        now: () => 0,
        start: (_delayMs, fire) => {
          this.timers++;
          this.#fires = fire;
          return { cancel: () => void this.timers-- };
        },
      },
      lookup: slowly([{ family: "ipv4", hostname: "10.0.0.1" }]),
      names: {
        ...memoryNetwork().names,
        reverse: slowly("some.test"),
        alias: slowly(undefined),
        readSystemFile: slowly(""),
      },
    };
  }

  expire(): void {
    this.#fires?.();
  }

  /** Answers at last, and lets everything run that follows from it. */
  async answer(): Promise<void> {
    for (const answer of this.#answers) answer();
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  }
}

/** Fails every look-up with a code. */
function broken(code: string): Runtime {
  const fail = () => Promise.reject(new Fault(code));
  const { names, ...rest } = memoryNetwork();
  return { ...rest, lookup: fail, names: { ...names, reverse: fail } };
}

for (const [op, call] of Object.entries(CALLS)) {
  test(`${op} ends at its deadline, and the late answer goes nowhere`, async () => {
    const slow = new Slow();
    const pending = call({ runtime: slow.runtime, timeoutMs: 50 });
    const ended = assert.rejects(pending, {
      name: "TimeoutError",
      code: "ETIMEDOUT",
      op,
    });
    assert.equal(slow.timers, 1);
    slow.expire();
    await ended;
    assert.equal(slow.timers, 0);
    await slow.answer();
    assert.equal(slow.started, 1, "nothing is asked after the end");
  });

  test(`${op} ends with its signal's reason, untouched`, async () => {
    const slow = new Slow();
    const reason = { why: "no more time" };
    const controller = new AbortController();
    const { signal } = controller;
    const pending = call({ runtime: slow.runtime, signal, timeoutMs: 50 });
    controller.abort(reason);
    await assert.rejects(pending, (thrown) => thrown === reason);
    assert.equal(slow.timers, 0);
    await slow.answer();
    assert.equal(slow.started, 1, "nothing is asked after the end");
  });

  test(`${op} starts nothing with an aborted signal, and nothing with 0 ms`, async () => {
    const slow = new Slow();
    const { runtime } = slow;
    const signal = AbortSignal.abort("before");
    await assert.rejects(call({ runtime, signal }), (e) => e === "before");
    await assert.rejects(call({ runtime, timeoutMs: 0 }), {
      name: "BlockingIOError",
      code: "EAGAIN",
    });
    assert.equal(slow.started, 0);
  });

  test(`${op} rejects options that are of no use`, async () => {
    await assert.rejects(call({ timeoutMs: -1 }), RangeError);
    await assert.rejects(call({ timeoutMs: NaN }), RangeError);
    await assert.rejects(call({ timeoutMs: "1" as never }), TypeError);
    await assert.rejects(call({ signal: {} as never }), TypeError);
    await assert.rejects(call(null as never), TypeError);
  });

  test(`${op} fails with EOPNOTSUPP on a host without sockets`, async () => {
    await assert.rejects(call({ runtime: stubRuntime() }), {
      name: "SocketError",
      code: "EOPNOTSUPP",
    });
  });
}

test("getHostName fails with EOPNOTSUPP on a host without sockets", () => {
  assert.throws(() => getHostName({ runtime: stubRuntime() }), {
    code: "EOPNOTSUPP",
    op: "getHostName",
  });
});

const codes: readonly (readonly [string, string, string])[] = [
  ["EAI_NONAME", "EAI_NONAME", "HOST_NOT_FOUND"],
  ["EAI_AGAIN", "EAI_AGAIN", "TRY_AGAIN"],
  ["EAI_FAIL", "EAI_FAIL", "NO_RECOVERY"],
  ["EAI_NODATA", "EAI_NODATA", "NO_DATA"],
  ["EPERM", "EPERM", "EPERM"],
];

for (const [code, gai, h] of codes) {
  test(`a look-up that fails with ${code} is ${gai}, or ${h} of h_errno`, async () => {
    const fails = async (name: string, expected: string) => {
      const call = CALLS[name];
      assert.ok(call);
      await assert.rejects(call({ runtime: broken(code) }), {
        code: expected,
        op: name,
      });
    };
    await fails("getAddrInfo", gai);
    await fails("getHostByName", gai);
    await fails("getHostByNameEx", h);
    await fails("getHostByAddr", h);
  });
}

test("with 0 ms what is in the question is answered", async () => {
  const now = { timeoutMs: 0 };
  assert.equal(await getHostByName("127.1", now), "127.0.0.1");
  const [first] = await getAddrInfo("::1", 80, now);
  assert.equal(first?.address.hostname, "::1");
});
