/**
 * The HOWTO's MySocket: messages of a fixed length, with the loops written
 * out. `sendAll` and `recvExactly` are these loops.
 *
 *     deno run --allow-net examples/my_socket.ts
 *     bun examples/my_socket.ts
 *     node examples/my_socket.ts                   (Node 22.18; on 20: .mjs)
 */

import { type AddressLike, listen, socket, type StreamSocket } from "anysock";

const MSGLEN = 100_000; // far more than one recv gives

class MySocket {
  readonly #sock: StreamSocket;

  constructor(sock: StreamSocket = socket()) {
    this.#sock = sock;
  }

  connect(address: AddressLike): Promise<void> {
    return this.#sock.connect(address);
  }

  async mySend(message: Uint8Array): Promise<void> {
    let totalSent = 0;
    while (totalSent < MSGLEN) {
      totalSent += await this.#sock.send(message.subarray(totalSent));
    }
  }

  async myReceive(): Promise<Uint8Array> {
    const message = new Uint8Array(MSGLEN);
    let received = 0;
    while (received < MSGLEN) {
      const chunk = await this.#sock.recv(MSGLEN - received);
      if (chunk === null) throw new Error("socket connection broken");
      message.set(chunk, received);
      received += chunk.length;
    }
    return message;
  }

  close(): Promise<void> {
    return this.#sock.close();
  }
}

const listener = await listen(["127.0.0.1", 0]);
const client = new MySocket();
await client.connect(listener.getSockName());
const server = new MySocket((await listener.accept())[0]);

for (const letter of ["a", "b", "c"]) {
  const message = new Uint8Array(MSGLEN).fill(letter.charCodeAt(0));
  const [got] = await Promise.all([server.myReceive(), client.mySend(message)]);
  console.log(`${got.length} times "${String.fromCharCode(got[0]!)}"`);
}
await Promise.all([client.close(), server.close(), listener.close()]);
