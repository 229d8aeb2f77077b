import { unixMaker } from "../../src/testing/mod.ts";
import { columnTests, freshPath } from "./columns.ts";

columnTests((runtime) => unixMaker(runtime, freshPath));
