/**
 * Stores a value in a memcached server and reads it back, in the binary
 * protocol: the length stands in the middle of a header of 24 bytes.
 *
 *     deno run --allow-net examples/memcached.ts 11211 greeting "hello"
 *     bun examples/memcached.ts 11211 greeting "hello"
 *     node examples/memcached.ts 11211 greeting "hello"     (Node 22.18; on 20: .mjs)
 */

import { connect } from "anysock";
import { Struct } from "anysock/byteorder";
import { framed, lengthPrefixed, mapCodec } from "anysock/framing";

/** magic, opcode, key, extras, type, status, body, opaque, version */
const HEADER = new Struct("!BBHBBHIIQ");
const GET = 0;
const SET = 1;

interface Request {
  readonly opcode: number;
  readonly extras: Uint8Array;
  readonly key: string;
  readonly value: string;
}

// 8 bytes, the length (of what follows the header), 12 bytes, the body.
const packets = lengthPrefixed({ offset: 8, adjustment: 12, strip: 0 });
const codec = mapCodec(packets, {
  decode(packet) {
    const [, opcode, key, extras, , status] = HEADER.unpackFrom(packet);
    const body = packet.subarray(HEADER.size + extras + key);
    return { opcode, status, value: new TextDecoder().decode(body) };
  },
  encode({ opcode, extras, key, value }: Request) {
    const text = new TextEncoder().encode(key + value);
    const size = extras.length + text.length;
    const keySize = new TextEncoder().encode(key).length;
    const packet = new Uint8Array(HEADER.size + size);
    // deno-fmt-ignore
    HEADER.packInto(packet, 0, 0x80, opcode, keySize, extras.length, 0, 0, size, 0, 0n);
    packet.set(extras, HEADER.size);
    packet.set(text, HEADER.size + extras.length);
    return packet;
  },
});

const [port = "11211", key = "greeting", value = "hello"] = process.argv
  .slice(2);
const server = framed(await connect(`127.0.0.1:${port}`), codec);

// Both requests leave in one write; flags and time to live are 8 bytes of 0.
await server.sendMany([
  { opcode: SET, extras: new Uint8Array(8), key, value },
  { opcode: GET, extras: new Uint8Array(0), key, value: "" },
]);
const stored = await server.recv();
console.log(stored?.status === 0 ? "STORED" : `status ${stored?.status}`);
console.log((await server.recv())?.value);
await server.close();
