import type { Frame } from "./book.ts";
import type { FoundFrame, FrameHead, Reading } from "./frame.ts";
import type { FileEnd, Log, LogFile } from "./log.ts";

/** What lies in the files, with no more of each frame than is needed: there may be some 35,000. */
export interface Survey {
  /** Whole ones with rounds or events, ascending; of one number the most thinned first. */
  frames: Frame[];
  /** Where a state can be read, the newest first. */
  states: StatePlace[];
  /** Of frames whose head alone can be read. */
  damaged: DamagedHead[];
  /** The last reading of each boot. */
  readings: Map<number, Reading>;
  /** The newest frame, whole or not; null: there is none. */
  newest: FrameHead | null;
  lastSeq: number;
  /** Rounds ever written, as far as the heads tell: of all frames, and of those below the one asked for. */
  roundsWritten: number;
  roundsWrittenBelow: number;
  /** Where the newest whole frame ends. */
  end: FileEnd | null;
}

export type DamagedHead = FrameHead & { isCut: boolean };

export interface StatePlace {
  number: number;
  roundsAfter: number;
  file: LogFile;
  offset: number;
  bytes: number;
}

export function surveyLog(log: Log, below: number): Survey {
  const survey: Survey = {
    frames: [],
    states: [],
    damaged: [],
    readings: new Map(),
    newest: null,
    lastSeq: 0,
    roundsWritten: 0,
    roundsWrittenBelow: 0,
    end: null,
  };
  const numbers = new Map<number, number>();
  let endNumber = 0;
  for (const found of log.scan()) {
    const { head, file, offset, bytes, isWhole, isCut } = found;
    // Summaries tell of rounds that were counted when they were written as measured.
    const roundsAfter = head.level === 0 ? head.roundsBefore + head.rounds : 0;
    survey.lastSeq = Math.max(survey.lastSeq, head.lastSeq);
    survey.roundsWritten = Math.max(survey.roundsWritten, roundsAfter);
    if (head.number < below) survey.roundsWrittenBelow = Math.max(survey.roundsWrittenBelow, roundsAfter);
    if (survey.newest === null || lastOf(head) > lastOf(survey.newest)) survey.newest = head;
    if (!isWhole) {
      survey.damaged.push({ ...head, isCut });
      continue;
    }
    if (head.hasState) survey.states.push({ number: head.number, roundsAfter, file, offset, bytes });
    if (head.number > (numbers.get(head.boot) ?? 0)) {
      numbers.set(head.boot, head.number);
      survey.readings.set(head.boot, head.reading);
    }
    if (head.number > endNumber) {
      endNumber = head.number;
      survey.end = { file, endBytes: offset + bytes };
    }
    if (head.rounds + head.events > 0) survey.frames.push(toFrame(found));
  }
  survey.states.sort((a, b) => b.number - a.number);
  survey.frames.sort((a, b) => a.number - b.number || b.level - a.level);
  survey.damaged.sort((a, b) => a.number - b.number);
  return survey;
}

/** The last number that a frame stands for. */
export const lastOf = ({ number, covers }: Pick<FrameHead, "number" | "covers">): number => number + covers;

function toFrame({ head, file, offset, bytes }: FoundFrame & { file: LogFile }): Frame {
  const { number, covers, level, thinned, rounds, events, rawBytes, boot, fromMonoMs, toMonoMs } = head;
  const size = { rounds, thinned, events, rawBytes };
  return { number, covers, level, file, offset, bytes, ...size, boot, seq: 0, fromMonoMs, toMonoMs };
}
