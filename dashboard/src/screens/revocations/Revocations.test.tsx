import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { LogEvent } from "../../api/types";
import { currentAddress, detail, inDays, openAs, server } from "../../test/app";
import { schemaExample } from "../../test/examples";
import { knowsOf } from "../../text/health";

const event = (offset: number, changes: Partial<LogEvent> = {}): LogEvent =>
  schemaExample<LogEvent>("Event", { position: `0.${offset}`, id: `id-${offset}`, time: inDays(0), type: "certificate.revoked", actor: { kind: "user", id: "local:alice" }, subject: "ab".repeat(16), data: { serial: "ab".repeat(16), authority: "issuing-1", reason: "keyCompromise" } as never, ...changes });
const eventsAre = (...events: LogEvent[]) => server.on("listEvents", () => ({ body: { events, position: "0.60" } }));
const healthAt = (position: string, number: string) => server.on("health", () => ({ body: { lag: 0, crls: [{ authority: "other", state: "current", number: "999" }, { authority: "issuing-1", state: "current", number }], position, age_seconds: 0 } }));

test("what was taken back and why, and who hears of it: what is behind the event does not", async () => {
  eventsAre(event(60), event(50, { type: "certificate.held", subject: "cd".repeat(16), data: { authority: "issuing-1" } as never }));
  healthAt("0.55", "50");
  server.on("showCertificate", ({ parameters }) => ({ body: detail({ serial: parameters[0]!, names: [`DNS:${parameters[0]!.slice(0, 2)}.internal`] }) }));
  openAs("auditor", "/revocations");
  const row = (await screen.findByRole("link", { name: "ab.internal" })).closest("tr")!;
  expect(row).toHaveTextContent(/revoked.*The key is or may be in wrong hands.*local:alice/);
  expect(within(row).getByRole("list")).toHaveTextContent("list not yetCRL not yet");
  const held = (await screen.findByRole("link", { name: "cd.internal" })).closest("tr")!;
  expect(within(held).getByRole("list")).toHaveTextContent(/^listCRL$/);
  expect(server.askedFor("listEvents")[0]!.query.type).toBe("certificate.revoked,certificate.held,certificate.released");
});

test("a certificate to revoke is found by whatever is known of it; an auditor is not asked", async () => {
  eventsAre();
  const user = openAs("agent", "/revocations");
  expect(await screen.findByText("Nothing has been revoked")).toBeVisible();
  expect(screen.getByText(/quicklime revoke SERIAL --reason superseded --server https:\/\/ca.example:8443/)).toBeVisible();
  await user.type(screen.getByLabelText(/^Revoke which/), "5F:0C{Enter}");
  expect(currentAddress()).toBe("/certificates?search=5F%3A0C");
});

test("an auditor sees what was revoked and no way to revoke", async () => {
  eventsAre(event(60));
  openAs("auditor", "/revocations");
  await screen.findByRole("table", { name: /Revocations/ });
  expect(screen.queryByLabelText(/^Revoke which/)).not.toBeInTheDocument();
});

test("a CRL's number is the position that it knows of, with the epoch above 64 bits", () => {
  const crl = (number: string) => ({ authority: "a", state: "current" as const, number });
  expect(knowsOf(crl("60"), "0.60")).toBe(true);
  expect(knowsOf(crl("59"), "0.60")).toBe(false);
  expect(knowsOf(crl("18446744073709551617"), "1.1")).toBe(true);
  expect(knowsOf(crl("18446744073709551616"), "1.1")).toBe(false);
  expect(knowsOf({ authority: "a", state: "none" }, "0.0")).toBe(false);
});
