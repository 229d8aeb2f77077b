/**
 * The programs whose traces over `net.Socket` and over ours are compared. A
 * step that the order of events could not tell from another runtime's waits
 * for what it depends on.
 *
 * @module
 */

import { SHUT_WR } from "../../mod.ts";
import { pipeline } from "node:stream/promises";
import { PassThrough } from "node:stream";
import {
  type AnySocket,
  type Bench,
  logData,
  type Program,
  stateOf,
} from "./tracer.ts";

/** Long enough for what should not happen; nothing is waited for by it. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

async function connected(bench: Bench, options?: object) {
  const socket = bench.make(options);
  bench.connect(socket);
  const peer = await bench.accept();
  await bench.event(socket, "ready");
  return { socket, peer };
}

/** Calls back with a line. */
function told(bench: Bench, what: string) {
  return (error?: NodeJS.ErrnoException | null) =>
    bench.log(error ? `${what}: ${error.code}` : what);
}

function thrown(bench: Bench, what: string, act: () => unknown): void {
  try {
    act();
    bench.log(`${what}: nothing`);
  } catch (error) {
    const { name, code } = error as NodeJS.ErrnoException;
    bench.log(`${what}: ${name} ${code}`);
  }
}

/** Whatever a program without types could give it. */
function to(socket: AnySocket, ...args: unknown[]): void {
  const connect = socket.connect as (...args: unknown[]) => unknown;
  connect.apply(socket, args);
}

