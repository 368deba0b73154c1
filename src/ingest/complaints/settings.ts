import type { ComplaintChannel, ComplaintRetention, ComplaintStatus } from "../../state/complaint-store.ts";
import type { Field } from "./columns.ts";
import type { ComplaintOptions } from "./create-complaints.ts";
import { channelWords, plain, statusWords, topicWords, toTopic, yesNoWords } from "./words.ts";

/** What the configuration says of complaints. */
export interface ComplaintSettings {
  maxFileMiB: number;
  maxRows: number;
  retention: ComplaintRetention;
  /** Fields by further names of columns. */
  columns: Readonly<Record<string, Field>>;
  /** Further topics. */
  topics: readonly string[];
  /** Channels and statuses by further words. */
  channels: Readonly<Record<string, ComplaintChannel>>;
  statuses: Readonly<Record<string, ComplaintStatus>>;
}

/** The lists in force: the shipped words, and those of the configuration over them. */
export function toComplaintOptions(given: ComplaintSettings, timeZone: string): ComplaintOptions {
  const plainly = <T>(words: Readonly<Record<string, T>>) =>
    Object.entries(words).map(([word, meaning]) => [plain(word), meaning] as const);
  return {
    maxFileBytes: given.maxFileMiB * 1_048_576,
    maxRows: given.maxRows,
    retention: given.retention,
    columnNames: new Map(plainly(given.columns)),
    words: {
      channels: new Map([...channelWords, ...plainly(given.channels)]),
      statuses: new Map([...statusWords, ...plainly(given.statuses)]),
      topics: new Map([
        ...topicWords,
        ...given.topics.map((topic) => [plain(topic), toTopic(topic)] as const),
      ]),
      yesNo: yesNoWords,
    },
    timeZone,
  };
}
