import { isWildcard, splitListen } from "../config.ts";
import type { Environment } from "../inventory/secrets.ts";

/** The environment with SAMBUNG_DOOR, which the shipped inventory names: where the collector itself can be checked. */
export function withDoor<E extends Environment>(env: E, listen: string): E {
  const { host, port } = splitListen(listen);
  const name = isWildcard(host) ? "127.0.0.1" : host;
  return { SAMBUNG_DOOR: `http://${name.includes(":") ? `[${name}]` : name}:${port}/livez`, ...env };
}

/** An address that can be opened: a collector that listens everywhere is reached on this machine. */
export function reachable(address: string): string {
  return address.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
}
