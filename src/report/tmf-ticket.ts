import type { PartnerRecord } from "../state/partner-store.ts";

/* A provider's trouble tickets on outages as TMF621 v4 has them. An outage has one ticket at most, under the id of its alarm. */

export const ticketBase = "/tmf-api/troubleTicket/v4";

export type TmfTicket = ReturnType<typeof toTroubleTicket>;

/** `base` and `alarmBase`: what hrefs begin with. */
export function toTroubleTicket(
  { number, ticket }: Pick<PartnerRecord, "number" | "ticket">,
  bases: { base: string; alarmBase: string },
) {
  const { number: externalId, status, description, severity, type, madeMs, changedMs, endMs } = ticket!;
  return {
    id: String(number),
    href: `${bases.base}/troubleTicket/${number}`,
    externalId,
    description: description ?? "",
    severity: severity ?? "",
    ticketType: type ?? "networkOutage",
    status,
    creationDate: iso(madeMs),
    lastUpdate: iso(changedMs),
    ...(endMs === null ? {} : { resolutionDate: iso(endMs) }),
    relatedEntity: [
      {
        id: String(number),
        href: `${bases.alarmBase}/alarm/${number}`,
        role: "alarm",
        "@referredType": "Alarm",
      },
    ],
    "@type": "TroubleTicket" as const,
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
