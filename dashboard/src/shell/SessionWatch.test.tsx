import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openAs, server, session } from "../test/app";
import { problem } from "../test/server";

const kMinute = 60_000;
const at = (minutes: number) => new Date(Date.now() + minutes * kMinute).toISOString();
const pass = (minutes: number) => act(() => vi.advanceTimersByTimeAsync(minutes * kMinute));

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true, toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("what somebody does extends the session, at most every ten minutes; who does nothing extends nothing", async () => {
  openAs("auditor", "/authorities", [], { not_after: at(30), ends: at(480) });
  server.on("extendSession", () => ({ body: session({ not_after: at(30), ends: at(480) }) }));
  await screen.findByRole("heading", { level: 1, name: "Authorities" });
  await pass(12);
  expect(server.askedFor("extendSession")).toHaveLength(0);
  fireEvent.keyDown(document.body, { key: "x" });
  await pass(1);
  expect(server.askedFor("extendSession")).toHaveLength(1);
  for (let minute = 0; minute < 9; ++minute) {
    fireEvent.pointerDown(document.body);
    await pass(1);
  }
  expect(server.askedFor("extendSession")).toHaveLength(1);
  await pass(2); // of what was done meanwhile
  expect(server.askedFor("extendSession")).toHaveLength(2);
});

test("before it ends that is said, and one may stay", async () => {
  openAs("auditor", "/authorities", [], { not_after: at(5), ends: at(480) });
  await screen.findByRole("heading", { level: 1, name: "Authorities" });
  expect(screen.queryByText(/Your session ends/)).not.toBeInTheDocument();
  await pass(4);
  expect(screen.getByText(/Your session ends/)).toBeVisible();
  server.on("extendSession", () => ({ body: session({ not_after: at(30), ends: at(480) }) }));
  fireEvent.click(screen.getByRole("button", { name: "Stay signed in" }));
  await waitFor(() => expect(screen.queryByText(/Your session ends/)).not.toBeInTheDocument());
});

test("at its end the server is asked: another window may have extended it, or it is over", async () => {
  openAs("auditor", "/authorities", [], { not_after: at(5), ends: at(5) });
  await screen.findByRole("heading", { level: 1, name: "Authorities" });
  await pass(4);
  expect(screen.queryByRole("button", { name: "Stay signed in" })).not.toBeInTheDocument();
  server.on("whoAmI", () => problem(401, "session-ended", "it lasted its time"));
  await pass(2);
  expect(await screen.findByText(/it lasted its time/)).toBeVisible();
});
