import { unixMaker } from "../../src/testing/mod.ts";
import { freshPath, ownColumnTests } from "./columns.ts";

ownColumnTests((runtime) => unixMaker(runtime, freshPath));
