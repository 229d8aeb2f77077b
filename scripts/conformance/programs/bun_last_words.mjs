// A server says its last words and closes, without having read everything.
const write = (socket, size) => {
  const left = size - Math.max(0, socket.write(new Uint8Array(size)));
  socket.data = left;
  return left;
};
const listener = Bun.listen({
  hostname: "127.0.0.1",
  port: 0,
  socket: {
    data() {},
    open(server) {
      server.pause();
      setTimeout(() => write(server, 400_000) || server.end(), 50);
    },
    drain: (server) => write(server, server.data) || server.end(),
  },
});
let count = 0;
const socket = {
  data: (_, chunk) => count += chunk.length,
  close() {
    console.log(count < 400_000 ? "bytes are missing" : "all came");
    process.exit();
  },
};
const { port } = listener;
const client = await Bun.connect({ hostname: "127.0.0.1", port, socket });
client.pause();
client.write(new Uint8Array(400_000));
setTimeout(() => client.resume(), 150);
