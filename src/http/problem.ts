import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { hideKeys } from "#wire/hide-keys.ts";
import { contentEncodings } from "../ingest/decode.ts";
import { IngestError } from "../ingest/ingest-error.ts";
import { AsideBusyError } from "../report/aside.ts";
import { storeTrouble } from "../state/store-trouble.ts";
import type { HttpEnv, HttpLogger } from "./env.ts";
import { rateLimitHeaders } from "./rate-limit.ts";
import type { Taken } from "./rate-limit.ts";
import { isTmfPath, toTmfError } from "./tmf-error.ts";

/*
 * Every refusal is a problem document (RFC 9457, application/problem+json):
 *
 *   { "type": "urn:problem-type:sambung:query.invalid", "title": "Query not understood", "status": 400,
 *     "detail": "step: \"soon\" is not allowed; expected …", "instance": "/api/v1/series", "code": "query.invalid",
 *     "requestId": "…", "errors": [ { "field": "step", "value": "soon", "allowed": "…" } ] }
 */

/** One mistake: where it is, what was found there, what is allowed. */
export interface FieldError {
  field: string;
  value: string;
  allowed: string;
}

export interface ProblemOptions {
  status: ContentfulStatusCode;
  /** Stable name for programs. */
  code: string;
  title: string;
  detail: string;
  errors?: readonly FieldError[];
  /** Where somebody else has defined the problem; left out, it is one of ours, by its code. */
  type?: string;
  /** Further members that the type, or the code, defines. */
  members?: Readonly<Record<string, unknown>>;
  headers?: Readonly<Record<string, string>>;
}

/** A refusal on its way to the error mapper. */
export class HttpProblem extends Error {
  readonly options: ProblemOptions;

  constructor(options: ProblemOptions) {
    super(`${options.title}: ${options.detail}`);
    this.name = "HttpProblem";
    this.options = options;
  }
}

/** What was found in a request; `value` is undefined where nothing was sent. */
export type Misfit = Omit<FieldError, "value"> & { value: string | undefined };

/** What a misfit's `allowed` says where there is no such parameter or field at all. */
export const unknownName = "no such name here; see /openapi.json";

function describe({ field, value, allowed }: Misfit): string {
  if (allowed === unknownName) return `${field} is not known here; see /openapi.json`;
  if (value === undefined) return `${field} is missing; expected ${allowed}`;
  return `${field}: ${JSON.stringify(value)} is not allowed; expected ${allowed}`;
}

/** A parameter or a field of a body that is not as it must be. */
export function badField(status: 400 | 422, misfits: readonly Misfit[]): HttpProblem {
  const [first] = misfits;
  const detail = first === undefined ? "the request is not as agreed" : describe(first);
  const errors = misfits.map(({ field, value = "nothing", allowed }) => ({ field, value, allowed }));
  return new HttpProblem(
    status === 400
      ? { status, code: "query.invalid", title: "Parameter not understood", detail, errors }
      : { status, code: "body.invalid", title: "Field not understood", detail, errors },
  );
}

/** As draft-ietf-httpapi-ratelimit-headers has it. */
export function tooManyRequests(taken: Taken): HttpProblem {
  const { name, quota, windowS } = taken.policy;
  return new HttpProblem({
    status: 429,
    code: "rate",
    type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
    title: "Too many requests",
    detail: `more than ${quota} in ${windowS} s (${name}); again in ${taken.retryAfterS} s`,
    members: { "violated-policies": [name] },
    headers: rateLimitHeaders(taken),
  });
}

/** What cannot be done as things stand. */
export function conflict(code: string, detail: string): HttpProblem {
  return new HttpProblem({ status: 409, code, title: "Not possible now", detail });
}

export function notFound(what: string): HttpProblem {
  return new HttpProblem({ status: 404, code: "not-found", title: "Not found", detail: what });
}

