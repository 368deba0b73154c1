import { mayRise } from "./judge.ts";
import { noContract } from "./sla.ts";
import type { LinkSla } from "./sla.ts";

/* What stands open of amounts, so that a sum of money is not taken for more than it is. */

export interface Doubts {
  /** Links whose amount could become higher by time that was not measured, or is still to come. */
  mayRise: number;
  /** Links that are owed by a rule, and whose fee is not known: no amount has them in it. */
  withoutFee: number;
}

/** Of links, whatever number of contracts each of them had in the month. */
export function doubtsOf(parts: readonly LinkSla[]): Doubts {
  const linksOf = (isMeant: (part: LinkSla) => boolean) =>
    new Set(parts.filter(isMeant).map(({ link }) => link)).size;
  return {
    mayRise: linksOf(({ judgement }) => mayRise(judgement)),
    withoutFee: linksOf(({ contract }) => {
      const { restitution, monthlyFeeIdr } = contract ?? noContract;
      return restitution.rule !== "none" && monthlyFeeIdr === null;
    }),
  };
}
