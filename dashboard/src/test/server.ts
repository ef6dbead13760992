// A server for tests, made of docs/openapi.yaml: it knows the operations, parameters and bodies that stand there and
// refuses every other, so that a screen cannot ask for what the API does not have. Tests say what differs from the examples.
import { vi } from "vitest";
import type { operations as Operations } from "../api/schema";
import { bodyNames, example, operations } from "./examples";

export interface Asked {
  operation: string;
  path: string;
  parameters: string[];
  query: Record<string, string>;
  headers: Headers;
  body: unknown;
}
export interface Answer {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
  stream?: ReadableStream<Uint8Array>;
}
type Operation = keyof Operations;
type Handler = (asked: Asked) => Answer | undefined | Promise<Answer>;

export class FakeServer {
  readonly asked: Asked[] = [];
  readonly mistakes: string[] = [];
  position = 42;
  token = `qlk_${"a".repeat(16)}_${"b".repeat(64)}`;
  isDown = false;
  #handlers = new Map<string, Handler>();

  on(operation: Operation, handler: Handler) {
    this.#handlers.set(operation, handler);
    return this;
  }
  askedFor(operation: Operation) {
    return this.asked.filter((one) => one.operation === operation);
  }

  install() {
    vi.stubGlobal("fetch", async (input: string, init?: RequestInit) => this.#answer(input, init));
    return this;
  }

  async #answer(input: string, init: RequestInit = {}): Promise<Response> {
    await Promise.resolve();
    if (this.isDown) throw new TypeError("fetch failed");
    const url = new URL(input, window.location.origin);
    const method = init.method ?? "GET";
    const matching = operations.filter((one) => one.method === method && one.pattern.test(url.pathname));
    const operation = matching.find((one) => one.path === url.pathname) ?? matching[0];
    if (!operation) return this.#mistake(`${method} ${url.pathname} is no operation of docs/openapi.yaml`);
    const query = Object.fromEntries(url.searchParams);
    for (const name of Object.keys(query)) {
      if (!operation.query.includes(name)) return this.#mistake(`${operation.operationId} has no parameter ${name}`);
    }
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : undefined;
    for (const name of Object.keys((body ?? {}))) {
      if (!bodyNames(operation.body).includes(name)) return this.#mistake(`${operation.operationId} takes no ${name}`);
    }
    const asked: Asked = {
      operation: operation.operationId,
      path: url.pathname,
      parameters: (operation.pattern.exec(url.pathname) ?? []).slice(1).map(decodeURIComponent),
      query,
      headers: new Headers(init.headers),
      body,
    };
    this.asked.push(asked);
    const answer = await this.#handlers.get(operation.operationId)?.(asked);
    if (answer?.stream) return new Response(answer.stream, { headers: { "Content-Type": "text/event-stream" } });
    const status = answer?.status ?? operation.status;
    const content = answer?.body ?? (status < 300 ? (operation.example ?? example(operation.schema ?? {})) : undefined);
    return new Response(content === undefined ? null : JSON.stringify(content), {
      status,
      headers: { "Content-Type": status < 300 ? "application/json" : "application/problem+json", "Quicklime-Position": `0.${this.position}`, ...answer?.headers },
    });
  }
  #mistake(text: string) {
    this.mistakes.push(text);
    return new Response(text, { status: 500 });
  }
}

export const problem = (status: number, slug: string, detail: string): Answer => ({
  status,
  body: { type: `https://quicklime.dev/errors#${slug}`, title: "Refused", status, detail, request_id: "r-1" },
});
