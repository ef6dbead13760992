import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Authority } from "../../api/types";
import { inDays, openAs, server } from "../../test/app";
import { schemaExample } from "../../test/examples";
import { problem } from "../../test/server";

const authority = (changes: Partial<Authority>) => schemaExample<Authority>("Authority", { not_before: inDays(-10), not_after: inDays(1000), ...changes });
const shows = (...authorities: Authority[]) => server.on("listAuthorities", () => ({ body: { authorities, position: "0.42", age_seconds: 0.2 } }));

test("the hierarchy, with what clients download", async () => {
  shows(authority({ id: "root-1", subject: "CN=Root", sha256: "aa11" }), authority({ id: "issuing-1", parent: "root-1", subject: "CN=Issuing" }));
  openAs("auditor", "/authorities");
  const below = await screen.findByRole("list", { name: "Below root-1" });
  expect(within(below).getByText(/CN=Issuing/)).toBeVisible();
  expect(screen.getByText("aa11")).toBeVisible();
  const links = within(below).getAllByRole("link").map((link) => link.getAttribute("href"));
  expect(links).toEqual(["/ca/issuing-1.crt", "/ca/issuing-1.pem", "/crl/issuing-1.crl"]);
  expect(screen.getByRole("link", { name: "All roots (PEM)" })).toHaveAttribute("href", "/ca/roots.pem");
});

test("one that is revoked, one whose parent is not there", async () => {
  shows(authority({ id: "issuing-1", parent: "gone-1", subject: "CN=Orphan" }), authority({ id: "issuing-2", subject: "CN=Taken back", reason: "cACompromise", revoked_at: inDays(-1) }));
  openAs("auditor", "/authorities");
  expect(await screen.findByText(/CN=Orphan/)).toBeVisible();
  expect(screen.getByText(/It issues and renews nothing/)).toBeVisible();
});

test("a problem, in the server's words", async () => {
  server.on("listAuthorities", () => problem(503, "view-missing", "the view is being built"));
  openAs("auditor", "/authorities");
  expect(await screen.findByText("the view is being built")).toBeVisible();
});
