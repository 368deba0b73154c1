/** Who did something, and from where. */
export interface Actor {
  /** Id of the key or of the agent; `command` for the command line and what it starts, `nobody` for a stranger. */
  id: string;
  /** What the key is called, the agent's site, or the command. */
  name: string;
  /** Address of the other end; null: on this machine, over no connection. */
  address: string | null;
}

/** Somebody at the collector's own terminal, or a signal sent to it. */
export function commandActor(command: string): Actor {
  return { id: "command", name: command, address: null };
}

export const auditActions = [
  "token.made",
  "token.revoked",
  "key.made",
  "key.rotated",
  "key.revoked",
  "agent.enrolled",
  "agent.enrolled.again",
  "agent.rotation.asked",
  "agent.key.made",
  "agent.key.replaced",
  "agent.revoked",
  "maintenance.made",
  "maintenance.changed",
  "maintenance.withdrawn",
  "agent.ledger.settled",
  "alert.acknowledged",
  "complaints.imported",
  "complaints.refused",
  "complaints.days.withdrawn",
  "complaints.deleted",
  "complaints.purged",
  "contacts.put",
  "sla.issued",
  "inventory.reloaded",
  "series.adopted",
  "partner.acknowledged",
  "partner.unacknowledged",
  "partner.commented",
  "partner.ticket",
  "webhook.made",
  "webhook.changed",
  "webhook.removed",
  "webhook.disabled",
  "access.refused",
] as const;
export type AuditAction = (typeof auditActions)[number];

/** One administrative act, or the attempt at one. Never holds a secret: keys are told by id and prefix. */
export interface AuditEntry {
  timeMs: number;
  by: Actor;
  action: AuditAction;
  /** What it was done to: the id of a key, token, agent or plan; a path; or nothing. */
  subject: string;
  result: "done" | "refused";
  detail: Readonly<Record<string, string | number | boolean | null>>;
}

export interface AuditRecord extends AuditEntry {
  /** Ascending with time; never used again. */
  id: number;
}

/** Where nobody said who: a caller that is part of the program's own tests or tools. */
export const unnamedActor: Actor = { id: "unnamed", name: "", address: null };
