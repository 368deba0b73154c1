import type { Reader } from "../report/reader.ts";
import type { Meter } from "./meter.ts";

/** Names as blackbox_exporter has them. Targets that fell silent have no value: an old success would be a lie. */
export function addProbes(meter: Meter, reader: Reader): void {
  meter.part("probes", (gauge) => {
    const labels = ["site", "target"] as const;
    const success = gauge("probe_success", "Whether the last round was answered or passed.", labels);
    const duration = gauge("probe_duration_seconds", "Median reply or duration of the last round.", labels);
    const loss = gauge("probe_icmp_loss_ratio", "Echo requests of the last round without a reply.", labels);
    const expiry = gauge(
      "probe_ssl_earliest_cert_expiry",
      "Unix time at which the certificate ends that the last HTTP round was shown.",
      labels,
    );
    return async () => {
      for (const { site, id: target, ...status } of await reader.targetStatus()) {
        success.set({ site, target }, status.ok ? 1 : 0);
        if (status.durationS !== null) duration.set({ site, target }, status.durationS);
        if (status.lossRatio !== null) loss.set({ site, target }, status.lossRatio);
        if (status.certExpiresMs !== null) expiry.set({ site, target }, status.certExpiresMs / 1000);
      }
    };
  });
  meter.part("inventory", (gauge) => {
    const sites = gauge("sambung_inventory_sites", "Sites of the inventory in force.");
    const targets = gauge("sambung_inventory_targets", "Targets of the inventory in force.");
    return async () => {
      const codes = (await reader.sites()).map(({ code }) => code);
      sites.set({}, codes.length);
      targets.set({}, reader.targets(codes).length);
    };
  });
}
