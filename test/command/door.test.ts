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

it("a collector with TLS is checked at the name in its certificate", () => {
  const tls = { cert: "a", key: "b", requireClientCert: "none" as const };
  const config = { listen: "0.0.0.0:8443", tls };
  expect(withDoor({}, config)).toEqual({ SAMBUNG_DOOR: "https://127.0.0.1:8443/livez" });
  const named = { ...config, publicUrl: "https://sambung.test" };
  expect(withDoor({}, named)).toEqual({ SAMBUNG_DOOR: "https://sambung.test/livez" });
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
