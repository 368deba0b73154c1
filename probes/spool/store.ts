/** What the agent keeps beside its rounds. Documents change rarely and have a file each; counts change all the time. */
export interface Store {
  /** A document's text, or null when there is none. Throws DocumentError where it is damaged, and its copy too. */
  get(name: DocumentName): string | null;
  /** Whole or not at all, and on the disk when it returns. */
  set(name: DocumentName, text: string): void;
  /** 0 when it was never set. */
  count(name: CountName): number;
  /** On the disk with the next batch, or the next minute's rounds. */
  setCount(name: CountName, value: number): void;
}

export const documentNames = ["identity", "enrolment", "config", "version", "reserve"] as const;
export type DocumentName = (typeof documentNames)[number];
export type CountName =
  | "movedAside"
  | "sentBytes"
  | "spentDay"
  | "spentDayBytes"
  | "spentMonth"
  | "spentMonthBytes";

/** The folder in the agent's data that holds the spool. */
export const spoolFolder = "spool";
