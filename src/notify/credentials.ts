/*
 * The shapes of what channels are configured with. The configuration checks them before anything starts, and a channel
 * checks them again when it is made by hand; neither shows the value.
 */

/** What BotFather gives: the bot's number, a colon, and letters. */
export const telegramToken = /^\d+:[\w-]+$/;
export const telegramTokenAllowed = "a bot token: digits, a colon and letters";

export const webhookSecretAllowed = "whsec_ and the base64 of 24 to 64 bytes";

/** The key within a secret of Standard Webhooks; null: it is none. */
export function webhookKey(secret: string): Buffer | null {
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  const key = Buffer.from(encoded ?? "", "base64");
  return key.length < 24 || key.length > 64 ? null : key;
}

export const webhookUrlAllowed = "an http or https address without user and password";

/** null: not an address that signed messages may go to. */
export function webhookUrl(given: string): URL | null {
  const url = URL.parse(given);
  if (url === null || !["http:", "https:"].includes(url.protocol)) return null;
  return url.username || url.password ? null : url;
}

/** `name@domain` or `Some Name <name@domain>`, on one line. */
export const mailAddress = /^(?:[^<>@\r\n]*<[^\s<>@,;]+@[\w.-]+>|[^\s<>@,;]+@[\w.-]+)$/;
export const mailAddressAllowed = "name@domain, or a name and <name@domain>";

/** As ntfy's server takes them. */
export const ntfyTopic = /^[-_A-Za-z0-9]{1,64}$/;
export const ntfyTopicAllowed = "1 to 64 letters, digits, '-' or '_'";

export const ntfyToken = /^tk_[A-Za-z0-9]+$/;
export const ntfyTokenAllowed = "tk_ and letters or digits";

/** A number with its country code, and Meta's numbers of numbers, as they stand in its addresses. */
export const whatsappNumber = /^[1-9]\d{5,19}$/;
export const whatsappNumberAllowed = "in quotes, 6 to 20 digits without +, spaces or a leading 0";
