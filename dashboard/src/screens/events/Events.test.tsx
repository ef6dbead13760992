import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { LogEvent } from "../../api/types";
import { currentAddress, inDays, openAs, server } from "../../test/app";
import { schemaExample } from "../../test/examples";
import { problem } from "../../test/server";

const event = (offset: number, changes: Partial<LogEvent> = {}): LogEvent =>
  schemaExample<LogEvent>("Event", { position: `0.${offset}`, id: `id-${offset}`, time: inDays(0), type: "certificate.issued", actor: { kind: "token", id: "ci" }, subject: "ab".repeat(16), data: {}, ...changes });

// Streams that the test writes to; each connection gets the next.
function streams() {
  const connections: { send: (text: string) => void; end: () => void; after: string | null }[] = [];
  server.on("listEvents", ({ headers }) => {
    if (headers.get("Accept") !== "text/event-stream") return { body: { events: [event(7), event(6, { type: "token.created", subject: "t-1" })], position: "0.7" } };
    let controller: ReadableStreamDefaultController<Uint8Array>;
    const stream = new ReadableStream<Uint8Array>({
      start: (made) => {
        controller = made;
      },
    });
    connections.push({ send: (text) => controller.enqueue(new TextEncoder().encode(text)), end: () => controller.close(), after: headers.get("Last-Event-ID") });
    return { stream };
  });
  return connections;
}
const sent = (one: LogEvent) => `id: ${one.position}\nevent: ${one.type}\ndata: ${JSON.stringify(one)}\n\n`;
const positions = () => screen.getAllByRole("button", { name: /^Event 0\./ }).map((button) => button.textContent);

test("what happened, then what happens; a broken connection goes on where it was, without a gap or a double", async () => {
  const connections = streams();
  openAs("auditor", "/events");
  expect(await screen.findByText("live")).toBeVisible();
  expect(positions()).toEqual(["0.7", "0.6"]);
  expect(connections[0]?.after).toBe("0.7");
  connections[0]?.send(`: alive\n\n${sent(event(8)).slice(0, 30)}`); // cut in the middle of an event
  connections[0]?.send(sent(event(8)).slice(30) + sent(event(9)));
  await waitFor(() => expect(positions()).toEqual(["0.9", "0.8", "0.7", "0.6"]));
  connections[0]?.end();
  expect(await screen.findByText("connecting")).toBeVisible();
  await waitFor(() => expect(connections).toHaveLength(2));
  expect(connections[1]?.after).toBe("0.9");
  connections[1]?.send(sent(event(9)) + "id: 0.10\ndata: {not json\n\n" + sent(event(11)) + sent(event(12, { id: "id-11" })));
  await waitFor(() => expect(positions()).toEqual(["0.11", "0.9", "0.8", "0.7", "0.6"]));
});

test("paused, the picture stands and says how much is new; kinds; the event itself", async () => {
  const connections = streams();
  const user = openAs("administrator", "/events");
  await screen.findByText("live");
  await user.click(screen.getByRole("button", { name: "Pause" }));
  connections[0]?.send(sent(event(8)) + sent(event(9)));
  expect(await screen.findByText(/paused, 2 new/)).toBeVisible();
  expect(positions()).toEqual(["0.7", "0.6"]);
  await user.click(screen.getByRole("button", { name: "Continue" }));
  expect(positions()).toEqual(["0.9", "0.8", "0.7", "0.6"]);
  await user.selectOptions(screen.getByLabelText("Kind"), "token");
  expect(positions()).toEqual(["0.6"]);
  await user.click(screen.getByRole("button", { name: "Event 0.6" }));
  expect(within(await screen.findByRole("dialog")).getByText(/"type": "token.created"/)).toBeVisible();
});

test("a session that ends under the stream is over", async () => {
  const connections = streams();
  openAs("auditor", "/events");
  await screen.findByText("live");
  server.on("listEvents", () => problem(401, "token-unknown", "this token was revoked"));
  connections[0]?.end();
  expect(await screen.findByText(/this token was revoked/)).toBeVisible();
});

test("an event says in words what happened, and names the certificate", async () => {
  server.on("listEvents", ({ headers }) =>
    headers.get("Accept") === "text/event-stream" ? { stream: new ReadableStream<Uint8Array>() } : { body: { events: [event(7, { data: { names: ["DNS:api.internal", "IP:10.0.0.7"] } as never }), event(6, { type: "something.new", subject: "x" })], position: "0.7" } },
  );
  openAs("auditor", "/events");
  const link = await screen.findByRole("link", { name: "api.internal +1" });
  expect(link).toHaveAttribute("href", `/certificates/${"ab".repeat(16)}`);
  expect(link.closest("tr")).toHaveTextContent("Issued certificate.issued");
  expect(screen.getByText("something.new", { selector: "code" })).toBeVisible(); // of a newer server
});

test("from a position on: oldest first, step by step, and back to now", async () => {
  server.on("listEvents", ({ query, headers }) => {
    if (headers.get("Accept") === "text/event-stream") return { stream: new ReadableStream<Uint8Array>() };
    if (query.after === undefined) return { body: { events: [event(9)], position: "0.9" } };
    return { body: { events: query.after === "0.3" ? [event(4), event(5)] : [event(6)], position: "0.9", ...(query.after === "0.3" ? { next: "c" } : {}) } };
  });
  const user = openAs("auditor", "/events");
  await screen.findByText("live");
  await user.type(screen.getByLabelText("Position"), "0.3{Enter}");
  expect(await screen.findByRole("table", { name: "Events, oldest first" })).toBeVisible();
  await waitFor(() => expect(positions()).toEqual(["0.4", "0.5"]));
  await user.click(screen.getByRole("link", { name: "What came then" }));
  await waitFor(() => expect(positions()).toEqual(["0.6"]));
  expect(currentAddress()).toBe("/events?after=0.5");
  await user.click(screen.getByRole("button", { name: "Back to what happens now" }));
  await waitFor(() => expect(positions()).toEqual(["0.9"]));
});
