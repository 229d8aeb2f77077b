import { tcp6Maker } from "../../src/testing/mod.ts";
import { columnTests, lackOfIPv6 } from "./columns.ts";

columnTests(tcp6Maker, lackOfIPv6());
