import { tcp6Maker } from "../../src/testing/mod.ts";
import { lackOfIPv6, oneNodeColumnTests } from "./columns.ts";

oneNodeColumnTests(tcp6Maker, lackOfIPv6());
