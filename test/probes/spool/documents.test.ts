import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readIdentity } from "../../../probes/key-ring.ts";
import { createDocuments } from "../../../probes/spool/documents.ts";
import { tempFolder } from "../../support/agent-parts.ts";

const identity = JSON.stringify({ agentId: "ag_1234567", key: `sba_${"k".repeat(36)}`, site: "64.08" });

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at]! ^= 0x01;
  writeFileSync(path, bytes);
}

describe("a document", () => {
  it.each([
    ["is emptied", (path: string) => writeFileSync(path, "")],
    ["is cut", (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 40))],
    ["is gone", (path: string) => rmSync(path)],
    ["has another digit in its sum", (path: string) => flip(path, 10)],
  ])("is read from its copy, and put right, when it %s", (_, harm) => {
    using folder = tempFolder();
    const path = join(folder.path, "identity.json");
    createDocuments(folder.path).set("identity", identity);
    const whole = readFileSync(path, "utf8");
    harm(path);
    const documents = createDocuments(folder.path);
    expect(documents.get("identity")).toBe(identity);
    documents.mend();
    expect(readFileSync(path, "utf8")).toBe(whole);
  });

  it("is never believed with one bit of it turned, wherever that is", () => {
    using folder = tempFolder();
    const path = join(folder.path, "identity.json");
    const documents = createDocuments(folder.path);
    documents.set("identity", identity);
    rmSync(join(folder.path, "identity.copy.json"));
    const whole = readFileSync(path);
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const bytes = Buffer.from(whole);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      writeFileSync(path, bytes);
      expect(() => documents.get("identity")).toThrow(/identity\.json is damaged, and so is its copy/);
    }
  });

  it("has its copy put right too, and a cut between the two leaves the newer", () => {
    using folder = tempFolder();
    const copy = join(folder.path, "config.copy.json");
    const documents = createDocuments(folder.path);
    documents.set("config", "old");
    const old = readFileSync(copy);
    documents.set("config", "new");
    writeFileSync(copy, old);
    documents.mend();
    expect(documents.get("config")).toBe("new");
    rmSync(join(folder.path, "config.json"));
    expect(documents.get("config")).toBe("new");
    expect(readdirSync(folder.path).filter((name) => name.endsWith(".new"))).toEqual([]);
  });

  it("tells the operator what to do when nobody knows any more who the agent is, and shows no key", () => {
    using folder = tempFolder();
    const documents = createDocuments(folder.path);
    documents.set("identity", identity);
    for (const name of ["identity.json", "identity.copy.json"])
      writeFileSync(join(folder.path, name), identity.slice(0, 50));
    const read = () => readIdentity(documents);
    expect(read).toThrow(/does not know any more who it is.*new token/);
    expect(read).toThrow(/^(?!.*kk)/);
  });
});
