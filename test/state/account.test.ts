import { describe, expect, it } from "vitest";
import { emptyAccount, enterBatch, openRoundsOf } from "../../src/state/account.ts";

const batch = (seq: number, rounds: number, producedRounds: number, thinnedRounds = 0, lostRounds = 0) => ({
  seq,
  rounds,
  producedRounds,
  thinnedRounds,
  lostRounds,
});

/** The account after these batches, and what was wrong with each. */
function enter(...batches: ReturnType<typeof batch>[]) {
  let account = emptyAccount;
  const wrong = batches.map((one) => {
    const entered = enterBatch(account, one);
    account = entered.account;
    return entered.contradiction?.what ?? null;
  });
  return { account, wrong, open: openRoundsOf(account) };
}

describe("an agent's account", () => {
  it("closes in any order of the batches, and is open by what has not arrived", () => {
    const batches = [batch(1, 10, 10), batch(2, 5, 25, 4, 6), batch(3, 10, 35, 4, 6)];
    expect(enter(...batches)).toMatchObject({ wrong: [null, null, null], open: 0 });
    expect(enter(...batches.toReversed())).toMatchObject({ wrong: [null, null, null], open: 0 });
    expect(enter(batches[0]!, batches[2]!)).toMatchObject({ wrong: [null, null], open: 5 });
  });

  it("takes rounds of an old batch that were found lost after newer ones went out", () => {
    expect(enter(batch(2, 10, 20), batch(1, 4, 10, 0, 6), batch(3, 1, 21, 0, 6))).toMatchObject({
      wrong: [null, null, null],
      open: 0,
    });
  });

  it.each([
    ["fewer produced than arrived, thinned and lost", [batch(1, 10, 12, 1, 2)], ["sum"]],
    ["a later batch that produced less", [batch(1, 10, 10), batch(2, 5, 12)], [null, "produced"]],
    ["an earlier batch that produced more", [batch(2, 5, 15), batch(1, 10, 16)], [null, "produced"]],
    ["thinned that shrinks", [batch(1, 1, 10, 9), batch(2, 1, 11, 8)], [null, "thinned"]],
    ["lost that shrinks", [batch(1, 1, 10, 0, 9), batch(2, 1, 11, 0, 8)], [null, "lost"]],
  ])("notes %s, and counts the rounds all the same", (_name, batches, wrong) => {
    const entered = enter(...batches);
    expect(entered.wrong).toEqual(wrong);
    expect(entered.account.storedRounds).toBe(batches.reduce((sum, { rounds }) => sum + rounds, 0));
  });
});
