import { declareLost, keepEvents } from "./account.ts";
import type { Book, Frame } from "./book.ts";
import type { FrameBody, Level } from "./frame.ts";
import type { Log } from "./log.ts";
import type { Thinner } from "./thin.ts";

export interface RoomDeps {
  log: Log;
  book: Book;
  peek: (frame: Frame) => FrameBody | null;
  release: (frames: ReadonlySet<Frame>) => void;
  thin: Thinner;
  /** What was given up is in a state on the disk, as far as that takes one. */
  saveLoss: () => void;
  /** Bytes that rounds as measured keep before hourly summaries are made of the older ones. */
  rawBytes: number;
}

export interface RoomMaker {
  /** Makes room until `isEnough`, and says whether it is. */
  make(isEnough: () => boolean): boolean;
  /** A step towards the room that the next file will need: one frame of summaries, where there is none yet. */
  prepare(): void;
}

/**
 * Bytes made into summaries for one file that is to be written; usually one file's are enough. More would stop the agent
 * for too long, and rounds that do not get fewer by it (a target asked once an hour) would all be written again for nothing.
 */
const maxThinnedBytes = 8_388_608;

/**
 * Makes room. The oldest rounds become 5-minute summaries, the oldest of those
 * hourly ones. Only where that is not enough something is given up: first what the collector refused (it stored nothing of
 * it, and may never), then the oldest. Rounds of a batch that was sent and not answered stay as they are: the collector may
 * have them. A refused batch loses its rounds and goes out again with none, so that its seq is no hole.
 *
 * A file of 1 MB in one go would stop the agent for half a second, or for some on a small board; checks that run meanwhile
 * would be late for their timeouts and be told as failures that nobody had. So while the tail fills a step is made with
 * each frame that is written: a dozen of them make the room of a file, which takes a thousand frames to fill.
 */
export function createRoomMaker(deps: RoomDeps): RoomMaker {
  const { log, book } = deps;
  // For the next file that is to be written.
  let thinnedBytes = 0;

  function giveUp(victims: readonly Frame[]): void {
    for (const frame of victims) {
      keepEvents(book, frame.boot, deps.peek(frame)?.events ?? []);
      declareLost(book, frame, "full");
    }
    deps.release(new Set(victims));
    deps.saveLoss();
  }

  function refusedFrames(): Frame[] | null {
    const batches = [...book.batches.values()].sort((a, b) => a.seq - b.seq);
    const refused = batches.find(({ aside, rounds }) => aside !== null && rounds > 0);
    if (refused === undefined) return null;
    refused.aside = null;
    return book.frames.filter(({ seq }) => seq === refused.seq);
  }

  /** Of the oldest such frames in no batch, those that lie in one file. */
  function oldestFrames(isSuch: (frame: Frame) => boolean = () => true): Frame[] | null {
    const isVictim = (frame: Frame) => frame.seq === 0 && frame.file !== null && isSuch(frame);
    const oldest = book.frames.find(isVictim);
    if (oldest === undefined) return null;
    return book.frames.filter((frame) => isVictim(frame) && frame.file === oldest.file);
  }

  /** What is to be thinned next: the oldest as measured while there are many, then 5-minute summaries, then those few. */
  function thinnable(): Frame[] | null {
    const ofLevel = (level: Level) =>
      oldestFrames((frame) => frame.level === level && !log.isTail(frame.file!));
    let rawBytes = 0;
    for (const { level, seq, bytes } of book.frames) if (level === 0 && seq === 0) rawBytes += bytes;
    const raw = ofLevel(0);
    return rawBytes > deps.rawBytes ? raw : (ofLevel(1) ?? raw);
  }

  /** False: nothing can be merged, or no more is to be for this file. */
  function thinSome(mostFrames?: number): boolean {
    const victims = thinnedBytes < maxThinnedBytes ? thinnable() : null;
    if (victims === null) return false;
    const replaced = deps.thin(victims, mostFrames);
    if (replaced === null) thinnedBytes = maxThinnedBytes;
    else for (const { bytes } of replaced) thinnedBytes += bytes;
    return true;
  }

  return {
    make(isEnough) {
      while (!isEnough()) {
        if (thinSome()) continue;
        const given = refusedFrames() ?? oldestFrames();
        if (given === null) break;
        giveUp(given);
      }
      thinnedBytes = 0;
      return isEnough();
    },
    prepare() {
      if (log.hasRoom()) thinnedBytes = 0;
      else thinSome(1);
    },
  };
}
