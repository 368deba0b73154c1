import type { Readable } from "node:stream";

/** The head of an answer, in either version of HTTP; the body is still to be read. */
export interface Answer {
  httpVersion: "1.0" | "1.1" | "2";
  /** As the server sent it, whatever HTTP knows. */
  status: number;
  /** Names in small letters. */
  headers: Record<string, string | string[] | number | undefined>;
  body: Readable;
  /** Whether the body came to its end; asked once it has ended. */
  isWhole(): boolean;
}

/** A header of the answer, or "" where it has none; of several, the first. */
export function headerOf({ headers }: Answer, name: string): string {
  const value = headers[name];
  return String((Array.isArray(value) ? value[0] : value) ?? "");
}

/** What every request says, in either version. Throws URIError for credentials that are no text. */
export function requestHeaders({ username, password }: URL): Record<string, string> {
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return {
    "user-agent": "sambung-agent",
    accept: "*/*",
    "accept-encoding": "gzip, br, zstd, deflate",
    ...(username === "" ? {} : { authorization: `Basic ${Buffer.from(login).toString("base64")}` }),
  };
}
