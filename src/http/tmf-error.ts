import type { ProblemOptions } from "./problem.ts";

/** Where refusals are told as TM Forum's APIs tell them. */
export function isTmfPath(path: string): boolean {
  return path === "/tmf-api" || path.startsWith("/tmf-api/");
}

/** TM Forum's names of refusals by status: TMF630, REST design guidelines. */
const codes: Record<number, string> = {
  400: "24",
  401: "41",
  403: "50",
  404: "60",
  405: "61",
  409: "24",
  413: "22",
  415: "22",
  429: "53",
  500: "1",
  501: "61",
  503: "5",
};

/** A refusal as TMF630 has it. There is no 422: a field that is not as agreed is 400. */
export function toTmfError({ status, title, detail }: ProblemOptions) {
  const told = status === 422 ? 400 : status;
  return {
    status: told,
    body: {
      code: codes[told] ?? "1",
      reason: title,
      message: detail,
      status: String(told),
      "@type": "Error" as const,
    },
  };
}
