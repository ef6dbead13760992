import { screen, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import type { Authority, Health } from "../../api/types";
import { certificate, currentAddress, inDays, openAs, page, server, token } from "../../test/app";
import { schemaExample } from "../../test/examples";

const authority = (changes: Partial<Authority>) => schemaExample<Authority>("Authority", { not_before: inDays(-10), not_after: inDays(1000), ...changes });
const healthIs = (changes: Partial<Health> = {}) => server.on("health", () => ({ body: { lag: 0, crls: [{ authority: "root-1", state: "none" }, { authority: "issuing-1", state: "current" }], position: "0.42", age_seconds: 0, ...changes } }));
beforeEach(() => healthIs());
const authorities = (...list: Authority[]) => server.on("listAuthorities", () => ({ body: { authorities: list, position: "0.42", age_seconds: 0.2 } }));

test("what needs somebody comes first, the most urgent on top", async () => {
  server.on("listCertificates", ({ query }) => {
    if (query.status === "held") return page([certificate({ serial: "cc".repeat(16), names: ["DNS:held.internal"], status: "held", revoked_at: inDays(-3) })]);
    if (query.renewal === "overdue") {
      return page([
        certificate({ serial: "aa".repeat(16), names: ["DNS:late.internal"], service: "late", node: "rack-1", not_before: inDays(-88), not_after: inDays(2.5) }),
        certificate({ serial: "bb".repeat(16), names: ["DNS:due.internal"], not_before: inDays(-70), not_after: inDays(20) }),
        certificate({ serial: "dd".repeat(16), names: ["DNS:renewed.internal"], not_before: inDays(-88), not_after: inDays(2), replaced_by: "ee".repeat(16) }),
        certificate({ serial: "ff".repeat(16), names: ["DNS:young.internal"] }),
      ]);
    }
    return page([certificate()]);
  });
  authorities(authority({ id: "root-1", subject: "CN=Old Root", not_before: inDays(-3000), not_after: inDays(300) }));
  openAs("administrator", "/", [token({ id: "1".repeat(16), name: "ci", not_after: inDays(3) })]);
  const late = await screen.findByRole("link", { name: "late.internal (late on rack-1)" });
  const items = within(late.closest("ul")!).getAllByRole("listitem").map((item) => item.textContent ?? "");
  expect(items[0]).toMatch(/^urgent.*late\.internal.*ends in 2 d/);
  expect(items.slice(1, 4).join("\n")).toMatch(/ci[^]*due\.internal[^]*CN=Old Root/);
  expect(items[4]).toMatch(/^decide.*held\.internal/);
  expect(items.join()).not.toMatch(/renewed\.internal|young/);
});

test("a healthy CA needs nobody", async () => {
  server.on("listCertificates", ({ query }) => (query.status === "held" || query.renewal ? page([]) : page([certificate()])));
  authorities(authority({ id: "root-1" }));
  openAs("administrator", "/");
  expect(await screen.findByText("Nothing needs you")).toBeVisible();
});

test("an empty CA teaches its first command, and its own certificates are no certificates", async () => {
  server.on("listCertificates", ({ query }) => (query.status || query.renewal ? page([]) : page([certificate({ requester: "process:quicklime" })])));
  authorities();
  openAs("administrator", "/");
  expect(await screen.findByText("No certificate yet")).toBeVisible();
});

test("what ends when and what was issued are pictures of the server's numbers, and lists of links beside them", async () => {
  server.on("listCertificates", () => page([]));
  authorities();
  const day = (days: number) => `${inDays(days).slice(0, 11)}00:00:00Z`;
  server.on("expiryHistogram", ({ query }) => ({ body: { bin: query.bin, bins: [{ from: day(0), good: 0, held: 0, revoked: 0 }, { from: day(1), good: 1200, held: 1, revoked: 2 }], position: "0.42", age_seconds: 0 } }));
  server.on("issuanceRate", () => ({ body: { bin: "day", bins: [{ from: day(0), issued: 140, renewed: 121, revoked: 3 }], position: "0.42", age_seconds: 0 } }));
  const user = openAs("administrator", "/");
  const picture = await screen.findByRole("group", { name: "Certificates that end within 90 days: 1,203" });
  expect(within(picture).getByRole("link", { name: /1,200 good, 1 on hold, 2 revoked/ })).toHaveAttribute("href", `/certificates?expires_after=${day(1)}&expires=${day(2)}`);
  await user.click(within(picture.closest("figure")!).getByText("The numbers"));
  expect(within(picture.closest("figure")!).getByRole("listitem")).toHaveTextContent(/: 1,200 good, 1 on hold, 2 revoked/);
  expect(screen.getByRole("link", { name: /19 new, 121 renewals/ })).toBeVisible();
  expect(screen.getByRole("link", { name: "3 revoked in this time" })).toBeVisible();
  await user.click(screen.getByRole("button", { name: "48 hours" }));
  expect(await screen.findByRole("group", { name: /end within 48 hours/ })).toBeVisible();
  expect(server.askedFor("expiryHistogram").at(-1)!.query).toEqual({ bin: "hour", bins: "48" });
});

test("how all of them stand, each number a way to them", async () => {
  server.on("listCertificates", () => page([certificate()]));
  authorities();
  server.on("countCertificates", () => ({ body: { by: "status", values: [{ value: "good", count: 49_000 }, { value: "expired", count: 800 }, { value: "revoked", count: 7 }], total: 49_807, position: "0.42", age_seconds: 0 } }));
  openAs("auditor", "/");
  const shares = within(await screen.findByRole("list", { name: /by how they stand/ }));
  expect(shares.getByRole("link", { name: /49,000\s+good/ })).toHaveAttribute("href", "/certificates?status=good");
  expect(shares.getByRole("link", { name: /7\s+revoked/ })).toHaveAttribute("href", "/certificates?status=revoked");
});

test("a view that is behind, a CRL that ended or is late: on top, with the way to them; one that nobody needed yet is no news", async () => {
  server.on("listCertificates", () => page([]));
  authorities();
  healthIs({ age_seconds: 75, lag: 9, crls: [{ authority: "issuing-1", state: "due" }, { authority: "issuing-2", state: "ended" }, { authority: "root-1", state: "none" }] });
  openAs("auditor", "/");
  const behind = await screen.findByRole("link", { name: "The inventory" });
  expect(behind).toHaveAttribute("href", "/system");
  expect(behind.closest("li")).toHaveTextContent(/^soon/);
  expect(screen.getByRole("link", { name: "The CRL of issuing-1" }).closest("li")).toHaveTextContent(/^soon/);
  const ended = screen.getByRole("link", { name: "The CRL of issuing-2" });
  expect(ended.closest("li")).toHaveTextContent(/^urgent/);
  expect(ended).toHaveAttribute("href", "/health");
  expect(screen.queryByText(/CRL of root-1/)).not.toBeInTheDocument();
});

test("a requester is asked for nothing that would be refused, and finds no way to it", async () => {
  server.on("listCertificates", () => page([certificate()]));
  authorities();
  openAs("requester", "/");
  await screen.findByRole("heading", { level: 1, name: "Overview" });
  expect(screen.queryByRole("link", { name: "Tokens", hidden: true })).not.toBeInTheDocument();
  for (const operation of ["listTokens", "countCertificates", "expiryHistogram", "issuanceRate", "health"] as const) expect(server.askedFor(operation)).toHaveLength(0);
});

test("how far the view is behind stands in the header, and is a warning when it is much", async () => {
  server.on("listCertificates", () => ({ body: { certificates: [], position: "0.42", age_seconds: 75 } }));
  server.on("listAuthorities", () => ({ body: { authorities: [], position: "0.42", age_seconds: 75 } }));
  openAs("requester", "/");
  expect(await screen.findByText(/behind: 75 s/)).toBeVisible();
});

test("the keyboard: g c, /, g o, ?", async () => {
  server.on("listCertificates", () => page([certificate()]));
  authorities();
  const user = openAs("administrator", "/");
  await screen.findByRole("heading", { level: 1, name: "Overview" });
  await user.keyboard("gc");
  expect(await screen.findByRole("heading", { level: 1, name: "Certificates" })).toBeVisible();
  await user.keyboard("/");
  expect(screen.getByLabelText("Search", { selector: "input" })).toHaveFocus();
  await user.keyboard("gc?");
  expect(screen.getByLabelText("Search", { selector: "input" })).toHaveValue("gc?");
  (document.activeElement as HTMLElement).blur();
  await user.keyboard("go");
  expect(currentAddress()).toBe("/");
  await user.keyboard("/");
  expect(await screen.findByLabelText("Search", { selector: "input" })).toHaveFocus();
  (document.activeElement as HTMLElement).blur();
  await user.keyboard("?");
  expect(await screen.findByRole("dialog", { name: /Keyboard/ })).toBeVisible();
});
