export const languages = ["id", "en"] as const;
export type Language = (typeof languages)[number];

/** Picks the text of the dashboard's language. Both stand side by side in the builders, so that none is forgotten. */
export type Say = (indonesian: string, english: string) => string;

export const sayIn =
  (language: Language): Say =>
  (indonesian, english) =>
    language === "id" ? indonesian : english;

/** The Indonesian dashboards have the plain uid, since they are the ones that links and alerts point to. */
export const uidIn = (language: Language, uid: string): string =>
  language === "id" ? uid : `${uid}-${language}`;