/** Each by what it does. */
export const PROGRAMS: Readonly<Record<string, Program>> = {
  "a socket that nobody connects": async (b) => {
    const socket = b.make();
    b.log(stateOf(socket));
    b.log(
      JSON.stringify([socket.address(), socket.bytesRead, socket.bytesWritten]),
    );
    b.log(String([socket.remoteAddress, socket.localPort, socket.timeout]));
    socket.destroy();
    b.log(stateOf(socket));
    await b.event(socket, "close");
  },

  "connect, say, answer, end": async (b) => {
    const socket = logData(b, b.make());
    const connect = b.connect(socket, () => b.log(`called ${stateOf(socket)}`));
    b.log(`${connect === socket} ${stateOf(socket)}`);
    const peer = await b.accept();
    await b.event(socket, "ready");
    b.log(
      `${socket.remoteAddress} ${
        socket.remotePort === b.port
      } ${socket.remoteFamily}`,
    );
    b.log(
      `${socket.localAddress} ${typeof socket.localPort} ${stateOf(socket)}`,
    );
    socket.write("hello", told(b, "written"));
    b.log(`${(await peer.recvExactly(5)).length} ${socket.bytesWritten}`);
    await peer.sendAll("answer");
    await peer.shutdown(SHUT_WR);
    await b.event(socket, "close");
    b.log(`${socket.bytesRead} ${socket.bytesWritten} ${socket.localPort}`);
  },

  "what is written before connect": async (b) => {
    const socket = b.make();
    b.connect(socket);
    // Whether before or after `ready`, is for the kernel to say.
    const done: string[] = [];
    socket.write("one", () => done.push("one"));
    socket.write("two", "latin1", () => done.push("two"));
    socket.end("three", () => done.push("ended"));
    b.log(`${socket.bytesWritten} ${stateOf(socket)}`);
    const peer = await b.accept();
    b.log(new TextDecoder().decode(await peer.recvExactly(11)));
    await peer.close();
    socket.resume();
    await b.event(socket, "close");
    b.log(`${done} ${socket.bytesWritten}`);
  },

  "a refused connect": async (b) => {
    const socket = b.make();
    socket.write("lost", told(b, "write"));
    to(socket, b.refused, "127.0.0.1");
    b.log(stateOf(socket));
    await b.event(socket, "close");
    b.log(stateOf(socket));
  },

  "a refused connect of a Unix path": async (b) => {
    const socket = b.make();
    to(socket, "/tmp/anysock-nowhere.sock");
    await b.event(socket, "close");
  },

  "a name that is none": async (b) => {
    const socket = b.make();
    to(socket, 1, "nowhere.invalid");
    await b.event(socket, "close");
  },

  "a write that waits for a refused connect": async (b) => {
    const socket = b.make();
    to(socket, b.refused, "127.0.0.1");
    socket.write("lost", told(b, "write"));
    socket.end(told(b, "end"));
    await b.event(socket, "close");
  },

  "destroy while connecting": async (b) => {
    const socket = b.make();
    b.connect(socket, () => b.log("never"));
    socket.write("lost", told(b, "write"));
    socket.destroy();
    b.log(stateOf(socket));
    await b.event(socket, "close");
  },

  "destroy with an error while connecting": async (b) => {
    const socket = b.make();
    b.connect(socket);
    const error = Object.assign(new Error("mine"), { code: "MINE" });
    socket.destroy(error);
    socket.destroy(new Error("never told"));
    await b.event(socket, "close");
  },

  "destroy when open": async (b) => {
    const { socket, peer } = await connected(b);
    socket.destroy();
    socket.destroy();
    b.log(stateOf(socket));
    socket.write("late", told(b, "late"));
    await b.event(socket, "close");
    b.log(String(await peer.recv()));
  },

  "destroy with an error when open": async (b) => {
    const { socket } = await connected(b);
    socket.destroy(Object.assign(new Error("mine"), { code: "MINE" }));
    b.log(stateOf(socket));
    await b.event(socket, "close");
  },

  "destroy in its own data event": async (b) => {
    const { socket, peer } = await connected(b);
    socket.on("data", () => {
      b.log("data");
      socket.destroy();
    });
    await peer.sendAll("x");
    await b.event(socket, "close");
  },

  "destroy in its own connect event": async (b) => {
    const socket = b.make();
    b.connect(socket, () => socket.destroy());
    await b.event(socket, "close");
  },

  "destroy in its own end event": async (b) => {
    const { socket, peer } = await connected(b);
    socket.resume();
    socket.on("end", () => {
      socket.destroy(Object.assign(new Error("mine"), { code: "MINE" }));
    });
    await peer.shutdown(SHUT_WR);
    await b.event(socket, "close");
  },

  "destroy in its own close and error events": async (b) => {
    const { socket } = await connected(b);
    socket.on("error", () => socket.destroy(new Error("again")));
    socket.on("close", () => socket.destroy(new Error("too late")));
    socket.destroy(Object.assign(new Error("mine"), { code: "MINE" }));
    await b.event(socket, "close");
    await settle();
  },

  "destroy after end": async (b) => {
    const { socket, peer } = await connected(b);
    socket.end("bye", told(b, "ended"));
    await b.event(socket, "finish");
    b.log(new TextDecoder().decode(await peer.recvExactly(3)));
    b.log(`${await peer.recv()} ${stateOf(socket)}`);
    socket.destroy();
    await b.event(socket, "close");
  },

  "destroySoon": async (b) => {
    const { socket, peer } = await connected(b);
    socket.write("bye", told(b, "written"));
    socket.destroySoon();
    b.log(stateOf(socket));
    await b.event(socket, "close");
    b.log(new TextDecoder().decode(await peer.recvExactly(3)));
    b.log(String(await peer.recv()));
  },

  "resetAndDestroy when open": async (b) => {
    const { socket, peer } = await connected(b);
    socket.resetAndDestroy();
    await b.event(socket, "close");
    b.log(await peer.recv().then(String, (error) => error.code));
  },

  "resetAndDestroy before connect": async (b) => {
    const socket = b.make();
    socket.resetAndDestroy();
    await b.event(socket, "close");
  },

  "resetAndDestroy while connecting": async (b) => {
    const socket = b.make();
    b.connect(socket);
    socket.resetAndDestroy();
    const peer = await b.accept();
    await b.event(socket, "close");
    b.log(await peer.recv().then(String, (error) => error.code));
  },

  "a reset while it reads": async (b) => {
    const { socket, peer } = await connected(b);
    socket.resume();
    peer.reset();
    await b.event(socket, "close");
  },

  "a reset of one that nobody reads": async (b) => {
    const { socket, peer } = await connected(b);
    peer.reset();
    await b.event(socket, "close");
  },

  "a reset after end": async (b) => {
    const { socket, peer } = await connected(b);
    socket.end();
    await b.event(socket, "finish");
    peer.reset();
    await b.event(socket, "close");
  },

  "a reset after the peer's end, half-open": async (b) => {
    const { socket, peer } = await connected(b, { allowHalfOpen: true });
    socket.resume();
    await peer.shutdown(SHUT_WR);
    await b.event(socket, "end");
    b.log(stateOf(socket));
    await socketWrites(b, socket);
    await peer.recv();
    peer.reset();
    await settle();
    for (let i = 0; i < 20 && !socket.destroyed; i++) {
      socket.write("x");
      await settle();
    }
    await b.event(socket, "close");
  },

  "a write to one that was reset": async (b) => {
    const socket = b.make();
    socket.pause();
    b.connect(socket);
    const peer = await b.accept();
    await b.event(socket, "ready");
    peer.reset();
    await settle();
    b.log(stateOf(socket));
    await new Promise<void>((resolve) =>
      socket.write("x", (error) => {
        b.log(error ? "failed" : "written");
        resolve();
      })
    );
    await b.event(socket, "close");
  },

  "half-open: answer after the peer's end": async (b) => {
    const { socket, peer } = await connected(b, { allowHalfOpen: true });
    logData(b, socket);
    await peer.sendAll("question");
    await peer.shutdown(SHUT_WR);
    await b.event(socket, "end");
    b.log(stateOf(socket));
    await settle();
    socket.end("answer", told(b, "ended"));
    await b.event(socket, "close");
    b.log(new TextDecoder().decode(await peer.recvExactly(6)));
    b.log(String(await peer.recv()));
  },

  "half-open: our end first": async (b) => {
    const { socket, peer } = await connected(b, { allowHalfOpen: true });
    logData(b, socket);
    socket.end("question");
    b.log(new TextDecoder().decode(await peer.recvExactly(8)));
    b.log(`${await peer.recv()} ${stateOf(socket)}`);
    await peer.sendAll("answer");
    await peer.shutdown(SHUT_WR);
    await b.event(socket, "close");
  },

  "a write after the peer's end": async (b) => {
    const { socket, peer } = await connected(b);
    socket.resume();
    await peer.shutdown(SHUT_WR);
    await b.event(socket, "end");
    await b.event(socket, "finish");
    socket.write("late", told(b, "late"));
    await b.event(socket, "close");
  },

  "a write after our end": async (b) => {
    const { socket } = await connected(b);
    socket.end();
    socket.write("late", told(b, "late"));
    await b.event(socket, "close");
  },

  "an end that nobody reads": async (b) => {
    const { socket, peer } = await connected(b);
    await peer.sendAll("unread");
    await peer.shutdown(SHUT_WR);
    while (socket.readableLength < 6) await settle();
    b.log(`${stateOf(socket)} ${socket.readableLength}`);
    socket.resume();
    await b.event(socket, "close");
  },

  "pause and resume": async (b) => {
    const { socket, peer } = await connected(b);
    let total = 0;
    socket.on("data", (chunk) => {
      if (total === 0) b.log("data");
      total += chunk.length;
    });
    await peer.sendAll("first");
    await b.event(socket, "data");
    socket.pause();
    b.log(`${socket.isPaused()} ${socket.readableFlowing}`);
    await peer.sendAll("second");
    await settle();
    b.log(`${total}`);
    socket.resume();
    b.log(`${socket.isPaused()} ${socket.readableFlowing}`);
    await peer.shutdown(SHUT_WR);
    await b.event(socket, "close");
    b.log(`${total}`);
  },

  "pause before connect": async (b) => {
    const socket = b.make();
    socket.pause();
    logData(b, socket);
    b.connect(socket);
    const peer = await b.accept();
    await b.event(socket, "ready");
    await peer.sendAll("x");
    await peer.shutdown(SHUT_WR);
    await settle();
    b.log(`${socket.bytesRead} ${socket.isPaused()}`);
    socket.resume();
    await b.event(socket, "close");
  },

  "readable and read": async (b) => {
    const { socket, peer } = await connected(b);
    await peer.sendAll("hello");
    await b.event(socket, "readable");
    b.log(String(socket.read(2)));
    b.log(String(socket.read()));
    b.log(String(socket.read()));
    socket.on("readable", () => socket.read());
    await peer.shutdown(SHUT_WR);
    await b.event(socket, "close");
  },

  "setEncoding": async (b) => {
    const { socket, peer } = await connected(b);
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk) => text += chunk);
    const bytes = new TextEncoder().encode("grün");
    await peer.sendAll(bytes.subarray(0, 3));
    await settle();
    await peer.sendAll(bytes.subarray(3));
    await peer.shutdown(SHUT_WR);
    await b.event(socket, "close");
    b.log(`${text} ${socket.bytesRead}`);
  },

  "setTimeout": async (b) => {
    const { socket } = await connected(b);
    b.log(String(socket.setTimeout(10, () => b.log("called")) === socket));
    b.log(String(socket.timeout));
    await b.event(socket, "timeout");
    b.log(stateOf(socket));
    socket.setTimeout(0);
    b.log(String(socket.timeout));
    socket.destroy();
    await b.event(socket, "close");
    socket.setTimeout(5);
    await settle();
  },

  "setTimeout that is taken back": async (b) => {
    const { socket } = await connected(b);
    const called = () => b.log("never");
    socket.setTimeout(3, called);
    socket.setTimeout(0, called);
    await settle();
    b.log(String(socket.listenerCount("timeout")));
    socket.destroy();
  },

  "setTimeout before connect, to nowhere": async (b) => {
    const socket = b.make();
    socket.setTimeout(5, () => socket.destroy());
    // Nobody ever says where it is: neither runtime can be the faster one.
    to(socket, { port: b.port, host: "nowhere.invalid", lookup() {} });
    await b.event(socket, "close");
  },

  "cork and uncork": async (b) => {
    const { socket, peer } = await connected(b);
    socket.cork();
    socket.write("one", told(b, "one"));
    socket.write("two", told(b, "two"));
    b.log(`${socket.writableCorked} ${socket.writableLength}`);
    await settle();
    socket.uncork();
    b.log(`${socket.writableCorked}`);
    b.log(new TextDecoder().decode(await peer.recvExactly(6)));
    socket.cork();
    socket.write("three", told(b, "three"));
    socket.end("four", told(b, "ended"));
    b.log(new TextDecoder().decode(await peer.recvExactly(9)));
    b.log(String(await peer.recv()));
    socket.destroy();
    await b.event(socket, "close");
  },

  "chunks of every kind": async (b) => {
    const { socket, peer } = await connected(b);
    socket.write("€", told(b, "utf8"));
    socket.write("ff00", "hex", told(b, "hex"));
    socket.write("AQI=", "base64", told(b, "base64"));
    socket.write("hé", "latin1", told(b, "latin1"));
    socket.write("a", "utf16le", told(b, "utf16le"));
    socket.write(new Uint8Array([1, 2, 3]), told(b, "bytes"));
    socket.write("", told(b, "nothing"));
    const bytes = await peer.recvExactly(14);
    b.log([...bytes].join());
    b.log(String(socket.bytesWritten));
    socket.destroy();
  },

  "highWaterMark": async (b) => {
    const { socket, peer } = await connected(b, { highWaterMark: 8 });
    b.log(`${socket.writableHighWaterMark} ${socket.readableHighWaterMark}`);
    socket.cork();
    b.log(`${socket.write("1234")} ${socket.write("5678")}`);
    b.log(`${socket.writableLength} ${socket.writableNeedDrain}`);
    socket.uncork();
    await b.event(socket, "drain");
    b.log(`${socket.writableLength} ${socket.writableNeedDrain}`);
    await peer.recvExactly(8);
    socket.destroy();
  },

  "pipe both ways": async (b) => {
    const { socket, peer } = await connected(b, { allowHalfOpen: true });
    socket.pipe(socket);
    const data = new Uint8Array(300_000).fill(7);
    const echoed = peer.recvExactly(data.length);
    await peer.sendAll(data);
    await peer.shutdown(SHUT_WR);
    const isWhole = (await echoed).every((byte) => byte === 7);
    await b.event(socket, "close");
    b.log(`${isWhole} ${await peer.recv()}`);
    b.log(`${socket.bytesRead} ${socket.bytesWritten}`);
  },

  "pipeline": async (b) => {
    const { socket, peer } = await connected(b);
    const source = new PassThrough();
    const running = pipeline(source, socket);
    source.end("all of it");
    b.log(new TextDecoder().decode(await peer.recvExactly(9)));
    b.log(String(await peer.recv()));
    await peer.close();
    socket.resume();
    await running;
    await b.event(socket, "close");
  },

  "for await, left early": async (b) => {
    const { socket, peer } = await connected(b);
    await peer.sendAll("x");
    for await (const chunk of socket) {
      b.log(String(chunk));
      break;
    }
    await b.event(socket, "close");
  },

  "connect once more after close": async (b) => {
    const { socket, peer } = await connected(b);
    socket.resume();
    await peer.shutdown(SHUT_WR);
    await b.event(socket, "close");
    b.connect(socket);
    b.log(stateOf(socket));
    const next = await b.accept();
    await b.event(socket, "ready");
    socket.write("again", told(b, "written"));
    b.log(new TextDecoder().decode(await next.recvExactly(5)));
    b.log(`${socket.bytesWritten} ${socket.bytesRead}`);
    socket.destroy();
    await b.event(socket, "close");
  },

  "connect twice": async (b) => {
    const socket = b.make();
    b.connect(socket);
    thrown(b, "connect", () => b.connect(socket));
    await b.event(socket, "close");
  },

  "an aborted signal": async (b) => {
    const controller = new AbortController();
    const socket = b.make({ signal: controller.signal });
    b.connect(socket);
    await b.accept();
    await b.event(socket, "ready");
    controller.abort();
    await b.event(socket, "close");
  },

  "write without a connection": async (b) => {
    const socket = b.make();
    socket.write("x", told(b, "write"));
    await b.event(socket, "close");
  },

  "end without a connection": async (b) => {
    const socket = b.make();
    socket.end("x", told(b, "end"));
    await b.event(socket, "close");
  },

  "options before and after connect": async (b) => {
    const socket = b.make();
    b.log(String(socket.setNoDelay(true) === socket));
    b.log(String(socket.setKeepAlive(true, 1_000) === socket));
    b.log(String(socket.ref() === socket));
    b.connect(socket);
    await b.accept();
    await b.event(socket, "ready");
    socket.setNoDelay(false).setNoDelay().setKeepAlive(false).unref().ref();
    socket.destroy();
    socket.setNoDelay().setKeepAlive(true);
    await b.event(socket, "close");
  },

  "what is no port, host, path or time": (b) => {
    const connects = (...args: unknown[]) => () => {
      // After what it throws, Node's own says that it is connecting.
      const socket = b.bare();
      try {
        to(socket, ...args);
      } finally {
        socket.destroy();
      }
    };
    thrown(b, "70000", connects(70_000));
    thrown(b, "-1", connects(-1));
    thrown(b, "1.5", connects({ port: 1.5 }));
    thrown(b, "NaN", connects({ port: NaN }));
    thrown(b, "a port that is an object", connects({ port: {} }));
    thrown(b, "null", connects({ port: null }));
    thrown(b, "a port that is a word", connects({ port: "abc" }));
    thrown(b, "an empty port", connects({ port: " " }));
    thrown(b, "nothing", connects());
    thrown(b, "no options", connects({}));
    thrown(b, "a host that is a number", connects({ port: 1, host: 5 }));
    thrown(b, "a path that is a number", connects({ path: 5 }));
    thrown(b, "localAddress", connects({ port: 1, localAddress: "zzz" }));
    thrown(b, "localPort", connects({ port: 1, localPort: "zzz" }));
    const withLocal = (localAddress: unknown) =>
      connects({ port: 1, host: "127.0.0.1", localAddress });
    thrown(b, "a number as localAddress", withLocal(5));
    thrown(b, "bytes as localAddress", withLocal(new Uint8Array(1)));
    const attempts = (autoSelectFamilyAttemptTimeout: unknown) =>
      connects({ port: 1, host: "127.0.0.1", autoSelectFamilyAttemptTimeout });
    thrown(b, "an attempt of a word", attempts("9"));
    thrown(b, "an attempt of -1", attempts(-1));
    thrown(b, "an attempt of 1.5", attempts(1.5));
    thrown(b, "an attempt of null", attempts(null));
    const byName = { port: 1, host: "x.invalid", lookup() {} };
    thrown(b, "no family", connects({ ...byName, family: null }));
    thrown(b, "no hints", connects({ ...byName, hints: "" }));
    thrown(b, "autoSelectFamily", connects({ port: 1, autoSelectFamily: "z" }));
    thrown(b, "lookup", connects({ port: 1, host: "x.invalid", lookup: "z" }));
    const socket = b.make();
    thrown(b, "setTimeout(-1)", () => socket.setTimeout(-1));
    thrown(b, "setTimeout(NaN)", () => socket.setTimeout(NaN));
    thrown(b, "setTimeout('5')", () => socket.setTimeout("5" as never));
    thrown(b, "setTimeout(5, 'x')", () => socket.setTimeout(5, "x" as never));
    socket.setTimeout(0);
    thrown(b, "setEncoding", () => socket.setEncoding("zzz" as never));
    thrown(b, "write(null)", () => socket.write(null));
    thrown(b, "write(5)", () => socket.write(5 as never));
    thrown(b, "write({})", () => socket.write({} as never));
    thrown(b, "an encoding", () => socket.write("x", "zzz" as never));
    thrown(b, "no options of a socket", () => b.bare(null as never));
    thrown(b, "object mode", () => b.make({ objectMode: true }));
    thrown(b, "a signal", () => b.make({ signal: 5 }));
    thrown(b, "a delay", () => b.make({ keepAliveInitialDelay: "x" }));
    thrown(b, "a mark", () => b.make({ highWaterMark: -1 }));
    socket.destroy();
  },
};

async function socketWrites(b: Bench, socket: AnySocket): Promise<void> {
  await new Promise<void>((resolve) =>
    socket.write("still", () => {
      b.log("still writing");
      resolve();
    })
  );
}
