// A server answers once the question has ended. Sockets end by themselves.
const listener = Bun.listen({
  hostname: "127.0.0.1",
  port: 0,
  socket: {
    data() {},
    end: (server) => setTimeout(() => server.end("the answer"), 50),
  },
});
let came = "";
const socket = {
  data: (_, chunk) => came += chunk,
  close() {
    console.log(`what came: "${came}"`);
    process.exit();
  },
};
const { port } = listener;
const client = await Bun.connect({ hostname: "127.0.0.1", port, socket });
client.end("the question");
