/**
 * Names are all that makes these streams differ from those of paths, whose laws
 * are run on each driver.
 *
 * @module
 */

import { abstractMaker } from "../../src/testing/mod.ts";
import { freshName, lackOfAbstractNames, ownColumnTests } from "./columns.ts";

ownColumnTests(
  (runtime) => abstractMaker(runtime, freshName),
  lackOfAbstractNames(),
);
