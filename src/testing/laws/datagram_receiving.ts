/**
 * Laws of receiving datagrams.
 *
 * @module
 */

import { MSG_DONTWAIT, MSG_PEEK, MSG_TRUNC } from "../../constants.ts";
import type { DatagramLaw } from "../datagram_law.ts";
import {
  alike,
  ensure,
  later,
  rejection,
  rejectsWith,
  same,
  sameText,
  textOf,
  throwsWith,
  turn,
  until,
} from "../expect.ts";
import { Pattern } from "../pattern.ts";
import { cutShort, receiveText } from "./datagram_kit.ts";

/** Memory that can be shrunk. TypeScript knows it from ES2024 on. */
function resizable(bytes: number): ArrayBuffer & Resizable {
  const Made = ArrayBuffer as unknown as ResizableConstructor;
  return new Made(bytes, { maxByteLength: bytes });
}

interface Resizable {
  resize(bytes: number): void;
}

interface ResizableConstructor {
  new (
    bytes: number,
    options: { readonly maxByteLength: number },
  ): ArrayBuffer & Resizable;
}

/** Laws of receiving datagrams. */
export const datagramReceivingLaws: readonly DatagramLaw[] = [
  {
    name: "a datagram arrives whole and alone, whatever its size",
    async run(bench) {
      const { from, to, source, target } = await bench.pair();
      const pattern = new Pattern(7);
      for (const size of [1, 2, 1400, 9000, 65_507, 3]) {
        same(
          await from.sendTo(pattern.slice(size, size), target),
          size,
          "sent",
        );
        const [data, address] = await to.recvFrom();
        same(data.length, size, "the size");
        pattern.check(data, size);
        alike(address, source, "the sender");
        same(data.buffer.byteLength, size, "the memory behind it");
        same(data.constructor, Uint8Array, "its class");
      }
    },
  },
  {
    name: "an empty datagram is an empty array, and one of many",
    async run(bench) {
      const { from, to, source, target } = await bench.pair();
      for (const text of ["a", "", "", "b"]) await from.sendTo(text, target);
      for (const text of ["a", "", "", "b"]) {
        await receiveText(to, text, source);
      }
    },
  },
  {
    name: "two datagrams are never joined when both are in hand",
    async run(bench) {
      const { from, to, target } = await bench.pair();
      await from.sendTo("one", target);
      await from.sendTo("two", target);
      await receiveText(to, "one");
      await receiveText(to, "two");
    },
  },
  {
    name: "a receive into memory that was transferred fails and takes nothing",
    async run(bench) {
      const { from, to, source, target } = await bench.pair();
      const into = new Uint8Array(8);
      const pending = later(to.recvFromInto(into));
      structuredClone(into.buffer, { transfer: [into.buffer] });
      await from.sendTo("kept", target);
      const error = await rejection(pending, "recvFromInto");
      ensure(error instanceof TypeError, `recvFromInto: ${error}`);
      same(to.stats.received, 0, "stats.received");
      await receiveText(to, "kept", source);
    },
  },
  {
    name: "a receive into memory that was shrunk fails and takes nothing",
    async run(bench) {
      const { from, to, source, target } = await bench.pair();
      const memory = resizable(8);
      const pending = later(to.recvFromInto(memory));
      memory.resize(2);
      await from.sendTo("kept", target);
      const error = await rejection(pending, "recvFromInto");
      ensure(error instanceof TypeError, `recvFromInto: ${error}`);
      await receiveText(to, "kept", source);
    },
  },
  {
    name: "a receive is refused before it waits when an argument is wrong",
    async run(bench) {
      const { from, to, source, target } = await bench.pair();
      const gone = new Uint8Array(8);
      structuredClone(gone.buffer, { transfer: [gone.buffer] });
      const wrong: Record<string, () => Promise<unknown>> = {
        "no buffer": () => to.recvFromInto("no buffer" as never),
        "nothing": () => to.recvFromInto(undefined as never),
        "transferred memory": () => to.recvFromInto(gone),
        "a count of -1": () => to.recvFrom(-1),
        "a count that is text": () => to.recvFrom("8" as never),
        "flags that are text": () => to.recvMsg(8, "1" as never),
        "an unknown flag": () => to.recv(8, 0x4000_0000),
        "an option misspelt": () => to.recv({ timeout: 5 } as never),
        "a timeout that is text": () =>
          to.recvFrom({ timeoutMs: "5" as never }),
        "a controller": () =>
          to.recvFrom({ signal: new AbortController() as never }),
      };
      await from.sendTo("kept", target);
      for (const [what, call] of Object.entries(wrong)) {
        await rejection(later(call()), what);
      }
      await receiveText(to, "kept", source);
    },
  },
  {
    name: "a receive is EBADF when reading its options closes the socket",
    async run(bench) {
      const to = await bench.bound();
      const options = {
        get maxBytes(): number {
          void to.close();
          return 8;
        },
      };
      await rejectsWith(to.recvFrom(options), "EBADF", "recvFrom");
      await to.closed;
    },
  },
  {
    name: "a datagram is cut when it is longer than asked for, and told",
    async run(bench) {
      const { from, to, source, target } = await bench.pair();
      const text = "abcdefgh";
      for (let i = 0; i < 6; i++) await from.sendTo(text, target);
      sameText((await to.recvFrom(3))[0], "abc", "recvFrom(3)");
      const short = await to.recvMsg(3);
      sameText(short.data, "abc", "recvMsg(3)");
      alike([short.truncated, short.address], [true, source], "recvMsg(3)");
      same((await to.recvMsg(8)).truncated, false, "recvMsg(8).truncated");
      const into = new Uint8Array(4);
      alike(await to.recvFromInto(into), [4, source], "recvFromInto");
      same(textOf(into), "abcd", "what was stored");
      const whole = await to.recvFromInto(into, { flags: MSG_TRUNC });
      alike(whole, [8, source], "recvFromInto with MSG_TRUNC");
      same((await to.recvFrom(0))[0].length, 0, "recvFrom(0)");
      await from.sendTo("next", target);
      await receiveText(to, "next");
    },
  },
  {
    name: "MSG_PEEK leaves the datagram, and shares no memory with it",
    async run(bench) {
      const { from, to, target } = await bench.pair();
      await from.sendTo("look", target);
      const [seen] = await to.recvFrom(2, MSG_PEEK);
      sameText(seen, "lo", "the peek");
      const [all] = await to.recvFrom({ flags: MSG_PEEK });
      all.fill(0);
      await receiveText(to, "look");
    },
  },
  {
    name: "a second receiver is EBUSY when one is pending, and takes nothing",
    async run(bench) {
      const { from, to, target } = await bench.pair();
      const first = later(to.recvFrom());
      await rejectsWith(to.recvFrom(), "EBUSY", "recvFrom");
      await rejectsWith(to.recvMsg(), "EBUSY", "recvMsg");
      await rejectsWith(to.recv(), "EBUSY", "recv");
      throwsWith(() => to.tryRecvFrom(), "EBUSY", "tryRecvFrom");
      await from.sendTo("for the first", target);
      sameText((await first)[0], "for the first", "the first receiver");
    },
  },
  {
    name: "an aborted receive of datagrams loses nothing",
    async run(bench) {
      const { from, to, target } = await bench.pair();
      const controller = new AbortController();
      const reason = new Error("enough");
      const cut = later(to.recvFrom({ signal: controller.signal }));
      const sent = from.sendTo("late", target);
      controller.abort(reason);
      same(await rejection(cut, "the aborted receive"), reason, "the reason");
      await sent;
      await receiveText(to, "late");
      const dead = to.recvFrom({ signal: AbortSignal.abort(reason) });
      same(await rejection(dead, "recvFrom"), reason, "aborted before");
    },
  },
  {
    name: "a receive may follow in the abort listener of the one before",
    async run(bench) {
      const { from, to, target } = await bench.pair();
      const { signal, abort } = cutShort();
      let early: Promise<unknown> | undefined;
      let late: Promise<unknown> | undefined;
      // A listener that gives a promise has its rejection thrown by Node.
      signal.addEventListener("abort", () => {
        early = later(to.recvFrom(1));
      });
      const first = later(to.recvFrom({ signal }));
      signal.addEventListener("abort", () => {
        late = later(to.recvFrom(2));
      });
      const reason = abort();
      same(await rejection(first, "the first"), reason, "the reason");
      await from.sendTo("x", target);
      await early;
      // The listener that came first has the place.
      await rejectsWith(late!, "EBUSY", "recvFrom");
    },
  },
  {
    name: "a timed-out receive of datagrams is ETIMEDOUT and loses nothing",
    async run(bench) {
      const { from, to, target } = await bench.pair();
      const cut = to.recvFrom({ timeoutMs: 5 });
      await rejectsWith(cut, "ETIMEDOUT", "recvFrom");
      await from.sendTo("late", target);
      await receiveText(to, "late");
      to.setTimeout(5);
      await rejectsWith(to.recv(), "ETIMEDOUT", "recv");
    },
  },
  {
    name: "a receive is EAGAIN when it may not wait",
    async run(bench) {
      const { from, to, target } = await bench.pair();
      await rejectsWith(to.recvFrom(1, MSG_DONTWAIT), "EAGAIN", "recvFrom");
      await rejectsWith(to.recvMsg({ timeoutMs: 0 }), "EAGAIN", "recvMsg");
      same(to.tryRecvFrom(), undefined, "tryRecvFrom");
      await from.sendTo("x", target);
      await receiveText(to, "x");
    },
  },
  {
    name: "tryRecvFrom gives what came, datagram by datagram",
    async run(bench) {
      const { from, to, source, target } = await bench.pair();
      await from.sendTo("one", target);
      await from.sendTo("", target);
      for (const text of ["one", ""]) {
        const [data, address] = await until(() => to.tryRecvFrom());
        sameText(data, text, "tryRecvFrom");
        alike(address, source, "the sender");
      }
      same(to.tryRecvFrom(), undefined, "then nothing");
    },
  },
  {
    name: "for await gives datagrams, loses none when left, ends with close",
    async run(bench) {
      const { from, to, source, target } = await bench.pair();
      for (const text of ["1", "2", "3", "4"]) await from.sendTo(text, target);
      const seen: string[] = [];
      for await (const [data, address] of to) {
        alike(address, source, "the sender");
        if (seen.push(textOf(data)) === 2) break;
      }
      for await (const [data] of to) {
        if (seen.push(textOf(data)) === 4) void to.close();
      }
      alike(seen, ["1", "2", "3", "4"], "what was seen");
    },
  },
  {
    name: "a receiver nobody reads is bounded, and goes on when read",
    needs: ["ports"],
    async run(bench) {
      const { from, to, target } = await bench.pair();
      same(to.tryRecvFrom(), undefined, "nothing yet");
      for (let i = 0; i < 6000; i++) {
        await from.sendTo(new Uint8Array(512), target);
      }
      for (let i = 0; i < 20; i++) await turn();
      let count = 0;
      while (to.tryRecvFrom() !== undefined) count++;
      ensure(count > 0, "nothing was kept");
      ensure(count * 512 <= 1_048_576, `${count} datagrams were kept`);
      ensure(count + to.stats.dropped <= 6000, `${to.stats.dropped} dropped`);
      // A pulling driver has more in the kernel, which comes turn by turn.
      for (let i = 0; i < 50; i++) {
        await turn();
        while (to.tryRecvFrom() !== undefined) count++;
      }
      await from.sendTo("after", target);
      await receiveText(to, "after");
      ensure(count + to.stats.dropped <= 6000, `${count} in all`);
    },
  },
  {
    name: "stats count datagrams",
    async run(bench) {
      const { from, to, target } = await bench.pair();
      alike(from.stats, { received: 0, sent: 0, dropped: 0 }, "at first");
      for (let i = 0; i < 3; i++) await from.sendTo("x", target);
      for (let i = 0; i < 2; i++) await to.recvFrom();
      same(from.stats.sent, 3, "sent");
      same(to.stats.received, 2, "received");
      same(to.stats.dropped, 0, "dropped");
    },
  },
];
