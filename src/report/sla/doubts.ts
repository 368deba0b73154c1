import { noContract } from "./sla.ts";
import type { LinkSla } from "./sla.ts";

/* What stands open of amounts, so that a sum of money is not taken for more than it is. */

export interface Doubts {
  /** Links whose amount could become higher by time that was not measured, or is still to come. */
  mayRise: number;
  /** Links that are owed by a rule, and whose fee is not known: no amount has them in it. */
  withoutFee: number;
}

/** Whether time of which nothing is known could make the amount higher. */
export function mayRise({ judgement }: Pick<LinkSla, "judgement">): boolean {
  return (judgement.most.restitution.amountIdr ?? 0) > (judgement.restitution.amountIdr ?? 0);
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
