import assert from "node:assert/strict";
import { join } from "node:path";
import {
  type AddressLike,
  capabilities,
  connect,
  SHUT_WR,
  type StreamSocket,
} from "../../mod.ts";
import { test } from "../harness.ts";
import { withTempDir } from "../temp.ts";
import {
  collect,
  missing,
  noise,
  runProgram,
  sha256,
  withProgram,
} from "./programs.ts";
import { withOurServer } from "./serving.ts";

const skip = missing("socat");
const skipAbstract = skip ||
  (capabilities().abstractNames !== true &&
    `abstract names: ${capabilities().abstractNames}`);
const BODY = noise(8 * 2 ** 20 + 1);
/** After one direction ended, how long the other may still take: long. */
const SOCAT = ["socat", "-t", "20"] as const;

async function echo(conn: StreamSocket): Promise<void> {
  for await (const chunk of conn) await conn.sendAll(chunk);
}

/** Answers only once the client has shut its sending side down. */
async function answerAtTheEnd(conn: StreamSocket): Promise<void> {
  const { length, digest } = await collect(conn);
  await conn.sendAll(`${length} ${digest}\n`);
}

interface Place {
  readonly name: string;
  readonly skip: string | false;
  ours(dir: string): AddressLike;
  connect(dir: string, port: number): string;
  listen(dir: string): string;
  theirs(dir: string, port: number): AddressLike;
}

const NAME = `anysock-socat-${process.pid}`;
const places: readonly Place[] = [
  {
    name: "IPv4",
    skip,
    ours: () => ["127.0.0.1", 0],
    connect: (_, port) => `TCP4:127.0.0.1:${port}`,
    listen: () => "TCP4-LISTEN:0,bind=127.0.0.1",
    theirs: (_, port) => ["127.0.0.1", port],
  },
  {
    name: "IPv6",
    skip,
    ours: () => ["::1", 0],
    connect: (_, port) => `TCP6:[::1]:${port}`,
    listen: () => "TCP6-LISTEN:0,bind=[::1]",
    theirs: (_, port) => ["::1", port],
  },
  {
    name: "a Unix-domain socket",
    skip,
    ours: (dir) => ({ path: join(dir, "s") }),
    connect: (dir) => `UNIX-CONNECT:${join(dir, "s")}`,
    listen: (dir) => `UNIX-LISTEN:${join(dir, "s")}`,
    theirs: (dir) => ({ path: join(dir, "s") }),
  },
  {
    name: "an abstract name",
    skip: skipAbstract,
    ours: () => ({ path: `\0${NAME}` }),
    connect: () => `ABSTRACT-CONNECT:${NAME}`,
    listen: () => `ABSTRACT-LISTEN:${NAME}`,
    theirs: () => ({ path: `\0${NAME}` }),
  },
];

for (const place of places) {
  const { name, skip } = place;

  test(
    `socat gets an echo over ${name}`,
    () =>
      withTempDir((dir) =>
        withOurServer(place.ours(dir), echo, async (port) => {
          const to = place.connect(dir, port);
          const { code, stdout, stderr } = await runProgram(
            [...SOCAT, "-", to],
            BODY,
          );
          assert.deepEqual([code, stderr], [0, ""]);
          assert.equal(sha256(stdout), sha256(BODY));
        })
      ),
    { skip },
  );

  test(
    `socat's half-close over ${name} is answered`,
    () =>
      withTempDir((dir) =>
        withOurServer(place.ours(dir), answerAtTheEnd, async (port) => {
          const to = place.connect(dir, port);
          const { code, stdout } = await runProgram([...SOCAT, "-", to], BODY);
          assert.equal(code, 0);
          assert.equal(
            new TextDecoder().decode(stdout),
            `${BODY.length} ${sha256(BODY)}\n`,
          );
        })
      ),
    { skip },
  );

  test(
    `socat sees our half-close over ${name} and answers`,
    () =>
      withTempDir((dir) =>
        withProgram(
          [...SOCAT, "-d", "-d", place.listen(dir), "EXEC:sha256sum"],
          async (socat) => {
            const listening = await socat.complained(/listening on .*?(\d*)\n/);
            const sock = await connect(place.theirs(dir, Number(listening[1])));
            await sock.sendAll(BODY);
            await sock.shutdown(SHUT_WR);
            const line = await sock.recvUntil("\n");
            const digest = new TextDecoder().decode(line).slice(0, 64);
            assert.equal(digest, sha256(BODY));
            assert.equal(await sock.recv(), null);
            await sock.close();
            assert.equal((await socat.ended).code, 0);
          },
        )
      ),
    { skip },
  );

  test(
    `socat echoes all that we send over ${name}`,
    () =>
      withTempDir((dir) =>
        withProgram(
          [...SOCAT, "-d", "-d", place.listen(dir), "EXEC:cat"],
          async (socat) => {
            const listening = await socat.complained(/listening on .*?(\d*)\n/);
            const sock = await connect(place.theirs(dir, Number(listening[1])));
            const send = async (): Promise<void> => {
              await sock.sendAll(BODY);
              await sock.shutdown(SHUT_WR);
            };
            const [got] = await Promise.all([collect(sock), send()]);
            assert.equal(got.digest, sha256(BODY));
            await sock.close();
            assert.equal((await socat.ended).code, 0);
          },
        )
      ),
    { skip },
  );
}
