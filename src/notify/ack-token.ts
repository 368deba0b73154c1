import { createHmac, timingSafeEqual } from "node:crypto";

/*
 * The token of a link by which somebody says that they know of an alert. It is good for that one alert and for nothing
 * else, says through which channel it came, and ends:
 *
 *   base64url(JSON [alert, channel, endsS]) "." base64url(HMAC-SHA-256 of "ack" NUL and the first part)
 */

export interface AckClaim {
  alert: string;
  channel: string;
}

export interface AckTokens {
  make(claim: AckClaim, endsMs: number): string;
  /** `invalid`: not one of ours, or changed. */
  read(token: string, nowMs: number): AckClaim | "invalid" | "ended";
}

export function createAckTokens(key: Buffer): AckTokens {
  const sign = (body: string) => createHmac("sha256", key).update(`ack\0${body}`).digest();
  return {
    make({ alert, channel }, endsMs) {
      const body = Buffer.from(JSON.stringify([alert, channel, Math.floor(endsMs / 1000)])).toString(
        "base64url",
      );
      return `${body}.${sign(body).toString("base64url")}`;
    },
    read(token, nowMs) {
      const [body, mac, ...more] = token.split(".");
      if (body === undefined || mac === undefined || more.length > 0) return "invalid";
      const given = Buffer.from(mac, "base64url");
      const right = sign(body);
      if (given.length !== right.length || !timingSafeEqual(given, right)) return "invalid";
      const [alert, channel, endsS] = JSON.parse(Buffer.from(body, "base64url").toString()) as [
        string,
        string,
        number,
      ];
      return nowMs >= endsS * 1000 ? "ended" : { alert, channel };
    },
  };
}
