import { rangeAt } from "#wire/check.ts";

/* Addresses as they stand in the configuration. */

const listenPattern = /^(?<host>\[[0-9a-fA-F:]+\]|[0-9A-Za-z.-]+):(?<port>\d{1,5})$/;
export const listenAllowed = "host:port, such as 127.0.0.1:8080";

/** Host and port of a listening address. */
export function splitListen(address: string): { host: string; port: number } {
  const { host, port } = listenPattern.exec(address)!.groups!;
  return { host: host!.replace(/^\[|\]$/g, ""), port: Number(port) };
}

export function isListen(address: string): boolean {
  return listenPattern.test(address) && splitListen(address).port <= 65_535;
}

/** Whether a collector that listens on this host is reached by every address of its machine. */
export function isWildcard(host: string): boolean {
  return host === "0.0.0.0" || /^[0:]+$/.test(host);
}

export function isWebAddress(address: string): boolean {
  return /^https?:\/\/\S+$/.test(address) && URL.canParse(address);
}

export function isRange(text: string): boolean {
  try {
    return rangeAt("", text) === text;
  } catch {
    return false;
  }
}
