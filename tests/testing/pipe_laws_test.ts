/**
 * Every law of pipes holds over a network in memory, and breaks where somebody
 * breaks its promise; and what `checkPipe` makes of that.
 */

import assert from "node:assert/strict";
import {
  checkPipe,
  liftPipe,
  loopbackPair,
  type MakePipe,
  memoryNetwork,
  pipeLaws,
  type PlainStream,
} from "../../src/testing/mod.ts";
import { test } from "../harness.ts";

/** What one end does wrong; all else it does right. */
type Wrong = (right: PlainStream) => Partial<PlainStream>;

/** Does one thing wrong. */
interface Saboteur {
  readonly does: string;
  /** The laws that must notice. */
  readonly breaks: readonly RegExp[];
  readonly wrong: Wrong;
}

const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 1));
const never = () => new Promise<never>(() => {});

const SABOTEURS: readonly Saboteur[] = [
  {
    does: "changes a byte far out",
    breaks: [/^every byte arrives/, /^nothing is lost/, /^the end comes after/],
    wrong(right) {
      let seen = 0;
      return {
        async read() {
          const chunk = await right.read();
          seen += chunk?.length ?? 0;
          if (seen > 90_000 && chunk) chunk[0]! ^= 1;
          return chunk;
        },
      };
    },
  },
  {
    does: "takes a part of what is large",
    breaks: [/^one large write/],
    wrong: (right) => ({
      write: (bytes) => right.write(bytes.subarray(0, 1_000_000)),
    }),
  },
  {
    does: "forgets a byte now and then",
    breaks: [/^10,000 writes/],
    wrong(right) {
      let count = 0;
      const write: PlainStream["write"] = (bytes) =>
        ++count % 5_000 === 0 ? Promise.resolve() : right.write(bytes);
      return { write };
    },
  },
  {
    does: "takes no bytes for the end",
    breaks: [/^a write of no bytes/],
    wrong: (right) => ({
      write: (bytes) =>
        bytes.length === 0 ? right.closeWrite() : right.write(bytes),
    }),
  },
  {
    does: "reads the memory later",
    breaks: [/^the memory of a write/],
    wrong(right) {
      let last: Promise<unknown> = Promise.resolve();
      const write = async (bytes: Uint8Array) => {
        await last;
        last = turn().then(() => right.write(bytes)).catch(() => {});
      };
      return {
        write,
        closeWrite: () => last.then(() => right.closeWrite()),
      };
    },
  },
  {
    does: "lets the second write overtake the first",
    breaks: [/^writes at once/],
    wrong(right) {
      const waiting: (() => Promise<void>)[] = [];
      return {
        async write(bytes) {
          waiting.unshift(() => right.write(bytes));
          await turn();
          await waiting.shift()?.();
        },
      };
    },
  },
  {
    does: "gives two readers the same bytes",
    breaks: [/^reads at once/],
    wrong(right) {
      let reading: Promise<Uint8Array | null> | undefined;
      return {
        read: () => reading ??= right.read().finally(() => reading = undefined),
      };
    },
  },
  {
    does: "holds whatever is written",
    breaks: [/^a writer waits/],
    wrong(right) {
      let last: Promise<unknown> = Promise.resolve();
      return {
        write(bytes) {
          const copy = bytes.slice();
          last = last.then(() => right.write(copy)).catch(() => {});
          return Promise.resolve();
        },
      };
    },
  },
  {
    does: "says nothing of an end where nothing came",
    breaks: [/^an end without a byte/],
    wrong(right) {
      let isFirst = true;
      return {
        async read() {
          const chunk = await right.read();
          const wasFirst = isFirst;
          isFirst = false;
          return chunk === null && wasFirst ? new Uint8Array(0) : chunk;
        },
      };
    },
  },
  {
    does: "tells an end once",
    breaks: [/^the end stays an end/],
    wrong(right) {
      let isOver = false;
      return {
        async read() {
          if (isOver) throw new Error("it is over");
          const chunk = await right.read();
          isOver = chunk === null;
          return chunk;
        },
      };
    },
  },
  {
    does: "hears nothing once it has ended",
    breaks: [/^an answer comes/],
    wrong(right) {
      let isEnded = false;
      return {
        read: () => isEnded ? Promise.resolve(null) : right.read(),
        closeWrite() {
          isEnded = true;
          return right.closeWrite();
        },
      };
    },
  },
  {
    does: "takes what is written after the end",
    breaks: [/^no write is taken/],
    wrong: (right) => ({
      write: (bytes) => right.write(bytes).catch(() => {}),
    }),
  },
  {
    does: "resets where it should close",
    breaks: [/^last words/],
    wrong: (right) => ({ close: () => right.reset?.() }),
  },
  {
    does: "forgets a read at its own close",
    breaks: [/^a read that waits settles when its own/],
    wrong(right) {
      let isClosed = false;
      return {
        async read() {
          const chunk = await right.read().catch(() => null);
          return isClosed ? await never() : chunk;
        },
        close() {
          isClosed = true;
          return right.close();
        },
      };
    },
  },
  {
    does: "closes nothing",
    breaks: [/^a read that waits settles when the peer/],
    wrong: () => ({ close: () => {} }),
  },
  {
    does: "forgets a write at its own close",
    breaks: [/^a write that waits settles/],
    wrong: (right) => ({
      write: (bytes) => right.write(bytes).catch(never),
    }),
  },
  {
    does: "closes once",
    breaks: [/^close may be called twice/],
    wrong(right) {
      let isClosed = false;
      return {
        close() {
          if (isClosed) throw new Error("closed already");
          isClosed = true;
          return right.close();
        },
      };
    },
  },
  {
    does: "tells a reset as an end",
    breaks: [/^a reset is an error/],
    wrong: (right) => ({ read: () => right.read().catch(() => null) }),
  },
  {
    does: "fails otherwise the second time",
    breaks: [/^a read that failed/],
    wrong(right) {
      let count = 0;
      return {
        read: () =>
          right.read().catch(() => {
            throw new Error(`failure ${++count}`);
          }),
      };
    },
  },
  {
    does: "writes to the dead",
    breaks: [/^a write fails in the end/],
    wrong: (right) => ({
      write: (bytes) => right.write(bytes).catch(() => {}),
    }),
  },
];

