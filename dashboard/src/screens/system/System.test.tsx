import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { openAs, server } from "../../test/app";

const cardOf = async () => (await screen.findByRole("heading", { level: 2, name: /inventory, and the log/ })).closest(".pf-v6-c-card")!;

test("how far the view has come, how far it is behind, and how it is folded anew", async () => {
  server.on("health", () => ({ body: { lag: 14, crls: [], position: "0.498", age_seconds: 9.1 } }));
  openAs("auditor", "/system");
  expect(await cardOf()).toHaveTextContent(/behind.*0\.512.*0\.498.*14 events.*9 s ago/);
  expect(screen.getByText("quicklime views rebuild")).toBeVisible();
});

test("a view that is being folded comes nearer by itself", async () => {
  let at = 100;
  server.on("health", () => {
    at = Math.min(500, at + 200);
    return { body: { lag: 500 - at, crls: [], position: `0.${at}`, age_seconds: at < 500 ? 60 : 0.2 } };
  });
  openAs("auditor", "/system");
  expect(await screen.findByRole("progressbar", { name: "Position of the inventory" })).toHaveAttribute("aria-valuetext", "0.300 of 0.500");
  await waitFor(async () => expect(await cardOf()).toHaveTextContent(/current.*nothing.*now/), { timeout: 15_000 });
});

test("a requester has no way here", async () => {
  openAs("requester", "/");
  await screen.findByRole("heading", { level: 1, name: "Overview" });
  for (const name of ["System", "CRL and OCSP", "Revocations"]) expect(screen.queryByRole("link", { name, hidden: true })).not.toBeInTheDocument();
});
