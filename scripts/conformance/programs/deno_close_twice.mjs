// A connection is closed twice.
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
const client = await Deno.connect(listener.addr);
(await listener.accept()).close();
listener.close();
client.close();
try {
  client.close();
  console.log("nothing");
} catch (error) {
  console.log(error.name);
}
