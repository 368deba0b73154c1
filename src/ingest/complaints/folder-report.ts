import type { ImportReport } from "./create-complaints.ts";
import type { Refusal } from "./refusal.ts";
import { describeRefusal } from "./texts.ts";

/** What lies beside a file that was taken from the folder: Indonesian, then English. Never what stands in the file. */
export function writeReport(outcome: ImportReport | readonly Refusal[]): string {
  const refusals = "rows" in outcome ? outcome.refusals : outcome;
  const list = (language: "id" | "en") =>
    refusals.map((refusal) => `- ${describeRefusal(refusal, language)}`);
  const heads = "rows" in outcome && outcome.result !== null ? stored(outcome) : nothing;
  return [...heads.id, ...list("id"), "", "---", "", ...heads.en, ...list("en"), ""].join("\n");
}

const nothing = {
  id: [
    "Tidak ada yang disimpan. Perbaiki, lalu taruh berkasnya lagi.",
    "Hapus berkas ini bila berisi data pribadi.",
    "",
  ],
  en: [
    "Nothing was stored. Correct the file, and put it there again.",
    "Delete this one if it has personal data.",
    "",
  ],
};

function stored({ result, rows, refused, passedOver, days }: ImportReport) {
  const { added, corrected, unchanged, hidden, cells } = result!;
  return {
    id: [
      `Diimpor: ${rows} baris, ${refused} ditolak.`,
      `Kasus: ${added} baru, ${corrected} dikoreksi, ${unchanged} tetap, ${hidden} menjadi jumlah saja; sel jumlah berubah: ${cells}; dilewati karena pernah dihapus: ${passedOver}.`,
      days === null ? "Tidak mencakup hari mana pun." : `Mencakup ${days.first} sampai ${days.last}.`,
      "",
    ],
    en: [
      `Imported: ${rows} lines, ${refused} refused.`,
      `Cases: ${added} new, ${corrected} corrected, ${unchanged} unchanged, ${hidden} now a number only; cells changed: ${cells}; passed over, since they were deleted: ${passedOver}.`,
      days === null ? "It speaks of no day." : `It speaks of ${days.first} to ${days.last}.`,
      "",
    ],
  };
}
