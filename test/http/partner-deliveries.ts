import { pino } from "pino";
import { createPartnerDelivery } from "../../src/notify/partner-delivery.ts";
import type { PartnerDeliveries } from "../../src/notify/partner-delivery.ts";
import { createPartnerMessage } from "../../src/report/partner-message.ts";
import { alarmBase } from "../../src/report/tmf-alarm.ts";
import { createWords } from "../../src/report/words.ts";
import type { TestHttp } from "../support/http.ts";

/** What left for providers, as it would be on the wire, without a wire. */
export interface DeliveryTo {
  delivery: PartnerDeliveries;
  bodies: { url: string; body: string }[];
  /** Status of the other side's answer. */
  answer: (url: string) => number;
  told(): { url: string; type: string; link: string }[];
}

interface Body {
  type?: string;
  eventType?: string;
  data?: { link: string };
  event?: { alarm: { alarmedObject: { id: string } } };
}

export function createDeliveryTo(http: TestHttp): DeliveryTo {
  const to: DeliveryTo = {
    bodies: [],
    answer: () => 200,
    told: () =>
      to.bodies.map(({ url, body }) => {
        const { type, eventType, data, event } = JSON.parse(body) as Body;
        return { url, type: type ?? eventType!, link: data?.link ?? event!.alarm.alarmedObject.id };
      }),
    delivery: createPartnerDelivery({
      state: http.state,
      follow: http.followPartners,
      render: createPartnerMessage({
        words: createWords("id", "Asia/Makassar"),
        inventory: () => http.held.inventory,
        base: alarmBase,
      }),
      async post(url, { body }) {
        to.bodies.push({ url, body });
        return { status: to.answer(url), retryAfterS: undefined };
      },
      now: () => http.clock.ms,
      random: () => 0.5,
      logger: pino({ level: "silent" }),
    }),
  };
  return to;
}
