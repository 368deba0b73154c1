import { expect, it } from "vitest";
import { reachable, withDoor } from "../../src/command/door.ts";

it.each([
  ["127.0.0.1:8080", "http://127.0.0.1:8080/livez"],
  ["0.0.0.0:9999", "http://127.0.0.1:9999/livez"],
  ["[::]:9999", "http://127.0.0.1:9999/livez"],
  ["[::1]:9999", "http://[::1]:9999/livez"],
])("a collector that listens on %s is checked at %s", (listen, door) => {
  expect(withDoor({}, { listen, tls: null })).toEqual({ SAMBUNG_DOOR: door });
});

it("what the operator says of the door stands", () => {
  const env = { SAMBUNG_DOOR: "https://sambung.test/livez" };
  expect(withDoor(env, { listen: "127.0.0.1:8080", tls: null })).toEqual(env);
});

it.each([
  ["http://0.0.0.0:1", "http://127.0.0.1:1"],
  ["http://[::]:1", "http://[::1]:1"],
  ["http://10.0.0.1:1", "http://10.0.0.1:1"],
])("people open %s as %s", (address, opened) => {
  expect(reachable(address)).toBe(opened);
});
