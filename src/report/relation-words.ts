import type { AssociationVerdict, Caveat, Exposure, Need } from "../relation/association.ts";
import type { ComplaintEffect } from "../relation/complaint-effect.ts";
import type { Language, Text } from "./language.ts";

/*
 * What the statistics say, in words for people. Each verdict claims what its method allows and no more (docs/relation.md):
 * nothing of causes where a common cause is possible, nothing of single villages, nothing of people who did not complain.
 */

const associationTexts: Record<AssociationVerdict, Record<Exposure, Text>> = {
  "not-enough-data": {
    down: {
      id: "Data belum cukup untuk menyimpulkan apakah layanan lebih sering gagal saat jaringan putus.",
      en: "There is not enough data yet to say whether the service fails more often while the network is down.",
    },
    degraded: {
      id: "Data belum cukup untuk menyimpulkan apakah layanan lebih sering gagal saat jaringan lambat.",
      en: "There is not enough data yet to say whether the service fails more often while the network is degraded.",
    },
  },
  "not-shown": {
    down: {
      id: "Tidak terbukti bahwa layanan lebih sering gagal saat jaringan putus.",
      en: "It is not shown that the service fails more often while the network is down.",
    },
    degraded: {
      id: "Tidak terbukti bahwa layanan lebih sering gagal saat jaringan lambat.",
      en: "It is not shown that the service fails more often while the network is degraded.",
    },
  },
  "not-separable": {
    down: {
      id: "Layanan lebih sering gagal saat jaringan putus, tetapi penyebab bersama, seperti gangguan di hulu atau badai, tidak dapat dipisahkan.",
      en: "The service fails more often while the network is down, but a common cause, such as trouble upstream or a storm, cannot be told apart.",
    },
    degraded: {
      id: "Layanan lebih sering gagal saat jaringan lambat, tetapi penyebab bersama, seperti gangguan di hulu atau badai, tidak dapat dipisahkan.",
      en: "The service fails more often while the network is degraded, but a common cause, such as trouble upstream or a storm, cannot be told apart.",
    },
  },
  associated: {
    down: {
      id: "Layanan lebih sering gagal saat jaringan putus, lebih dari yang dapat terjadi secara kebetulan.",
      en: "The service fails more often while the network is down, more than chance would bring about.",
    },
    degraded: {
      id: "Layanan lebih sering gagal saat jaringan lambat, lebih dari yang dapat terjadi secara kebetulan.",
      en: "The service fails more often while the network is degraded, more than chance would bring about.",
    },
  },
};

const caveatTexts: Record<Caveat, Text> = {
  "near-tautological": {
    id: "Jaringan yang putus dengan sendirinya membuat layanan tidak terjangkau; yang utama adalah rincian waktu tanpa layanan, bukan hubungan ini.",
    en: "A network that is cut makes the service unreachable by itself; what counts is the account of the time lost, not this relation.",
  },
  "monitored-path-only": {
    id: "Hanya jalur yang dipantau: operator lain, data seluler, dan tetangga tidak diukur.",
    en: "Only of the paths that are monitored: other operators, mobile data and neighbours are not measured.",
  },
  "no-control-vantage": {
    id: "Tidak ada titik pembanding yang memeriksa layanan, sehingga gangguan layanan sendiri tidak dapat dipisahkan.",
    en: "No control vantage checks the service, so that its own outages cannot be told apart.",
  },
  "no-neighbour-area": {
    id: "Hanya ada satu kecamatan, sehingga tidak ada pembanding dari tempat lain.",
    en: "There is one area alone, and no other to compare with.",
  },
  "one-event-dominates": {
    id: "Satu kejadian menentukan hampir seluruh angkanya.",
    en: "One event decides nearly all of the figures.",
  },
  "one-sided-bound": {
    id: "Salah satu sisi tidak mempunyai kegagalan; hanya batas satu sisi yang dapat diberikan.",
    en: "One side has no failure; only a bound on one side can be given.",
  },
  "rises-before-onset": {
    id: "Kegagalan naik sebelum jaringan putus: mungkin jam yang keliru, penyebab bersama, atau jalur yang padat lebih dulu.",
    en: "Failures rise before the outage begins: a wrong clock, a common cause, or congestion that came first.",
  },
  "weak-against-common-cause": {
    id: "Penyebab bersama yang tidak terukur dan tidak terlalu kuat sudah dapat menjelaskan hubungan ini.",
    en: "An unmeasured common cause that is not very strong would explain this relation.",
  },
  "many-inferred-minutes": {
    id: "Lebih dari sepersepuluh menit diperkirakan dan tidak diukur.",
    en: "More than a tenth of the minutes was carried forward and not measured.",
  },
  "low-coverage": {
    id: "Kurang dari separuh waktu terukur, baik jaringan maupun layanannya.",
    en: "Less than half of the time had both network and service measured.",
  },
};

const needTexts: Record<Need["what"], Text> = {
  days: { id: "hari pengukuran", en: "days of measurement" },
  networkEpisodes: { id: "gangguan jaringan", en: "network outages" },
  networkDays: { id: "hari dengan gangguan jaringan", en: "days with a network outage" },
  serviceEpisodes: {
    id: "kegagalan layanan di luar gangguan jaringan",
    en: "failures of the service outside network outages",
  },
};

const effectTexts: Record<ComplaintEffect["verdict"], Text> = {
  "cannot-be-shown": {
    id: "Tidak dapat dibuktikan: dengan jumlah aduan sebanyak ini, tidak ada hasil yang dapat menunjukkan bahwa gangguan mengurangi atau tidak mengurangi aduan.",
    en: "It cannot be shown: with as many complaints as these, no outcome could tell whether outages reduce complaints or not.",
  },
  fewer: {
    id: "Selama layanan tidak terjangkau, aduan yang masuk lebih sedikit daripada waktu lain.",
    en: "While the service could not be reached, fewer complaints came in than at other times.",
  },
  "not-shown": {
    id: "Tidak terbukti bahwa aduan berkurang selama layanan tidak terjangkau. Itu tidak berarti bahwa tidak ada pengaruhnya.",
    en: "It is not shown that fewer complaints came in while the service could not be reached. That does not mean that there is no effect.",
  },
};

/** Always said beside the effect on complaints (methods.md §D7). */
const effectCaveats: readonly Text[] = [
  {
    id: "Sedikit aduan tidak berarti warga puas, dan tidak berarti layanan berfungsi.",
    en: "Few complaints do not mean that people are content, nor that the service works.",
  },
  {
    id: "Warga mungkin mengadu lewat jalur lain atau kemudian; waktu pencatatan bukan waktu kejadian.",
    en: "People may complain by other ways or later; the time of entry is not the time of the event.",
  },
];

export interface RelationWords {
  verdict(verdict: AssociationVerdict, exposure: Exposure): string;
  caveat(caveat: Caveat): string;
  /** "kegagalan layanan di luar gangguan jaringan: 2 dari 5". */
  need(need: Need): string;
  effect(verdict: ComplaintEffect["verdict"]): string;
  effectCaveats(): string[];
}

export function createRelationWords(language: Language): RelationWords {
  const of = language === "id" ? "dari" : "of";
  return {
    verdict: (verdict, exposure) => associationTexts[verdict][exposure][language],
    caveat: (caveat) => caveatTexts[caveat][language],
    need: ({ what, have, need }) => `${needTexts[what][language]}: ${have} ${of} ${need}`,
    effect: (verdict) => effectTexts[verdict][language],
    effectCaveats: () => effectCaveats.map((text) => text[language]),
  };
}