export function sendProblem(c: Context<HttpEnv>, options: ProblemOptions): Response {
  const { status, code, title, detail, errors, members, headers } = options;
  if (isTmfPath(c.req.path)) {
    const { status: told, body: error } = toTmfError(options);
    const type = { "Content-Type": "application/json", "Cache-Control": "no-store" };
    return c.body(hideKeys(JSON.stringify(error)), told, { ...type, ...headers });
  }
  const body = {
    type: options.type ?? `urn:problem-type:sambung:${code}`,
    title,
    status,
    detail,
    instance: c.req.path,
    code,
    requestId: c.get("requestId"),
    ...(errors === undefined || errors.length === 0 ? {} : { errors }),
    ...members,
  };
  // Whatever was sent here by mistake, a key in a path or a token with a blank too many, is not repeated.
  return c.body(hideKeys(JSON.stringify(body)), status, {
    "Content-Type": "application/problem+json",
    "Cache-Control": "no-store",
    ...headers,
  });
}

/** The one place where an error becomes an answer. What we did not foresee is logged whole and told in no detail. */
export function createErrorMapper(logger: HttpLogger): (error: Error, c: Context<HttpEnv>) => Response {
  return (error, c) => {
    const known = foreseen(error);
    if (known !== null) {
      if (known.code === "store") logger.error({ reason: error.message, path: c.req.path }, known.detail);
      return sendProblem(c, known);
    }
    logger.error({ err: error, requestId: c.get("requestId"), path: c.req.path }, "request failed");
    return sendProblem(c, {
      status: 500,
      code: "internal",
      title: "Internal error",
      detail: "something went wrong here; the request id finds it in the log",
    });
  };
}

function foreseen(error: Error): ProblemOptions | null {
  if (error instanceof HttpProblem) return error.options;
  if (error instanceof IngestError) return fromIngest(error);
  if (error instanceof HTTPException && error.status < 500) return fromHono(error);
  if (error instanceof AsideBusyError)
    return {
      status: 503,
      code: "busy",
      title: "Not now",
      detail: error.message,
      headers: { "Retry-After": String(error.retryAfterS) },
    };
  return fromStore(error);
}

/** How long whoever meets a full disk is asked to wait, s: somebody has to make room. */
const storeRetryAfterS = 30;

/** A disk that is full or does not take what is written: nothing is half-stored, and asking again later loses nothing. */
function fromStore(error: Error): ProblemOptions | null {
  const trouble = storeTrouble(error);
  if (trouble === null) return null;
  const headers = { "Retry-After": String(storeRetryAfterS) };
  return { status: 503, code: "store", title: "Not now", detail: `${trouble}; nothing was stored`, headers };
}

function fromIngest(error: IngestError): ProblemOptions {
  const { code, status, title, detail, field, value, allowed, stored, retryAfterS } = error;
  return {
    code,
    status,
    title,
    detail,
    errors: field === undefined ? [] : [{ field, value: value ?? "", allowed: allowed ?? "" }],
    // Of a batch whose seq was used; see seq-used-v1.
    members: stored === undefined ? {} : { stored },
    headers: {
      ...(retryAfterS === undefined ? {} : { "Retry-After": String(Math.ceil(retryAfterS)) }),
      ...(status === 415 ? { "Accept-Encoding": contentEncodings } : {}),
      ...(status === 401 ? { "WWW-Authenticate": 'Bearer realm="sambung", error="invalid_token"' } : {}),
    },
  };
}

export const malformedBody: ProblemOptions = {
  status: 400,
  code: "body.malformed",
  title: "Not decodable",
  detail: "the body is not a JSON document",
};

/** What the library itself refuses: malformed JSON, another content type, a body that is too large. */
function fromHono(error: HTTPException): ProblemOptions {
  const status = error.status as ContentfulStatusCode;
  if (status === 415) {
    const detail = "the body must be application/json";
    return { status, code: "body.type", title: "Content type not supported", detail };
  }
  if (status === 413) {
    return { status, code: "body.size", title: "Body too large", detail: "at most 64 KiB are taken here" };
  }
  return { ...malformedBody, status };
}
