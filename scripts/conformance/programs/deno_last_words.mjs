// A server says its last words and closes, without having read everything.
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
const client = await Deno.connect(listener.addr);
const server = await listener.accept();
client.write(new Uint8Array(400_000)).catch(() => {});
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
await wait(50);
for (let left = 200_000; left > 0;) {
  left -= await server.write(new Uint8Array(left));
}
server.close();
await wait(50);
let count = 0;
const memory = new Uint8Array(65_536);
const read = () => client.read(memory).catch(() => null);
for (let n = await read(); n; n = await read()) count += n;
console.log(count < 200_000 ? "bytes are missing" : "all came");
Deno.exit();
