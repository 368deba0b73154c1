import { stackedBars } from "./lib/bars-panel.ts";
import { blue, green, grey, orange, purple, vermilion } from "./lib/colours.ts";
import { dashboard } from "./lib/dashboard.ts";
import type { Dashboard, Mapping, PanelDraft } from "./lib/grafana.ts";
import { flag, number, target, text, time } from "./lib/query.ts";
import type { Query } from "./lib/query.ts";
import { sayIn, uidIn } from "./lib/say.ts";
import type { Language, Say } from "./lib/say.ts";
import { navigation, siteLink } from "./lib/shared.ts";
import { figures } from "./lib/stat-panel.ts";
import { table } from "./lib/table-panel.ts";
import { queryVariable } from "./lib/variables.ts";

/** Agents: does the account close, what still waits where, whose clock is off, and what their uplinks are spent on. */
export function agentsDashboard(language: Language): Dashboard {
  const say = sayIn(language);
  return dashboard(say, language, {
    uid: "sambung-agents",
    title: say("Sambung: agen", "Sambung: agents"),
    description: say(
      "Apakah semua pengukuran tiba, apa yang masih tertahan, jam siapa yang meleset, dan berapa byte terpakai.",
      "Whether all measurements arrive, what still waits, whose clock is off, and how many bytes are spent.",
    ),
    from: "now-24h",
    links: navigation(say, language, "sambung-agents"),
    variables: [
      queryVariable({
        name: "agent",
        label: say("Agen", "Agent"),
        description: say("Agen pada bagian catatan.", "The agent of the section on its account."),
        query: {
          path: "/agents",
          columns: [text("__text", "name"), text("__value", "id"), number("lastSeq"), time("revoked")],
          filter: "lastSeq != null && revoked == null",
        },
      }),
    ],
    annotations: [],
    parts: [
      { height: 4, panels: [{ width: 24, panel: sumsPanel(say) }] },
      { height: 11, panels: [{ width: 24, panel: accountsPanel(say, language) }] },
      {
        height: 11,
        panels: [
          { width: 14, panel: waitingPanel(say, language) },
          { width: 10, panel: bytesPanel(say) },
        ],
      },
      say("Catatan agen: ${agent:text}", "Account of an agent: ${agent:text}"),
      {
        height: 8,
        panels: [
          { width: 8, panel: holesPanel(say) },
          { width: 8, panel: declaredPanel(say, "thinned") },
          { width: 8, panel: declaredPanel(say, "lost") },
        ],
      },
      {
        height: 8,
        panels: [
          { width: 16, panel: clocksPanel(say) },
          { width: 8, panel: monthsPanel(say) },
        ],
      },
    ],
  });
}

/** Agents that are in use. */
const inUse = "revoked == null";
const rounds = { unit: "short", decimals: 0, width: 110 };

function sumsPanel(say: Say): PanelDraft {
  const sum = (name: string, label: string, color: string, unit = "short") => ({
    name,
    label,
    unit,
    decimals: 0,
    color,
  });
  return figures({
    title: say("Seluruh agen", "All agents together"),
    description: say(
      "Jumlah dari semua agen: dihasilkan = tersimpan + ditipiskan + hilang + belum tiba.",
      "Sums over all agents: produced = stored + thinned + lost + still to come.",
    ),
    target: target({
      path: "/agents",
      columns: [
        number("producedRounds"),
        number("storedRounds"),
        number("openRounds"),
        number("thinnedRounds"),
        number("lostRounds"),
        number("monthBytes"),
        time("revoked"),
      ],
      filter: inUse,
    }),
    calc: "sum",
    figures: [
      sum("producedRounds", say("Dihasilkan", "Produced"), blue),
      sum("storedRounds", say("Tersimpan", "Stored"), green),
      sum("openRounds", say("Belum tiba", "Still to come"), orange),
      sum("thinnedRounds", say("Ditipiskan", "Thinned"), grey),
      sum("lostRounds", say("Hilang", "Lost"), vermilion),
      sum("monthBytes", say("Terkirim bulan ini", "Sent this month"), purple, "decbytes"),
    ],
    empty: say("Belum ada agen", "No agent yet"),
  });
}

/** To the section on one agent of this dashboard. */
const agentLink = (say: Say, language: Language) => ({
  title: say("Catatan agen ini", "This agent's account"),
  url: `/d/${uidIn(language, "sambung-agents")}/agents?var-agent=\${__data.fields.id}&\${__url_time_range}`,
});

const wrongMapping = (say: Say): Mapping => ({
  type: "value",
  options: {
    true: { text: say("Tidak mungkin benar", "Cannot be right"), color: vermilion, index: 0 },
    false: { text: say("Cocok", "Closes"), color: green, index: 1 },
  },
});

