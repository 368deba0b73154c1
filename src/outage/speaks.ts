import type { Cause, EvidenceItem, Outage } from "./table.ts";

/*
 * What a statement says of the cause that was found: whoever reads an outage is to see what contradicts it as well. The
 * rows follow the decision table of methods.md §B3. A statement that is in neither list goes with several causes.
 */

export type Stance = "for" | "against";

interface Lists {
  for: readonly string[];
  against: readonly string[];
}

const isSilentBeyond = [
  "noc.silent",
  "anchor.silent",
  "outside.silent",
  "witness.silent",
  "path.silent",
  "path.ends",
];
const answersBeyond = ["noc.answers", "anchor.answers", "outside.answers", "witness.answers", "path.reaches"];
const sawPowerGo = ["host.rebooted", "power.onBattery", "power.lowBattery"];

const ownLink: Lists = {
  for: ["gateway.answers", "local.fine", "hub.silent", "siblings.up", "link.onBackup", ...isSilentBeyond],
  against: ["hub.answers", "parent.down", "siblings.cut", "local.unplugged", ...answersBeyond, ...sawPowerGo],
};

/** The fault lies at a site that this one hangs from. */
const above: Lists = {
  for: ["parent.down", "falls.with", "siblings.cut", "gateway.answers", "local.fine", ...isSilentBeyond],
  against: ["siblings.up", "local.unplugged", "device.rebooted", ...answersBeyond, ...sawPowerGo],
};

const nothing: Lists = { for: [], against: [] };

const lists: Record<Cause, Lists> = {
  power: {
    for: [
      "gateway.silent",
      "agent.silent",
      "witness.silent",
      "device.rebooted",
      "siblings.cut",
      ...sawPowerGo,
    ],
    against: ["gateway.answers", "device.ranOn", ...answersBeyond],
  },
  link: { for: [...ownLink.for, "signal.usual"], against: [...ownLink.against, "signal.low"] },
  rain: { for: [...ownLink.for, "signal.low", "echoes.poor"], against: [...ownLink.against, "signal.usual"] },
  relay: { for: [...above.for, "hub.silent"], against: [...above.against, "hub.answers"] },
  hub: { for: [...above.for, "hub.silent"], against: [...above.against, "hub.answers"] },
  backhaul: { for: [...above.for, "hub.answers"], against: [...above.against, "hub.silent"] },
  provider: {
    for: ["hub.answers", "noc.answers", "anchor.silent", "outside.silent", "parent.down", "siblings.cut"],
    against: ["noc.silent", "anchor.answers", "outside.answers", "siblings.up", "path.reaches"],
  },
  dns: { for: ["noc.answers", "anchor.answers"], against: ["anchor.silent"] },
  service: {
    for: ["service.control.failed", "service.elsewhere.failed"],
    against: ["service.control.ok", "service.elsewhere.ok"],
  },
  maintenance: { for: ["maintenance.announced"], against: [] },
  congestion: nothing,
  agent: { for: ["agent.silent"], against: [] },
  unknown: nothing,
};

/** null: it goes with this cause as with others. */
export function speaks(
  { fact, detail }: Pick<EvidenceItem, "fact" | "detail">,
  { cause, site, root }: Pick<Outage, "cause" | "site" | "root">,
): Stance | null {
  if (cause === "dns" && fact === "service.phase") return detail["phase"] === "dns" ? "for" : "against";
  const isElsewhere = root !== site && (cause === "power" || cause === "link" || cause === "rain");
  const of = isElsewhere ? above : lists[cause];
  if (of.for.includes(fact)) return "for";
  return of.against.includes(fact) ? "against" : null;
}

export interface Statement {
  item: EvidenceItem;
  stance: Stance | null;
}

/** What people are told of an outage: each thing once, whichever targets say it, and last what speaks against its cause. */
export function statementsOf(outage: Pick<Outage, "cause" | "site" | "root" | "evidence">): Statement[] {
  const once = new Map(outage.evidence.map((item) => [`${item.fact} ${JSON.stringify(item.detail)}`, item]));
  const all = [...once.values()].map((item) => ({ item, stance: speaks(item, outage) }));
  return [
    ...all.filter(({ stance }) => stance !== "against"),
    ...all.filter(({ stance }) => stance === "against"),
  ];
}
