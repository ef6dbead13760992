// What went wrong, as the server said it (RFC 9457), or that nobody answered.

export interface Problem {
  status: number; // 0: no answer at all
  title: string;
  type?: string; // its section in docs/errors.md
  detail?: string;
  requestId?: string;
  errors?: { pointer?: string; reason?: string }[];
  retryAfterSeconds?: number;
}

const text = (value: unknown) => (typeof value === "string" ? value : undefined);

export async function problemOf(response: Response): Promise<Problem> {
  const problem: Problem = { status: response.status, title: response.statusText || `HTTP ${response.status}` };
  const retryAfter = Number(response.headers.get("Retry-After"));
  if (retryAfter > 0) problem.retryAfterSeconds = retryAfter;
  let body: unknown;
  try {
    body = await response.json();
  } catch {
    return problem; // a proxy's page: the status says what can be said
  }
  if (typeof body !== "object" || body === null) return problem;
  const fields = body as Record<string, unknown>;
  const type = text(fields.type);
  const detail = text(fields.detail);
  const requestId = text(fields.request_id);
  problem.title = text(fields.title) ?? problem.title;
  if (type) problem.type = type;
  if (detail) problem.detail = detail;
  if (requestId) problem.requestId = requestId;
  if (Array.isArray(fields.errors)) {
    problem.errors = fields.errors
      .filter((error): error is Record<string, unknown> => typeof error === "object" && error !== null)
      .map((error) => {
        const pointer = text(error.pointer);
        const reason = text(error.reason);
        return { ...(pointer ? { pointer } : {}), ...(reason ? { reason } : {}) };
      });
  }
  return problem;
}

export const unreachable = (): Problem => ({
  status: 0,
  title: "No answer",
  detail: "The server did not answer. What is on the screen is what it said last; the page asks again by itself.",
});

export const unreadable = (): Problem => ({
  status: 200,
  title: "An answer that is no JSON",
  detail: "Something between this page and the server answered in its place, or they are of different versions.",
});

// The slug of a problem: "https://.../errors#name-not-granted" -> "name-not-granted".
export const slug = (problem: Problem) => problem.type?.split("#")[1];

// Where a section is read. Only what the server may name: a web address, nothing that runs.
export const documentation = (problem: Problem) => (problem.type && /^https?:\/\//.test(problem.type) ? problem.type : undefined);

export function isProblem(value: unknown): value is Problem {
  return typeof value === "object" && value !== null && "status" in value && "title" in value;
}