function accountsPanel(say: Say, language: Language): PanelDraft {
  return table({
    title: say("Catatan setiap agen", "The account of each agent"),
    description: say(
      "Dihasilkan = tersimpan + ditipiskan + hilang + belum tiba; nama lokasi membuka lokasi, agen membuka catatannya.",
      "Produced = stored + thinned + lost + still to come; the site's name opens the site, the agent its account.",
    ),
    target: target({
      path: "/agents",
      columns: [
        text("id"),
        text("site"),
        text("name"),
        text("kind"),
        text("version"),
        time("lastSeen"),
        time("revoked"),
        number("producedRounds"),
        number("storedRounds"),
        number("openRounds"),
        number("thinnedRounds"),
        number("lostRounds"),
        flag("inconsistent"),
      ],
      filter: inUse,
    }),
    columns: [
      { name: "id", label: say("Agen", "Agent"), links: [agentLink(say, language)] },
      { name: "site", label: say("Kode", "Code"), width: 130 },
      { name: "name", label: say("Lokasi", "Site"), links: [siteLink(say, language, { service: false })] },
      { name: "kind", label: say("Jenis", "Kind"), width: 90 },
      { name: "version", label: say("Versi", "Version"), width: 90 },
      { name: "lastSeen", label: say("Terakhir terdengar", "Last heard"), unit: "dateTimeFromNow" },
      { name: "revoked", label: say("Dicabut", "Revoked"), hidden: true },
      { name: "producedRounds", label: say("Dihasilkan", "Produced"), ...rounds },
      { name: "storedRounds", label: say("Tersimpan", "Stored"), ...rounds },
      { name: "openRounds", label: say("Belum tiba", "Still to come"), ...rounds },
      { name: "thinnedRounds", label: say("Ditipiskan", "Thinned"), ...rounds },
      { name: "lostRounds", label: say("Hilang", "Lost"), ...rounds },
      { name: "inconsistent", label: say("Catatan", "Account"), mappings: [wrongMapping(say)], width: 150 },
    ],
    empty: say("Belum ada agen terdaftar", "No agent is enrolled"),
    sortBy: { name: "openRounds", descending: true },
  });
}

function waitingPanel(say: Say, language: Language): PanelDraft {
  return table({
    title: say("Yang tertahan di agen, dan jamnya", "What waits at the agents, and their clocks"),
    description: say(
      "Isi penyimpanan agen ketika terakhir melapor, umur yang tertua saat itu, dan ketidakpastian jamnya.",
      "What was in the agent's spool when it last said so, the age of the oldest then, and how uncertain its clock is.",
    ),
    target: target({
      path: "/agents",
      columns: [
        text("site"),
        text("name"),
        time("lastSeen"),
        time("revoked"),
        number("backlogRounds", "backlog.rounds"),
        number("backlogOldestMs", "backlog.oldestMs"),
        number("clockUncertaintyMs"),
      ],
      filter: inUse,
    }),
    columns: [
      { name: "site", label: say("Kode", "Code"), width: 130 },
      { name: "name", label: say("Lokasi", "Site"), links: [siteLink(say, language, { service: false })] },
      { name: "lastSeen", label: say("Terakhir terdengar", "Last heard"), unit: "dateTimeFromNow" },
      { name: "revoked", label: say("Dicabut", "Revoked"), hidden: true },
      { name: "backlogRounds", label: say("Tertahan", "Waiting"), ...rounds },
      { name: "backlogOldestMs", label: say("Umur tertua", "Oldest"), unit: "ms", decimals: 0, width: 120 },
      {
        name: "clockUncertaintyMs",
        label: say("Jam tidak pasti", "Clock uncertain by"),
        unit: "ms",
        decimals: 0,
        width: 150,
      },
    ],
    empty: say("Belum ada agen terdaftar", "No agent is enrolled"),
    sortBy: { name: "backlogOldestMs", descending: true },
  });
}

function bytesPanel(say: Say): PanelDraft {
  return stackedBars({
    title: say("Byte di jalur bulan ini", "Bytes on the wire this month"),
    description: say(
      "Yang dikirim dan diterima setiap agen pada bulan ini (UTC), TCP/IP dan TLS diperkirakan.",
      "What each agent sent and received in this month (UTC), TCP/IP and TLS estimated in.",
    ),
    target: target({
      path: "/agents",
      columns: [text("name"), time("revoked"), number("monthBytes")],
      filter: `${inUse} && monthBytes != null`,
    }),
    category: "name",
    unit: "decbytes",
    overrides: [
      {
        matcher: { id: "byName", options: "monthBytes" },
        properties: [
          { id: "displayName", value: say("Bulan ini", "This month") },
          { id: "color", value: { mode: "fixed", fixedColor: blue } },
        ],
      },
    ],
    empty: say("Tidak ada agen yang menghitung byte", "No agent counts its bytes"),
  });
}

