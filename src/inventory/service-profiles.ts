import type { HttpTarget } from "#wire/targets-v1.ts";

/*
 * Checks of services that citizens use, ready to be named in targets.yaml. A profile gives the fields that the entry
 * leaves out; what the entry says itself stays.
 *
 * What is known of the page of SP4N-LAPOR!, and what is assumed. Nobody of this project was allowed to fetch it, so
 * its markup is not known. Known, from what others publish of it: it is public at www.lapor.go.id; other authorities
 * have linked to prod.lapor.go.id since 2025, so it may answer from there by a redirect; the page calls itself
 * "LAPOR!", "SP4N-LAPOR!" and "Layanan Aspirasi dan Pengaduan Online Rakyat", says "Sampaikan laporan Anda langsung
 * kepada instansi pemerintah berwenang", and its form asks to "Ketik Judul Laporan Anda" and "Ketik Isi Laporan Anda".
 * Assumed: that one of these stands in the HTML itself and not only in what a script adds, within the first 512 KiB.
 * After the first rounds look at one by hand; an `expectBody` of the entry's own replaces this one.
 */
export interface ServiceProfile {
  /** What the check asks, in a few words. */
  title: { id: string; en: string };
  /** Fields of the target. */
  check: Partial<Omit<HttpTarget, "id" | "kind" | "family">>;
  /** Days before the first certificate of the chain expires in which somebody has to act. */
  certificateDays: number;
  /** What the check means and costs, for who reads the inventory. */
  note: { id: string; en: string };
}

/** The names and the sentences of the page, in any of its spellings; one of them is enough. */
const isThePage = [
  "SP4N",
  "LAPOR(?:!|&#33;|&excl;)",
  "Layanan\\s+Aspirasi\\s+dan\\s+Pengaduan\\s+Online",
  "(?:sampaikan|tulis|ketik|buat|kirim)\\s+(?:(?:judul|isi)\\s+)?(?:laporan|pengaduan|aduan)",
];

/**
 * What the title or first heading says where somebody else answers: a notice, a web server without its page, a block
 * page, the log-in of a hotspot.
 */
const isAnotherHead = [
  "maintenance",
  "pemeliharaan",
  "perbaikan",
  "segera kembali",
  "coming soon",
  "under construction",
  "index of /",
  "welcome to nginx",
  "default page",
  "internet (?:positif|sehat)",
  "trust\\s?positif",
  "hotspot",
  "wi-?fi",
  "captive",
  "suspended",
  "forbidden",
  "unavailable",
  "bad gateway",
  "not found",
  "tidak (?:ditemukan|tersedia)",
];

/**
 * The same notice in running text. The word alone proves nothing: citizens complain of roads under repair, and their
 * complaints are on the page.
 */
const isNotice = [
  "(?:situs|website|laman|layanan|sistem|aplikasi|server|LAPOR!?)[^<]{0,40}sedang[^<]{0,30}(?:pemeliharaan|perbaikan|maintenance)",
  "(?:under|undergoing|scheduled) maintenance",
];

/** 300 letters of each: without a bound, tags that are never closed take their number squared in time. */
const head = `<(title|h1)\\b[^>]{0,300}>(?:[^<]|<(?!/\\1)){0,300}?(?:${isAnotherHead.join("|")})`;
const page = `^(?![\\s\\S]*(?:${head}|${isNotice.join("|")}))[\\s\\S]*?(?:${isThePage.join("|")})`;

/** Common to both: the page as a citizen's phone has to get it. */
const pageCheck = {
  // Five minutes: a village behind a satellite pays for every page with what its people could have loaded.
  intervalS: 300,
  // A page of several segments at a round trip of 0.6 s each, with packets lost on the way.
  timeoutMs: 30_000,
  expectStatus: [200],
  expectBody: { text: null, regex: page, jsonPath: null, jsonEquals: null },
  maxBodyBytes: 524_288,
  // To another host too (prod.lapor.go.id); the certificate and the page itself say whether it is the right one.
  redirects: "any",
  verifyTls: true,
  httpVersion: "auto",
} satisfies ServiceProfile["check"];

export const serviceProfiles: Record<string, ServiceProfile> = {
  "sp4n-lapor": {
    title: {
      id: "SP4N-LAPOR!: halaman pengaduan terbuka utuh",
      en: "SP4N-LAPOR!: the complaint page loads whole",
    },
    check: { ...pageCheck, url: "https://www.lapor.go.id/", maxRedirects: 3 },
    certificateDays: 14,
    note: {
      id:
        "Lolos bila halaman diterima sampai selesai dengan sertifikat yang sah dan memuat nama atau formulir " +
        "pengaduan. Halaman pemeliharaan, halaman blokir, dan halaman masuk Wi-Fi dihitung gagal (body). Halaman " +
        "dibaca penuh, terkompresi; perkirakan 10-30 MB per hari tiap lokasi.",
      en:
        "Passes when the page came to its end, with a valid certificate, and has the name or the form in it. A " +
        "maintenance notice, a block page and the log-in of a Wi-Fi fail in phase body. The page is read whole, " +
        "compressed: reckon with 10 to 30 MB a day and site.",
    },
  },
  // What happens when the short name from the poster is typed into an old phone: no https, no www.
  "sp4n-lapor-typed": {
    title: {
      id: "SP4N-LAPOR!: lapor.go.id yang diketik sampai ke halaman pengaduan",
      en: "SP4N-LAPOR!: lapor.go.id as typed leads to the complaint page",
    },
    check: { ...pageCheck, url: "http://lapor.go.id/", intervalS: 900, maxRedirects: 5 },
    certificateDays: 14,
    note: {
      id: "Seperti sp4n-lapor, mulai dari http://lapor.go.id/ dan mengikuti pengalihan sampai halaman aman.",
      en: "As sp4n-lapor, from http://lapor.go.id/ along the redirects to the secure page.",
    },
  },
};
