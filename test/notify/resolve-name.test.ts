import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createResolve } from "../../src/notify/resolve-name.ts";

/* A name server of the test's own, on the loopback. */

const types = { a: 1, aaaa: 28 };

let server: Socket;
let queries: Buffer[];
let reply: (type: number) => { code: number; data?: number[] } | null;

beforeEach(async () => {
  queries = [];
  server = createSocket("udp4");
  server.on("message", (query, from) => {
    queries.push(query);
    const type = query.readUInt16BE(query.indexOf(0, 12) + 1);
    const given = reply(type);
    if (given !== null) server.send(toAnswer(query, type, given), from.port, from.address);
  });
  server.bind(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(() => void server.close());

/** RFC 1035 §4.1: the header and the question again, and one record at most, which is named as the question is. */
function toAnswer(query: Buffer, type: number, { code, data }: { code: number; data?: number[] }): Buffer {
  const question = query.subarray(12, query.indexOf(0, 12) + 5);
  const header = Buffer.from([
    query[0]!,
    query[1]!,
    0x81,
    0x80 | code,
    0,
    1,
    0,
    data === undefined ? 0 : 1,
    0,
    0,
    0,
    0,
  ]);
  const record = data === undefined ? [] : [0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length, ...data];
  return Buffer.concat([header, question, Buffer.from(record)]);
}

const resolve = (name: string, signal = new AbortController().signal) =>
  createResolve([`127.0.0.1:${server.address().port}`])(name, signal);

describe("a name", () => {
  it("has all addresses of both families, or of the one that it has", async () => {
    const six = [0x24, 0, 0x98, 0, ...Array<number>(11).fill(0), 9];
    reply = (type) => ({ code: 0, data: type === types.a ? [203, 0, 113, 9] : six });
    expect(await resolve("noc.example.id")).toEqual([
      { address: "203.0.113.9", family: 4 },
      { address: "2400:9800::9", family: 6 },
    ]);
    reply = (type) => (type === types.a ? { code: 0 } : { code: 0, data: six });
    expect(await resolve("six.example.id")).toEqual([{ address: "2400:9800::9", family: 6 }]);
  });

  it("that nobody has is refused", async () => {
    reply = () => ({ code: 3 });
    await expect(resolve("nobody.example.id")).rejects.toThrow("ENOTFOUND");
  });

  it("whose server is silent is given up when somebody says so", async () => {
    const asked = once(server, "message");
    reply = () => null;
    const giveUp = new AbortController();
    const resolved = resolve("silent.example.id", giveUp.signal);
    await asked;
    giveUp.abort();
    await expect(resolved).rejects.toThrow("ECANCELLED");
    expect(queries[0]!.toString("latin1")).toContain("\x06silent\x07example\x02id");
  });
});
