// A server says its last words and closes, without having read everything.
const place = { hostname: "127.0.0.1", port: 0 };
let [left, came] = [400_000, 0];
const drain = (server) => {
  left -= Math.max(0, server.write(new Uint8Array(left)));
  if (left === 0) server.end();
};
const open = (server) => [server.pause(), setTimeout(drain, 50, server)];
const { port } = Bun.listen({ ...place, socket: { data() {}, open, drain } });
const socket = { data: (_, chunk) => came += chunk.length };
const client = await Bun.connect({ ...place, port, socket });
client.pause();
client.write(new Uint8Array(400_000));
setTimeout(() => client.resume(), 150);
setTimeout(() => process.exit(console.log("lost:", came < 400_000)), 300);
