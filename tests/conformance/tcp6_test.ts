/**
 * What carries an address of IPv6 is below every driver, and the laws over
 * IPv4 are run on each.
 *
 * @module
 */

import { tcp6Maker } from "../../src/testing/mod.ts";
import { lackOfIPv6, oneNodeColumnTests } from "./columns.ts";

oneNodeColumnTests(tcp6Maker, lackOfIPv6());
