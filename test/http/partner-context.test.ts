import { describe, expect, it } from "vitest";
import { createCallbackTurns } from "../../src/http/partner-context.ts";

describe("addresses that a provider wants to be told at", () => {
  it("are looked at one after another, and of another provider at once", async () => {
    const asked: string[] = [];
    const first = Promise.withResolvers<string | null>();
    const check = createCallbackTurns((url) => {
      asked.push(url);
      return url === "slow" ? first.promise : Promise.resolve(null);
    });
    const slow = check("Telkom", "slow");
    const behind = check("Telkom", "behind");
    expect(await check("BAKTI", "theirs")).toBeNull();
    expect(asked).toEqual(["slow", "theirs"]);
    first.resolve("it leads to a private address");
    expect([await slow, await behind]).toEqual(["it leads to a private address", null]);
    expect(asked).toEqual(["slow", "theirs", "behind"]);
  });

  it("are refused where twenty wait already, and taken again when these are done", async () => {
    const held = Promise.withResolvers<null>();
    const check = createCallbackTurns(() => held.promise);
    const waiting = Array.from({ length: 20 }, () => check("Telkom", "https://slow.example.id/"));
    await expect(check("Telkom", "https://one.example.id/")).rejects.toThrow(
      "20 addresses are being looked at already",
    );
    held.resolve(null);
    expect(await Promise.all(waiting)).toEqual(Array<null>(20).fill(null));
    expect(await check("Telkom", "https://one.example.id/")).toBeNull();
  });

  it("go on after one whose look-up failed", async () => {
    const check = createCallbackTurns((url) =>
      url === "broken" ? Promise.reject(new Error("no name servers")) : Promise.resolve(null),
    );
    const [broken, next] = await Promise.allSettled([check("Telkom", "broken"), check("Telkom", "next")]);
    expect([broken.status, next.status]).toEqual(["rejected", "fulfilled"]);
  });
});
