import type { Config } from "../config.ts";
import { isWildcard, splitListen } from "../config/addresses.ts";
import type { Environment } from "../inventory/secrets.ts";

export type DoorConfig = Pick<Config, "listen" | "tls" | "publicUrl">;

/** The environment with SAMBUNG_DOOR, which the shipped inventory names: where the collector itself can be checked. */
export function withDoor<E extends Environment>(env: E, config: DoorConfig): E {
  const { host, port } = splitListen(config.listen);
  const name = isWildcard(host) ? "127.0.0.1" : host;
  const own = `${name.includes(":") ? `[${name}]` : name}:${port}`;
  // A certificate is for the name by which others know it.
  const address = config.tls === null ? `http://${own}` : (config.publicUrl ?? `https://${own}`);
  return { SAMBUNG_DOOR: `${address}/livez`, ...env };
}

/** An address that can be opened: a collector that listens everywhere is reached on this machine. */
export function reachable(address: string): string {
  return address.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
}
