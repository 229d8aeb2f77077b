import { tcp4Maker } from "../../src/testing/mod.ts";
import { columnTests } from "./columns.ts";

columnTests(tcp4Maker);
