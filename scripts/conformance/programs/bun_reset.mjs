// A server resets. Which handlers are called?
const listener = Bun.listen({
  hostname: "127.0.0.1",
  port: 0,
  socket: { data() {}, open: (server) => setTimeout(() => server.terminate()) },
});
const told = [];
const socket = {
  data() {},
  end: () => told.push("end"),
  error: () => told.push("error"),
  close: (_, error) => told.push(`close(${error?.code ?? ""})`),
};
const { port } = listener;
const client = await Bun.connect({ hostname: "127.0.0.1", port, socket });
setTimeout(() => {
  console.log(told.join(" "), "write:", client.write("more"));
  process.exit();
}, 200);
