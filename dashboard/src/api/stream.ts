// Server-sent events by fetch: an EventSource cannot say who asks. It goes on behind the last event that came, however
// often the connection breaks, so that none is missed and none comes twice.
import type { BaseQueryApi } from "@reduxjs/toolkit/query";
import { answered, sessionEnded, unanswered } from "../session/session";
import { currentToken, forgetToken, generation } from "../session/token";
import { isAtLeast, isPosition } from "./position";
import { problemOf } from "./problem";
import type { LogEvent, Position } from "./types";

type Host = Pick<BaseQueryApi, "dispatch" | "getState" | "signal">;
export interface News {
  isConnected: boolean;
  events: LogEvent[];
}
const kFirstPause = 1000; // milliseconds, then twice as long, up to
const kLongestPause = 15_000;
const kSilence = 45_000; // the server says something every 15 seconds

export async function follow(after: Position, host: Host, tell: (news: News) => void): Promise<void> {
  let last = after;
  let pause = kFirstPause;
  while (!host.signal.aborted) {
    try {
      const headers = new Headers({ Accept: "text/event-stream", "Last-Event-ID": last });
      const asked = generation();
      const token = currentToken();
      if (token) headers.set("Authorization", `Bearer ${token}`);
      const connection = new AbortController();
      const end = () => connection.abort();
      host.signal.addEventListener("abort", end);
      try {
        const response = await fetch("/v1/events", { headers, signal: connection.signal, cache: "no-store", credentials: "same-origin" });
        host.dispatch(answered());
        if (response.status === 401) {
          const problem = await problemOf(response);
          if (generation() === asked) {
            forgetToken();
            host.dispatch(sessionEnded(problem));
          }
          return;
        }
        if (response.status === 403) return;
        if (response.ok && response.body) {
          pause = kFirstPause;
          tell({ isConnected: true, events: [] });
          for await (const { position, event } of eventsOf(response.body, connection)) {
            if (isAtLeast(last, position)) continue;
            last = position;
            tell({ isConnected: true, events: event ? [event] : [] });
          }
        }
      } finally {
        host.signal.removeEventListener("abort", end);
      }
    } catch {
      if (!host.signal.aborted) host.dispatch(unanswered(Date.now()));
    }
    if (host.signal.aborted) return;
    tell({ isConnected: false, events: [] });
    await new Promise<void>((done) => {
      const timer = setTimeout(done, pause);
      host.signal.addEventListener("abort", () => {
        clearTimeout(timer);
        done();
      });
    });
    pause = Math.min(2 * pause, kLongestPause);
  }
}

// The fields of https://html.spec.whatwg.org/multipage/server-sent-events.html that the API sends: id and data.
async function* eventsOf(body: ReadableStream<Uint8Array>, connection: AbortController) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const silence = setTimeout(() => connection.abort(), kSilence);
    const { done, value } = await reader.read().finally(() => clearTimeout(silence));
    if (done) return;
    text += decoder.decode(value, { stream: true });
    const blocks = text.split(/\r?\n\r?\n/);
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const lines = block.split(/\r?\n/);
      const field = (name: string) => lines.flatMap((line) => (line.startsWith(`${name}:`) ? [line.slice(name.length + 1).replace(/^ /, "")] : []));
      const position = field("id").at(-1);
      const data = field("data");
      if (isPosition(position) && data.length > 0) yield { position, event: eventOf(data.join("\n")) };
    }
  }
}

// What cannot be read is passed over: the position goes on, so that it does not come again for ever.
function eventOf(data: string): LogEvent | undefined {
  try {
    const event = JSON.parse(data) as LogEvent;
    return typeof event.id === "string" && typeof event.type === "string" && typeof event.position === "string" ? event : undefined;
  } catch {
    return undefined;
  }
}
