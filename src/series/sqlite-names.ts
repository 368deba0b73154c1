import type { DatabaseSync } from "node:sqlite";

/** Names that many rows bear, as small numbers. */
export interface Names {
  /** Of the open transaction: a name that is new is written. */
  idOf(name: string): number;
  /** Whatever was learned since may have been rolled back. */
  forget(): void;
}

/** Boots come and go; those of the agents that are about fit many times over. */
const mostRemembered = 100_000;

export function createNames(db: DatabaseSync): Names {
  const find = db.prepare("SELECT id FROM names WHERE name = ?");
  const add = db.prepare("INSERT INTO names (name) VALUES (?) RETURNING id");
  const known = new Map<string, number>();
  return {
    idOf(name) {
      const seen = known.get(name);
      if (seen !== undefined) return seen;
      const id = (find.get(name) ?? add.get(name))!.id as number;
      if (known.size >= mostRemembered) known.clear();
      known.set(name, id);
      return id;
    },
    forget: () => known.clear(),
  };
}
