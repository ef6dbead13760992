// One request to the server and what must be true of each: the token goes along, or the browser sends its cookie; a read
// lacks nothing of our own last write, how far the view is behind is noted, and a 401 ends the session.
import type { BaseQueryApi, BaseQueryFn } from "@reduxjs/toolkit/query";
import { answered, sessionEnded, unanswered, viewSeen, written, type SessionState } from "../session/session";
import { currentToken, forgetToken, generation } from "../session/token";
import { isPosition } from "./position";
import { problemOf, unreachable, unreadable, type Problem } from "./problem";
import type { Position } from "./types";

export interface Ask {
  path: string;
  method?: "GET" | "POST" | "PUT" | "DELETE";
  query?: Record<string, string | number | undefined>;
  body?: unknown;
  idempotencyKey?: string; // the same request again answers with the same certificate
  atLeast?: Position; // instead of our own last write
  ignoreBody?: boolean; // that there is an answer is the answer
  signsIn?: boolean; // a 401 is about what is shown, not about the session that one has
}

export const kPatience = 10; // questions, while a view catches up with our own write: about 20 s with those that wait themselves

type Asked = { data: unknown } | { error: Problem };
type Host = Pick<BaseQueryApi, "dispatch" | "getState" | "signal">;

export function address(ask: Ask): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(ask.query ?? {})) {
    if (value !== undefined && value !== "") query.set(name, String(value));
  }
  const text = query.toString();
  return text ? `${ask.path}?${text}` : ask.path;
}

export async function ask(question: Ask, host: Host): Promise<Asked> {
  const method = question.method ?? "GET";
  const isRead = method === "GET";
  const asked = generation();
  const { written: own } = (host.getState() as { session: SessionState }).session;
  const atLeast = isRead ? (question.atLeast ?? own) : null;
  for (let attempt = 1; ; ++attempt) {
    const headers = new Headers({ Accept: "application/json" });
    const token = currentToken();
    if (token) headers.set("Authorization", `Bearer ${token}`);
    if (atLeast) headers.set("Quicklime-Min-Position", atLeast);
    if (question.idempotencyKey) headers.set("Idempotency-Key", question.idempotencyKey);
    const init: RequestInit = { method, headers, signal: host.signal, cache: "no-store", credentials: "same-origin" };
    if (question.body !== undefined) {
      headers.set("Content-Type", "application/json");
      init.body = JSON.stringify(question.body);
    }
    let response: Response;
    try {
      response = await fetch(address(question), init);
    } catch (error) {
      if (!host.signal.aborted) host.dispatch(unanswered(Date.now()));
      return { error: host.signal.aborted ? { status: 0, title: String(error) } : unreachable() };
    }
    host.dispatch(answered());
    if (response.status === 503 && atLeast && attempt < kPatience) {
      await pause(1000 * Math.min(Number(response.headers.get("Retry-After")) || 1, 5), host.signal);
      continue;
    }
    if (response.status === 401) {
      const problem = await problemOf(response);
      if (generation() === asked && !question.signsIn) {
        forgetToken();
        host.dispatch(sessionEnded(problem));
      }
      return { error: problem };
    }
    if (!response.ok) return { error: await problemOf(response) };
    return read(response, question, isRead, host);
  }
}

async function read(response: Response, question: Ask, isRead: boolean, host: Host): Promise<Asked> {
  const position = response.headers.get("Quicklime-Position");
  if (!isRead && isPosition(position)) host.dispatch(written(position));
  if (question.ignoreBody) return { data: true };
  let data: unknown;
  try {
    data = await response.json();
  } catch {
    return { error: unreadable() };
  }
  const age = (data as { age_seconds?: unknown } | null)?.age_seconds;
  if (isRead && isPosition(position) && typeof age === "number") {
    host.dispatch(viewSeen({ position, ageSeconds: age, at: Date.now() }));
  }
  return { data };
}

const pause = (milliseconds: number, signal: AbortSignal) =>
  new Promise<void>((done) => {
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      done();
    });
  });

export const transport: BaseQueryFn<Ask, unknown, Problem> = (question, host) => ask(question, host);
