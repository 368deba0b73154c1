import { expect, it } from "vitest";
import { partitionOf } from "../../src/http/client.ts";

it.each([
  ["192.0.2.1", "192.0.2.1"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:db8::6", "2001:db8:0:0::/64"],
  ["2001:0db8:0001::", "2001:db8:1:0::/64"],
  ["::1", "0:0:0:0::/64"],
])("an IPv6 address shares its limit with its network: %s", (address, partition) => {
  expect(partitionOf(address)).toBe(partition);
});
