/**
 * Asks a name server for the records of a name: a datagram there, a datagram
 * back, and the same over TCP if the answer did not fit (RFC 1035).
 *
 *     deno run --allow-net examples/dns_query.ts 127.0.0.1:53 example.org TXT
 *     bun examples/dns_query.ts 127.0.0.1:53 example.org TXT
 *     node examples/dns_query.ts 127.0.0.1:53 example.org TXT   (Node 22.18; on 20: .mjs)
 */

import { AF_INET, connect, inetNtop, SOCK_DGRAM, socket } from "anysock";
import { AF_INET6, type Bytes, parseAddress, TimeoutError } from "anysock";
import { ByteReader, ByteWriter, Struct } from "anysock/byteorder";

const TYPES: Record<string, number> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  TXT: 16,
  AAAA: 28,
};
const HEADER = new Struct("!HHHHHH"); // id, flags, and four counts
const TRUNCATED = 0x0200;
const RECURSE = 0x0100;

function question(id: number, name: string, type: number): Bytes {
  const writer = new ByteWriter().bytes(HEADER.pack(id, RECURSE, 1, 0, 0, 0));
  for (const label of name.split(".").filter(Boolean)) {
    writer.u8(label.length).utf8(label);
  }
  return writer.u8(0).u16(type).u16(1).finish();
}

/** A name; one that ends in a pointer goes on elsewhere in the message. */
function readName(reader: ByteReader, message: Bytes): string {
  const labels: string[] = [];
  for (let at = reader, hops = 0;;) {
    const length = at.u8();
    if (length === 0) return `${labels.join(".")}.`;
    if (length < 0xc0) labels.push(at.utf8(length));
    else if (++hops > 100) throw new Error("The name goes round in circles");
    else at = new ByteReader(message.subarray((length & 0x3f) << 8 | at.u8()));
  }
}

function readData(reader: ByteReader, message: Bytes, type: number): string {
  const length = reader.u16();
  if (type === TYPES.NS || type === TYPES.CNAME) {
    return readName(reader, message);
  }
  const data = new ByteReader(reader.bytes(length));
  if (type === TYPES.A) return inetNtop(AF_INET, data.bytes(length));
  if (type === TYPES.AAAA) return inetNtop(AF_INET6, data.bytes(length));
  const texts: string[] = [];
  while (data.remaining > 0) texts.push(JSON.stringify(data.utf8(data.u8())));
  return texts.join(" ");
}

async function askUdp(server: string, query: Bytes): Promise<Bytes> {
  const sock = socket(AF_INET, SOCK_DGRAM);
  try {
    await sock.connect(parseAddress(server)); // others are not heard
    for (let attempt = 1;; attempt++) {
      await sock.send(query);
      try {
        return await sock.recv({ timeoutMs: 2_000 });
      } catch (error) {
        if (!(error instanceof TimeoutError) || attempt === 3) throw error;
      }
    }
  } finally {
    await sock.close();
  }
}

async function askTcp(server: string, query: Bytes): Promise<Bytes> {
  const sock = await connect(server, { timeoutMs: 5_000 });
  try {
    await sock.sendAll([new ByteWriter().u16(query.length).finish(), query]);
    const length = new ByteReader(await sock.recvExactly(2)).u16();
    return await sock.recvExactly(length, { timeoutMs: 5_000 });
  } finally {
    await sock.close();
  }
}

const [server = "127.0.0.1:53", name = "localhost", kind = "A"] = process.argv
  .slice(2);
const type = TYPES[kind] ?? 1;
const id = Math.floor(Math.random() * 65_536);
const query = question(id, name, type);

let answer = await askUdp(server, query);
let [answerId, flags, questions, answers] = HEADER.unpackFrom(answer, 0);
if ((flags & TRUNCATED) !== 0) {
  console.error("truncated, asking again over TCP");
  answer = await askTcp(server, query);
  [answerId, flags, questions, answers] = HEADER.unpackFrom(answer, 0);
}
if (answerId !== id) throw new Error("That is no answer to this question");

const reader = new ByteReader(answer);
reader.bytes(HEADER.size);
while (questions-- > 0) {
  readName(reader, answer);
  reader.u32();
}
while (answers-- > 0) {
  readName(reader, answer);
  const found = reader.u16();
  reader.bytes(6); // class and time to live
  const data = readData(reader, answer, found);
  if (found === type) console.log(data);
}
process.exitCode = flags & 0x000f; // the server's verdict: 3 is "no such name"
