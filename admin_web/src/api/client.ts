// The one door to the server. Types come from its own description (schema.ts); what it refuses is
// thrown as `Refused`, with the server's sentence in both languages.
import createClient, { type Middleware } from "openapi-fetch";

import type { paths } from "./schema";

export const OWN_PAGE = { "x-xiaoma-page": "1" };

/** The server said no, or could not be reached (`status` 0). */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly word: string,
    readonly zh: string,
    readonly en: string,
    readonly evidence: Record<string, unknown> = {},
  ) {
    super(`${word}: ${en}`);
  }
}

type Listener = () => void;
const loggedOut = new Set<Listener>();

/** Tell me when the server does not know us any more. */
export function whenLoggedOut(listener: Listener): void {
  loggedOut.add(listener);
}

function unreachable(): Refused {
  return new Refused(0, "unreachable", "连不上服务器，请检查网络。", "The server cannot be reached.");
}

async function refusalOf(response: Response): Promise<Refused> {
  try {
    const body = (await response.clone().json()) as Record<string, unknown>;
    if (typeof body.error === "string") {
      const evidence = (body.evidence ?? {}) as Record<string, unknown>;
      return new Refused(
        response.status, body.error, String(body.zh), String(body.en), evidence,
      );
    }
  } catch {
    // a proxy's page, not our server's answer: said below
  }
  const said = String(response.status);
  return new Refused(response.status, "strange_answer", `服务器应答异常（${said}）。`,
    `The server answered strangely (${said}).`);
}

/** An answer that is none of ours throws. */
export async function requireAnswer(response: Response): Promise<Response> {
  if (response.ok) return response;
  const refused = await refusalOf(response);
  if (response.status === 401 && refused.word === "no_session") loggedOut.forEach((tell) => tell());
  throw refused;
}

const strict: Middleware = {
  onResponse: ({ response }) => requireAnswer(response),
  onError: () => unreachable(),
};

export const api = createClient<paths>({
  baseUrl: "",
  credentials: "same-origin",
  headers: OWN_PAGE,
});
api.use(strict);

/** The body of an answer: `const page = await told(api.GET("/admin/terminals"))`. */
export async function told<T>(asked: Promise<{ data?: T }>): Promise<T> {
  const { data } = await asked;
  return data as T;
}

/** For what is no JSON: a file to send, a stream to read. */
export async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    const headers = { ...OWN_PAGE, ...(init.headers as Record<string, string> | undefined) };
    response = await fetch(path, { ...init, headers, credentials: "same-origin" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw unreachable();
  }
  return requireAnswer(response);
}
