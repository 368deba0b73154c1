import type { Mapping, Override } from "./grafana.ts";
import type { Say } from "./say.ts";

/*
 * What states and causes are called and how they are coloured. The colours were chosen to stay apart for people who see few
 * hues as well, which a test holds; and the text always stands beside them: colour alone is never the message (WCAG 1.4.1).
 */

interface Meaning {
  /** The word of the API. */
  word: string;
  text: string;
  color: string;
}

/** In the order of /states, whose `value` is the place in this list: the higher, the worse. */
export const stateMeanings = (say: Say): Meaning[] => [
  { word: "up", text: say("Normal", "Up"), color: "#73BF69" },
  { word: "degraded", text: say("Lambat", "Degraded"), color: "#F9E54A" },
  { word: "maintenance", text: say("Perawatan terjadwal", "Scheduled maintenance"), color: "#3274D9" },
  { word: "off", text: say("Di luar jam nyala", "Outside its hours of supply"), color: "#5A6B7B" },
  { word: "unknown", text: say("Belum diketahui", "Not known"), color: "#C0C8CC" },
  { word: "unreachable", text: say("Putus karena induk", "Cut off by its parent"), color: "#F28C28" },
  { word: "down", text: say("Putus", "Down"), color: "#C4162A" },
];

export const causeMeanings = (say: Say): Meaning[] => [
  { word: "power", text: say("Pemadaman listrik", "Power outage"), color: "#FFDF2E" },
  { word: "link", text: say("Tautan putus", "Link down"), color: "#C4162A" },
  { word: "rain", text: say("Sinyal melemah karena hujan", "Rain fade"), color: "#3A8D41" },
  {
    word: "relay",
    text: say("Gangguan di desa perantara", "Fault at the relaying village"),
    color: "#ECBF4A",
  },
  {
    word: "hub",
    text: say("Perangkat di lokasi induk mati", "Equipment down at the parent site"),
    color: "#E85400",
  },
  {
    word: "backhaul",
    text: say("Gangguan jalur lokasi induk", "Fault on the parent's uplink"),
    color: "#FF8407",
  },
  { word: "provider", text: say("Gangguan penyedia", "Provider fault"), color: "#602FBB" },
  { word: "dns", text: say("Gangguan DNS", "DNS fault"), color: "#64A1FF" },
  { word: "service", text: say("Layanan terganggu", "Service fault"), color: "#3756AD" },
  { word: "congestion", text: say("Jalur padat", "Congestion"), color: "#B76FC9" },
  { word: "agent", text: say("Agen tidak melapor", "Agent silent"), color: "#A0A0A0" },
  { word: "maintenance", text: say("Perawatan terjadwal", "Scheduled maintenance"), color: "#3274D9" },
  { word: "unknown", text: say("Belum diketahui", "Not known"), color: "#707070" },
];

/** Value mapping for columns that hold the words, such as `state` of /map. */
export function wordMapping(meanings: readonly Meaning[]): Mapping {
  return {
    type: "value",
    options: Object.fromEntries(
      meanings.map(({ word, text, color }, index) => [word, { text, color, index }]),
    ),
  };
}

/** One override per meaning, for panels in which each word is a series of its own. */
export function seriesOverrides(meanings: readonly Meaning[]): Override[] {
  return meanings.map(({ word, text, color }) => ({
    matcher: { id: "byName", options: word },
    properties: [
      { id: "displayName", value: text },
      { id: "color", value: { mode: "fixed", fixedColor: color } },
    ],
  }));
}

/** Value mapping for the number that /states gives for a state, so that a state can be a series. */
export function stateNumberMapping(say: Say): Mapping {
  return {
    type: "value",
    options: Object.fromEntries(
      stateMeanings(say).map(({ text, color }, number) => [String(number), { text, color, index: number }]),
    ),
  };
}
