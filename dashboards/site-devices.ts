import { number, step, target, text, time, timeRange } from "./lib/query.ts";
import type { Say } from "./lib/say.ts";
import { lines } from "./lib/series-panels.ts";

/* What the devices of a site tell by SNMP. A site without any has empty panels. */

const interfaces = { path: "/interfaces", params: { target: "${site}/*", ...timeRange, step } };

/** Two devices of a site may both have an `ether1`; of one device no two interfaces have the same name here. */
const ofInterface = [time("time"), text("target"), text("interface")];
const ofBoth = "${__field.labels.target} ${__field.labels.interface}";

export const trafficPanel = (say: Say) =>
  lines({
    title: say("Lalu lintas antarmuka (SNMP)", "Traffic of interfaces (SNMP)"),
    description: say(
      "Bit per detik tiap antarmuka: masuk di atas nol, keluar di bawahnya. Kosong bila tidak ada SNMP.",
      "Bits a second of each interface: in above zero, out below it. Empty where nothing is read by SNMP.",
    ),
    target: target({
      ...interfaces,
      columns: [...ofInterface, number("in_bps"), number("out_bps")],
      format: "timeseries",
    }),
    lines: [
      { name: "in_bps", label: say(`${ofBoth} masuk`, `${ofBoth} in`) },
      {
        name: "out_bps",
        label: say(`${ofBoth} keluar`, `${ofBoth} out`),
        below: true,
      },
    ],
    unit: "bps",
  });

export const errorsPanel = (say: Say) =>
  lines({
    title: say("Galat dan paket dibuang (SNMP)", "Errors and discards (SNMP)"),
    description: say(
      "Paket rusak dan paket yang dibuang per detik, tiap antarmuka dan arah.",
      "Packets with errors and packets thrown away, a second, by interface and direction.",
    ),
    target: target({
      ...interfaces,
      columns: [
        ...ofInterface,
        number("in_errors_per_s"),
        number("out_errors_per_s"),
        number("in_discards_per_s"),
        number("out_discards_per_s"),
      ],
      format: "timeseries",
    }),
    lines: [
      {
        name: "in_errors_per_s",
        label: say(`${ofBoth} galat masuk`, `${ofBoth} errors in`),
      },
      {
        name: "out_errors_per_s",
        label: say(`${ofBoth} galat keluar`, `${ofBoth} errors out`),
      },
      {
        name: "in_discards_per_s",
        label: say(`${ofBoth} dibuang masuk`, `${ofBoth} discards in`),
      },
      {
        name: "out_discards_per_s",
        label: say(`${ofBoth} dibuang keluar`, `${ofBoth} discards out`),
      },
    ],
    unit: "pps",
    min: 0,
  });

/** Objects of the profiles by their unit; what a device does not have makes no series. */
const readingsPanel = (own: {
  title: string;
  description: string;
  objects: readonly string[];
  unit: string;
  decimals?: number;
}) =>
  lines({
    ...own,
    target: target({
      path: "/readings",
      params: { target: "${site}/*", object: own.objects.join(","), ...timeRange, step },
      columns: [time("time"), text("target"), text("object"), number("value")],
      format: "timeseries",
    }),
    lines: [],
    displayName: "${__field.labels.target} ${__field.labels.object}",
  });

export const signalPanel = (say: Say) =>
  readingsPanel({
    title: say("Kuat sinyal (SNMP)", "Signal strength (SNMP)"),
    description: say(
      "Sinyal yang diterima radio, modem atau terminal satelit. Mendekati nol berarti lebih kuat.",
      "What radios, modems and satellite terminals receive. Closer to zero is stronger.",
    ),
    objects: ["signalDbm", "rssiDbm", "rsrpDbm"],
    unit: "dBm",
    decimals: 1,
  });

export const qualityPanel = (say: Say) =>
  readingsPanel({
    title: say("Mutu sinyal (SNMP)", "Signal quality (SNMP)"),
    description: say(
      "Sinyal terhadap derau. Turun saat hujan: sinyal melemah; turun saat cerah: arah antena atau gangguan.",
      "Signal over noise. A fall in rain is a fade; a fall in fair weather is the antenna's direction or interference.",
    ),
    objects: ["snrDb", "sinrDb", "rsrqDb", "ssrDb", "xpiDb", "mseDb"],
    unit: "dB",
    decimals: 1,
  });

export const batteryPanel = (say: Say) =>
  readingsPanel({
    title: say("Baterai (SNMP)", "Battery (SNMP)"),
    description: say(
      "Isi baterai UPS atau pengisi surya. Turun terus: listrik padam atau panel tidak mengisi.",
      "Charge of the UPS or solar charger. A steady fall: no mains, or panels that do not charge.",
    ),
    objects: ["batteryChargeRatio"],
    unit: "percentunit",
    decimals: 0,
  });

/**
 * sysUpTime counts hundredths of a second (RFC 3418), Grafana's `timeticks`; it wraps after 497 days. Only targets read
 * by SNMP have values; with the empty rows of the others the gaps go too, so that points are drawn and no line.
 */
export const uptimePanel = (say: Say) =>
  lines({
    title: say("Lama menyala perangkat (SNMP)", "Device uptime (SNMP)"),
    description: say(
      "sysUpTime tiap perangkat; jatuh ke nol berarti perangkat menyala ulang. Kosong bila tidak ada SNMP.",
      "sysUpTime of each device; a fall to zero is a restart. Empty where nothing is read by SNMP.",
    ),
    target: target({
      path: "/series",
      params: { target: "${site}/*", metric: "snmp.sysUpTime", ...timeRange, step },
      columns: [time("time"), text("target"), number("sysUpTime", "snmp\\.sysUpTime")],
      filter: "sysUpTime != null",
      format: "timeseries",
    }),
    lines: [],
    displayName: "${__field.labels.target}",
    unit: "timeticks",
    min: 0,
    points: true,
  });
