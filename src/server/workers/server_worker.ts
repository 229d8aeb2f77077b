/**
 * What a worker begins with. It is the one module here that does something
 * when it is imported, and no other module imports it.
 *
 * @module
 */

import { runWorker } from "./worker.ts";

runWorker();
