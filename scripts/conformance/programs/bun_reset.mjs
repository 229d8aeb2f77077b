// A server resets. Which handlers are called?
const place = { hostname: "127.0.0.1", port: 0 };
const reset = (socket) => setTimeout(() => socket.terminate());
const { port } = Bun.listen({ ...place, socket: { data() {}, open: reset } });
const told = [];
const [end, error] = ["end", "error"].map((name) => () => told.push(name));
const close = (_, reason) => told.push(`close(${reason?.code ?? ""})`);
const socket = { data() {}, end, error, close };
const client = await Bun.connect({ ...place, port, socket });
await Bun.sleep(200);
process.exit(console.log(told.join(" "), "write:", client.write("more")));
