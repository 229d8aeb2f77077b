import { abstractMaker } from "../../src/testing/mod.ts";
import { columnTests, freshName, lackOfAbstractNames } from "./columns.ts";

columnTests(
  (runtime) => abstractMaker(runtime, freshName),
  lackOfAbstractNames(),
);