const ledger = (rows: string): Pick<Query, "path" | "params" | "rows"> => ({
  path: "/agents/ledger",
  params: { agent: "${agent}" },
  rows: `data.${rows}`,
});

function holesPanel(say: Say): PanelDraft {
  const seq = { unit: "none", decimals: 0 };
  return table({
    title: say("Kiriman yang belum tiba", "Batches that have not arrived"),
    description: say(
      "Nomor kiriman di antara yang sudah tersimpan. Agen mengirimnya lagi, atau menyatakannya hilang.",
      "Numbers between those that are stored. The agent sends them again, or declares them lost.",
    ),
    target: target({ ...ledger("holes"), columns: [number("fromSeq"), number("toSeq")] }),
    columns: [
      { name: "fromSeq", label: say("Dari nomor", "From number"), ...seq },
      { name: "toSeq", label: say("Sampai nomor", "To number"), ...seq },
    ],
    empty: say("Semua kiriman tersimpan", "Every batch is stored"),
  });
}

function declaredPanel(say: Say, what: "thinned" | "lost"): PanelDraft {
  const detail = what === "thinned" ? number("summaries") : text("reason");
  const detailLabel =
    what === "thinned" ? say("Menjadi ringkasan", "Into summaries") : say("Sebab", "Reason");
  return table({
    title: what === "thinned" ? say("Ditipiskan", "Thinned") : say("Hilang", "Lost"),
    description:
      what === "thinned"
        ? say(
            "Pengukuran lama yang digabung agen ketika penyimpanannya penuh; gangguannya tetap sama.",
            "Old rounds that the agent merged when its spool was full; outages stay the same.",
          )
        : say(
            "Pengukuran yang dilepas agen: penuh (full), rusak (corrupt) atau terpotong (torn).",
            "Rounds that the agent gave up: its spool was full, corrupt or torn.",
          ),
    target: target({ ...ledger(what), columns: [time("from"), time("to"), number("rounds"), detail] }),
    columns: [
      { name: "from", label: say("Dari", "From"), unit: "dateTimeAsLocal", width: 160 },
      { name: "to", label: say("Sampai", "To"), unit: "dateTimeAsLocal", width: 160 },
      { name: "rounds", label: say("Pengukuran", "Rounds"), unit: "short", decimals: 0 },
      {
        name: detail.text,
        label: detailLabel,
        ...(what === "thinned" ? { unit: "short", decimals: 0 } : {}),
      },
    ],
    empty: say("Tidak ada", "None"),
  });
}

function clocksPanel(say: Say): PanelDraft {
  const moment = { unit: "dateTimeAsLocal", width: 170 };
  return table({
    title: say("Jam setiap kali perangkat menyala", "The clock of each boot of the machine"),
    description: say(
      "Bagaimana waktu pengukuran ditempatkan (exchange, synced, anchor, arrival, between), dan seberapa bisa meleset.",
      "How its measurements were placed in time (exchange, synced, anchor, arrival, between), and how wrong that may be.",
    ),
    target: target({
      ...ledger("clocks"),
      columns: [
        time("booted"),
        time("last"),
        text("source"),
        number("uncertaintyMs"),
        number("bootUncertaintyMs"),
      ],
    }),
    columns: [
      { name: "booted", label: say("Menyala", "Booted"), ...moment },
      { name: "last", label: say("Terakhir", "Last"), ...moment },
      { name: "source", label: say("Cara", "By") },
      { name: "uncertaintyMs", label: say("Bisa meleset", "May be wrong by"), unit: "ms", decimals: 0 },
      {
        name: "bootUncertaintyMs",
        label: say("Saat menyala bisa meleset", "Boot may be wrong by"),
        unit: "ms",
        decimals: 0,
      },
    ],
    empty: say("Belum ada", "None yet"),
    sortBy: { name: "last", descending: true },
  });
}

function monthsPanel(say: Say): PanelDraft {
  return table({
    title: say("Byte per bulan", "Bytes by month"),
    description: say(
      "Terkirim dan diterima agen ini setiap bulan (UTC), menurut hitungannya sendiri.",
      "What this agent sent and received in each month (UTC), by its own count.",
    ),
    target: target({ ...ledger("months"), columns: [text("month"), number("bytes")] }),
    columns: [
      { name: "month", label: say("Bulan", "Month") },
      { name: "bytes", label: say("Byte", "Bytes"), unit: "decbytes" },
    ],
    empty: say("Agen ini tidak menghitung", "This agent does not count"),
    sortBy: { name: "month", descending: true },
  });
}
