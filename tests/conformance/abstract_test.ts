import { abstractMaker } from "../../src/testing/mod.ts";
import { freshName, lackOfAbstractNames, ownColumnTests } from "./columns.ts";

ownColumnTests(
  (runtime) => abstractMaker(runtime, freshName),
  lackOfAbstractNames(),
);
