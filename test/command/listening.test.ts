import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { explainListening } from "../../src/command/listening.ts";
import { commandTexts } from "../../src/command/texts.ts";
import { listen } from "../support/listen.ts";

describe("why the collector cannot listen", () => {
  it("is told by the address and what helps, in the reader's language", async () => {
    await using first = await listen(createHttpServer());
    const address = `127.0.0.1:${first.port}`;
    const [error] = await once(createServer().listen(first.port, "127.0.0.1"), "error");
    const told = (language: "id" | "en") =>
      (explainListening(error, address, commandTexts[language]) as Error).message;
    expect(told("id")).toContain(`${address}: sudah dipakai program lain`);
    expect(told("en")).toContain(`${address}: another program uses it`);
  });

  it("leaves every other error as it is", () => {
    const error = Object.assign(new Error("no"), { code: "EACCES", syscall: "mkdir" });
    expect(explainListening(error, "127.0.0.1:1", commandTexts.en)).toBe(error);
  });
});
