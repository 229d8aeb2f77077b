// One write of 16 MB.
const listener = Bun.listen({
  hostname: "127.0.0.1",
  port: 0,
  socket: { data() {} },
});
const socket = { data() {} };
const { port } = listener;
const client = await Bun.connect({ hostname: "127.0.0.1", port, socket });
const count = client.write(new Uint8Array(16_000_000));
console.log(count < 16_000_000 ? "a part was written" : "all was written");
process.exit();