/** Pipes of a network in memory, both ends of which do something wrong. */
function makerOf(wrong: Wrong = () => ({})): MakePipe {
  return async () => {
    const pair = await loopbackPair(memoryNetwork());
    const [client, server] = pair.map((socket) => {
      const right = liftPipe(socket);
      return { ...right, ...wrong(right) };
    });
    return { client: client!, server: server!, stop: () => cut(pair) };
  };
}

async function cut(
  pair: Awaited<ReturnType<typeof loopbackPair>>,
): Promise<void> {
  await Promise.all(pair.map((socket) => socket.close({ lingerMs: 0 })));
}

test("every law of pipes holds over a network in memory", async () => {
  const seen: string[] = [];
  for await (const { law, result, reason } of checkPipe(makerOf())) {
    assert.equal(result, "pass", `${law}: ${reason}`);
    seen.push(law);
  }
  assert.deepEqual(seen, pipeLaws.map(({ name }) => name));
  assert.equal(seen.length, 24);
}, { timeoutMs: 60_000 });

test("every law of pipes has a saboteur that breaks it", () => {
  const patterns = SABOTEURS.flatMap(({ breaks }) => breaks);
  const without = pipeLaws.filter(({ name }) =>
    !patterns.some((pattern) => pattern.test(name))
  );
  assert.deepEqual(without.map(({ name }) => name), []);
});

for (const { does, breaks, wrong } of SABOTEURS) {
  test(`the laws of pipes notice who ${does}`, async () => {
    const laws = pipeLaws.filter(({ name }) =>
      breaks.some((pattern) => pattern.test(name))
    );
    assert.ok(laws.length >= breaks.length);
    const options = { laws, bytes: 1_000_000, watchdogMs: 1_200 };
    for await (const { law, result } of checkPipe(makerOf(wrong), options)) {
      assert.equal(result, "fail", law);
    }
  }, {
    timeoutMs: 60_000,
    unsanitized: "a law that is broken may hang, and its timers with it",
  });
}

test("a law of resets is skipped where nobody can reset", async () => {
  const laws = pipeLaws.filter(({ resets }) => resets);
  const options = { laws: laws.slice(0, 1) };
  const make: MakePipe = async (needs) => {
    const { server: { reset: _, ...server }, ...rest } = await makerOf()(needs);
    return { ...rest, server };
  };
  const results = checkPipe(make, options);
  for await (const { result, reason } of results) {
    assert.equal(result, "skip");
    assert.equal(reason, "its end cannot be reset");
  }
});

test("a law is skipped for the reason that is given", async () => {
  const [law] = pipeLaws;
  const { name } = law!;
  const options = { laws: [law!], skip: { [name]: "not today" } };
  for await (const each of checkPipe(makerOf(), options)) {
    assert.deepEqual(each, {
      law: name,
      result: "skip",
      reason: "not today",
      ms: 0,
    });
  }
});

test("what nobody knows is refused by checkPipe", async () => {
  for (
    const [options, pattern] of [
      [{ skip: { "no such law": "why" } }, /no such law/],
      [{ bytes: 0 }, /bytes/],
      [{ watchdogMs: 0 }, /watchdogMs/],
      [{ byte: 1 } as never, /byte/],
    ] as const
  ) {
    const first = checkPipe(makerOf(), options)[Symbol.asyncIterator]().next();
    await assert.rejects(first, pattern);
  }
});

test("a pipe that is not released at the end breaks the law", async () => {
  const make: MakePipe = async (needs) => ({
    ...await makerOf()(needs),
    stop: never,
  });
  const options = { laws: pipeLaws.slice(10, 11), watchdogMs: 300 };
  for await (const { result, reason } of checkPipe(make, options)) {
    assert.equal(result, "fail");
    assert.match(reason ?? "", /not released/);
  }
}, { leavesHandles: "the pipe whose end is never told" });
