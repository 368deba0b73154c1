import { noContract } from "./sla.ts";
import type { LinkSla } from "./sla.ts";

/* What stands open of amounts, so that a sum of money is not taken for more than it is. */

export interface Doubts {
  /** Links whose amount could become higher by time that was not measured, or is still to come. */
  mayRise: number;
  /** Links that are owed by a rule, and whose fee is not known: no amount has them in it. */
  withoutFee: number;
}

/** Whether time of which nothing is known could make the amount higher. A promise that is kept in any case owes nothing. */
export function mayRise({ counts, contract, judgement }: LinkSla): boolean {
  if (judgement.restitution.amountIdr === null) return false;
  const isUnknown = counts.notMeasuredMs + counts.aheadMs > 0 && !judgement.restitution.isCapped;
  const { rule } = (contract ?? noContract).restitution;
  return rule !== "none" && isUnknown && !(judgement.verdict === "met" && rule === "below-sla");
}

export function doubtsOf(links: readonly LinkSla[]): Doubts {
  return {
    mayRise: links.filter(mayRise).length,
    withoutFee: links.filter(({ contract }) => {
      const { restitution, monthlyFeeIdr } = contract ?? noContract;
      return restitution.rule !== "none" && monthlyFeeIdr === null;
    }).length,
  };
}
