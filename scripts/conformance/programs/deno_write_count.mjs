// One write of 16 MB, of which somebody reads.
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
const client = await Deno.connect(listener.addr);
const server = await listener.accept();
const count = await client.write(new Uint8Array(16_000_000));
console.log(count < 16_000_000 ? "a part was written" : "all was written");
client.close();
server.close();
listener.close();
