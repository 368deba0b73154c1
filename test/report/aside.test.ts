import { describe, expect, it } from "vitest";
import type { ComplaintInput } from "../../src/relation/complaint-effect.ts";
import { AsideBusyError, createAside } from "../../src/report/aside.ts";

const input: ComplaintInput = { evidence: { resolution: "times", strata: [] }, fromMs: 0, toMs: 1, seed: 1 };

describe("what is reckoned aside", () => {
  it("is reckoned in a thread of its own", async () => {
    expect(await createAside().complaintEffect(input)).toMatchObject({ verdict: "cannot-be-shown" });
  });

  it("fails as it failed there, and the next is reckoned all the same", async () => {
    const aside = createAside();
    const failed = aside.complaintEffect({ ...input, seed: 0.5 });
    const next = aside.complaintEffect(input);
    await expect(failed).rejects.toThrow("seed 0.5: expected a whole number");
    expect(await next).toMatchObject({ resolution: "times" });
  });

  it("is one at a time, in order, and refused where too many wait", async () => {
    const done: number[] = [];
    const gates = Array.from({ length: 3 }, () => Promise.withResolvers<void>());
    const aside = createAside(2, async (task) => {
      const { seed } = task.input as ComplaintInput;
      await gates[seed]!.promise;
      done.push(seed);
    });
    const first = aside.complaintEffect({ ...input, seed: 0 });
    const second = aside.complaintEffect({ ...input, seed: 1 });
    await expect(aside.complaintEffect({ ...input, seed: 2 })).rejects.toBeInstanceOf(AsideBusyError);
    gates[1]!.resolve();
    gates[0]!.resolve();
    await Promise.all([first, second]);
    expect(done).toEqual([0, 1]);
    gates[2]!.resolve();
    await aside.complaintEffect({ ...input, seed: 2 });
    expect(done).toEqual([0, 1, 2]);
  });
});
