import { describe, expect, it } from "vitest";
import { BerError, readValue } from "../../../probes/snmp/ber.ts";
import { encodeRequest, knownOid, readResponseHead, readVarbinds } from "../../../probes/snmp/message.ts";
import { compareOids, isBelow } from "../../../probes/snmp/oids.ts";
import { seededRandom, whole } from "../../support/random.ts";
import { decodeRequest, encodeAnswer, integer, text, tlv } from "./made-agent.ts";
import type { MadeRequest } from "./made-agent.ts";

const community = Buffer.from("lontar");
const asked: MadeRequest = { version: 1, community, pdu: 0xa0, id: 77, maxRepetitions: 0, oids: [] };

function valueOf(hex: string) {
  const bytes = Buffer.from(hex, "hex");
  return readValue({ bytes, at: 0, tag: 0 }, bytes.length).value;
}

describe("BER values", () => {
  it.each([
    ["a Counter64 of no octets", "4600", 0],
    ["a Counter64 of two octets", "46020100", 256],
    ["a Counter64 at 2^53 - 1", "46071fffffffffffff", Number.MAX_SAFE_INTEGER],
    ["a Counter64 above 2^53", "460720000000000001", 9_007_199_254_740_993n],
    ["a full Counter64 with its sign octet", "460900ffffffffffffffff", 18_446_744_073_709_551_615n],
    ["a full Counter64 without it", "4608ffffffffffffffff", 18_446_744_073_709_551_615n],
    ["a Counter32 with its sign octet", "410500ffffffff", 4_294_967_295],
    ["a Counter32 without it", "4104ffffffff", 4_294_967_295],
    ["a Gauge32 of five octets", "420500fffffffe", 4_294_967_294],
    ["TimeTicks", "43037bf4c0", 8_123_584],
    ["a negative INTEGER", "0201b9", -71],
    ["an INTEGER of eight octets", "0208ffffffffffffffb9", -71],
    ["an OID", "060a2b06010401bf0803020a", "1.3.6.1.4.1.8072.3.2.10"],
    ["an OID with a number of 32 bits", "06072b068fffffff7f", "1.3.6.4294967295"],
    ["an IpAddress", "40040a080101", "10.8.1.1"],
    ["octets", "04020001", Buffer.from([0, 1])],
    ["noSuchInstance", "8100", null],
  ])("%s", (_what, hex, expected) => {
    expect(valueOf(hex)).toEqual(expected);
  });

  it.each([
    ["an INTEGER of no octets", "0200", "garbage"],
    ["an INTEGER of nine octets", "0209010101010101010101", "garbage"],
    ["a Counter64 of ten octets", "460a01010101010101010101", "garbage"],
    ["an IpAddress of three octets", "40030a0801", "garbage"],
    ["an OID that ends inside a number", "06032b0681", "garbage"],
    ["a number of more than 32 bits in an OID", "06072b069fffffff7f", "garbage"],
    ["an indefinite length", "3080", "garbage"],
    ["a tag that SNMP lacks", "5f0101", "garbage"],
    ["a value longer than the packet", "04050102", "truncated"],
    ["a tag alone", "04", "truncated"],
  ])("refuses %s", (_what, hex, why) => {
    expect(() => valueOf(hex)).toThrow(expect.objectContaining({ name: "BerError", why }));
  });
});

describe("SNMP messages", () => {
  it("a request is read by another decoder as it was written", () => {
    const oids = ["1.3.6.1.2.1.2.2.1.10.4194316032", "1.3.6.1.4.1.14988.1.1.3.8.0", "2.999.3", "0.39.1"];
    const bytes = encodeRequest({
      pdu: "bulk",
      community,
      requestId: 0x7fff_fffe,
      oids,
      maxRepetitions: 200,
    });
    expect(decodeRequest(bytes)).toEqual({
      version: 1,
      community,
      pdu: 0xa5,
      id: 0x7fff_fffe,
      maxRepetitions: 200,
      oids,
    });
  });

  it("an answer of 300 objects is read, with its roots known or not", () => {
    const root = "1.3.6.1.2.1.2.2.1.10";
    const varbinds = Array.from(
      { length: 300 },
      (_, i) => [`${root}.${i * 70_000}`, integer(i, 0x41)] as const,
    );
    const bytes = encodeAnswer(asked, { varbinds });
    for (const known of [[], [knownOid(root)], [knownOid("1.3.6.1.2.1.99")]]) {
      const read = readVarbinds(readResponseHead(bytes), known);
      expect(read).toEqual(varbinds.map(([oid], i) => ({ oid, type: 0x41, value: i })));
    }
  });

  it("every answer that breaks off is refused as truncated", () => {
    const whole = encodeAnswer(asked, { varbinds: [["1.3.6.1.2.1.1.5.0", text("rt-uji")]] });
    for (let length = 1; length < whole.length; length++) {
      const read = () => readVarbinds(readResponseHead(whole.subarray(0, length)));
      expect(read, `${length} octets`).toThrow(expect.objectContaining({ why: "truncated" }));
    }
  });

  it("nothing but BerError comes of any octets", () => {
    const random = seededRandom(3_416);
    const good = encodeAnswer(asked, {
      varbinds: [
        ["1.3.6.1.2.1.1.5.0", text("rt-uji")],
        ["1.3.6.1.2.1.31.1.1.1.6.2", tlv(0x46, Buffer.from("ffffffffffffffff", "hex"))],
        ["1.3.6.1.2.1.1.2.0", Buffer.from("060a2b06010401bf0803020a", "hex")],
      ],
    });
    const others: unknown[] = [];
    let refused = 0;
    for (let round = 0; round < 30_000; round++) {
      const bytes = Buffer.from(good);
      for (let i = 0; i <= whole(random, 3); i++) bytes[whole(random, bytes.length)] = whole(random, 256);
      try {
        readVarbinds(readResponseHead(bytes.subarray(0, 1 + whole(random, bytes.length))));
      } catch (error) {
        refused++;
        if (!(error instanceof BerError)) others.push(error);
      }
    }
    expect(others).toEqual([]);
    expect(refused).toBeGreaterThan(1_000);
  });
});

describe("OIDs", () => {
  it("come in the order of the tree", () => {
    const ordered = [
      "1.3",
      "1.3.6",
      "1.3.6.1.2",
      "1.3.6.1.2.3",
      "1.3.6.1.2.20",
      "1.3.6.1.2.20.1",
      "1.3.6.1.10",
      "1.20",
    ];
    const random = seededRandom(7);
    for (let round = 0; round < 50; round++) {
      const mixed = ordered.toSorted(() => random() - 0.5);
      expect(mixed.toSorted((a, b) => compareOids(a, b))).toEqual(ordered);
    }
    for (const oid of ordered) expect(compareOids(oid, oid)).toBe(0);
  });

  it("lie below a root by whole numbers", () => {
    expect(isBelow("1.3.6.1", "1.3.6.1.0")).toBe(true);
    expect(isBelow("1.3.6.1", "1.3.6.1")).toBe(false);
    expect(isBelow("1.3.6.1", "1.3.6.10")).toBe(false);
  });
});
