import type { Clock } from "../probe.ts";

/*
 * How much is read and told. Each source has two token buckets, and all of them together two more:
 * - events: perMinute of each source, four times that of all;
 * - packets: four times as many as events, since an inform of SNMPv3 begins with one or two packets of discovery, and a
 *   retransmission or a wrong community makes no event. They bound what a flood costs in decoding and in key derivation.
 *
 * A packet is not even decoded while there is no token for the event that it may become: an inform is then not
 * acknowledged, and its sender tries again.
 */
export interface Limits {
  /** Whether a packet may be decoded; takes a packet's token if so. */
  mayRead(address: string): boolean;
  /** Takes an event's token; false when there is none. */
  takeEvent(address: string): boolean;
}

const allToOne = 4;
const packetsToEvents = 4;
/** Sources whose buckets are kept, the most recently heard; only what lies in a wide CIDR range can be more. */
const keptSources = 1_000;

export function createLimits({ perMinute, clock }: { perMinute: number; clock: Clock }): Limits {
  const bucket = (amount: number) => createBucket(amount, clock);
  const all = {
    events: bucket(perMinute * allToOne),
    packets: bucket(perMinute * allToOne * packetsToEvents),
  };
  const sources = new Map<string, typeof all>();

  function bucketsOf(address: string): typeof all {
    const known = sources.get(address);
    const own = known ?? { events: bucket(perMinute), packets: bucket(perMinute * packetsToEvents) };
    // Maps keep the order of insertion: the first is the one that was not heard for the longest time.
    sources.delete(address);
    sources.set(address, own);
    if (sources.size > keptSources) sources.delete(sources.keys().next().value!);
    return own;
  }

  return {
    mayRead(address) {
      const own = bucketsOf(address);
      if (own.events.left() < 1 || all.events.left() < 1) return false;
      return takeBoth(own.packets, all.packets);
    },
    takeEvent: (address) => takeBoth(bucketsOf(address).events, all.events),
  };
}

function takeBoth(one: Bucket, other: Bucket): boolean {
  if (one.left() < 1 || other.left() < 1) return false;
  one.take();
  other.take();
  return true;
}

interface Bucket {
  left(): number;
  take(): void;
}

/** Full at first; fills in a minute. */
function createBucket(perMinute: number, clock: Clock): Bucket {
  let tokens = perMinute;
  let filledMs = clock.monoMs();
  const left = () => {
    const nowMs = clock.monoMs();
    tokens = Math.min(perMinute, tokens + ((nowMs - filledMs) * perMinute) / 60_000);
    filledMs = nowMs;
    return tokens;
  };
  return {
    left,
    take() {
      tokens--;
    },
  };
}
