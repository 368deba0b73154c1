import { z } from "zod";

import {
  mailAddress,
  mailAddressAllowed,
  ntfyToken,
  ntfyTokenAllowed,
  ntfyTopic,
  ntfyTopicAllowed,
  telegramToken,
  telegramTokenAllowed,
  webhookKey,
  webhookSecretAllowed,
  webhookUrl,
  webhookUrlAllowed,
  whatsappNumber,
  whatsappNumberAllowed,
} from "./credentials.ts";
import { languages } from "./payload.ts";

/*
 * `alerts.channels` of sambung.yaml. What a channel would refuse when it is made is refused here already, so that `sambung
 * check` sees it.
 */

const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "1 to 32 small letters, digits or '-'");
const text = z.string().min(1, "some text");
const language = z.enum(languages).default("id");
const mail = z.string(mailAddressAllowed).regex(mailAddress, mailAddressAllowed);
const bareUrl = z.string(webhookUrlAllowed).refine((given) => webhookUrl(given) !== null, webhookUrlAllowed);

/** Both or neither. */
const login = { user: text.optional(), password: text.optional() };

function refuseHalfLogin(
  { user, password }: { user?: string | undefined; password?: string | undefined },
  context: z.RefinementCtx,
): void {
  if ((user === undefined) === (password === undefined)) return;
  const [path, other] = user === undefined ? ["user", "password"] : ["password", "user"];
  context.addIssue({ code: "custom", path: [path], message: `both user and password; ${other} is given` });
}

const email = z
  .strictObject({
    id,
    kind: z.literal("email"),
    host: text,
    port: z.int("a port").min(1, "a port").max(65_535, "a port"),
    security: z.enum(["starttls", "tls", "none"]).default("starttls"),
    ...login,
    from: mail,
    to: z.array(mail).min(1, "at least one address"),
    language,
  })
  .superRefine(refuseHalfLogin);

const alertmanager = z
  .strictObject({ id, kind: z.literal("alertmanager"), url: bareUrl, ...login, language })
  .superRefine(refuseHalfLogin);

const channel = z.discriminatedUnion("kind", [
  z.strictObject({
    id,
    kind: z.literal("webhook"),
    url: bareUrl,
    secrets: z
      .array(
        z.string(webhookSecretAllowed).refine((secret) => webhookKey(secret) !== null, webhookSecretAllowed),
      )
      .min(1, "at least one secret, whsec_…"),
  }),
  email,
  z.strictObject({
    id,
    kind: z.literal("telegram"),
    token: z.string(telegramTokenAllowed).regex(telegramToken, telegramTokenAllowed),
    chatId: text,
    threadId: z.int("a whole number").optional(),
    /** Whether replies are read, by which people say that they know of an alert. */
    replies: z.boolean().default(true),
    baseUrl: bareUrl.optional(),
    language,
  }),
  z.strictObject({
    id,
    kind: z.literal("whatsapp"),
    phoneNumberId: z.string(whatsappNumberAllowed).regex(whatsappNumber, whatsappNumberAllowed),
    token: text,
    to: z.string(whatsappNumberAllowed).regex(whatsappNumber, whatsappNumberAllowed),
    template: text,
    baseUrl: bareUrl.optional(),
    language,
  }),
  z.strictObject({
    id,
    kind: z.literal("ntfy"),
    url: bareUrl,
    topic: z.string(ntfyTopicAllowed).regex(ntfyTopic, ntfyTopicAllowed),
    token: z.string(ntfyTokenAllowed).regex(ntfyToken, ntfyTokenAllowed).optional(),
    language,
  }),
  alertmanager,
]);

export type ChannelConfig = z.output<typeof channel>;

export const channels = z.array(channel).superRefine((all, context) => {
  const ids = all.map((one) => one.id);
  for (const [index, name] of ids.entries()) {
    // Messages wait under the id of their channel: two of one name would take each other's.
    if (ids.indexOf(name) === index) continue;
    context.addIssue({ code: "custom", path: [index, "id"], message: "another id: one before has it" });
  }
});
