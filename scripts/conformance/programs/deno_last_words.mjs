// A server says its last words and closes, without having read everything.
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
const client = await Deno.connect(listener.addr);
const server = await listener.accept();
client.write(new Uint8Array(400_000)).catch(() => {});
await new Promise((resolve) => setTimeout(resolve, 50));
let left = await server.write(new Uint8Array(400_000));
server.close();
const sink = new WritableStream({
  write: (chunk) => void (left -= chunk.length),
});
await client.readable.pipeTo(sink).catch(() => {});
Deno.exit(console.log(left > 0 ? "bytes are missing" : "all came"));
