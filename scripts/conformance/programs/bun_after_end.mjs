// A write after the end was sent.
const socket = { data() {} };
const place = { hostname: "127.0.0.1", port: 0, socket };
const { port } = Bun.listen(place);
const client = await Bun.connect({ ...place, port });
client.end();
console.log(client.write("more"));
process.exit();
