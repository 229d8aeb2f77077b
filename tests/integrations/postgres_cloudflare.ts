import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { aliasCloudflare } from "../../examples/integrations/cloudflare.ts";
import { repositoryRoot } from "../runtimes.ts";
import { PORT, run } from "./kit.ts";
import { work } from "./postgres_work.ts";

aliasCloudflare();
// What a bundler takes for a worker.
const path = "examples/integrations/node_modules/postgres/cf/src/index.js";
const { href } = pathToFileURL(join(repositoryRoot(), path));
const { default: postgres } = await import(href);

await run(async () => {
  const options = { host: "127.0.0.1", port: PORT, user: "postgres" };
  const sql = postgres({ ...options, max: 2, onclose: () => {} });
  await work(sql);
  await sql.end({ timeout: 1 });
});
