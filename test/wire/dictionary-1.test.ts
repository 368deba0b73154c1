import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { dictionary1, dictionary1Encoding } from "#wire/dictionary-1.ts";
import { packBatch } from "../../probes/pack.ts";
import { decodeBody } from "../../src/ingest/decode.ts";
import { exampleBatch } from "../support/wire.ts";

const ticket = { reserve() {}, giveBack() {} };

describe("the first dictionary of batches", () => {
  it("is what it was when it came out: agents that have it are in the field", () => {
    const sum = createHash("sha256").update(dictionary1).digest("hex");
    expect([dictionary1.byteLength, sum]).toEqual([
      3_301,
      "e7a83e22f58402763d7db5b1a181f7108b4889a036c36b7fe8c166757f397e47",
    ]);
  });

  it("makes a small batch much smaller, and what comes out of it is the batch", async () => {
    const batch = exampleBatch();
    const { body, encoding } = packBatch(batch);
    expect(encoding).toBe(dictionary1Encoding);
    expect(body.byteLength).toBeLessThan(0.7 * packBatch(batch, { plain: true }).body.byteLength);
    expect(await decodeBody(body, encoding, ticket)).toEqual(batch);
  });

  it("is not guessed: the body called plain zstd is refused", async () => {
    const { body } = packBatch(exampleBatch());
    await expect(decodeBody(body, "zstd", ticket)).rejects.toMatchObject({
      status: 400,
      code: "body.encoding",
    });
  });
});
