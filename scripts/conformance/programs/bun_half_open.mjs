// A server answers once the question has ended. Sockets end by themselves.
const place = { hostname: "127.0.0.1", port: 0 };
const answer = (socket) => setTimeout(() => socket.end("the answer"), 50);
const served = { data() {}, end: answer };
const { port } = Bun.listen({ ...place, socket: served });
let came = "";
const socket = { data: (_, chunk) => came += chunk };
const client = await Bun.connect({ ...place, port, socket });
client.end("the question");
setTimeout(() => process.exit(console.log(`what came: "${came}"`)), 200);
