import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { openAs, server } from "../../test/app";

const rowOf = async (role: string) => (await screen.findByText(role, { selector: "strong" })).closest("tr")!;

test("each role's view: how far it has come, how far it is behind, and why not", async () => {
  openAs("auditor", "/system");
  expect(await rowOf("ocsp")).toHaveTextContent(/current.*0\.512.*nothing/);
  expect(await rowOf("crl")).toHaveTextContent(/behind.*0\.498.*14 events.*9 s ago/);
  expect(await rowOf("identity")).toHaveTextContent(/quicklime-identity did not answer.*not reached.*not known/);
  expect(screen.getByText("1 of 3 hold all of it")).toBeVisible();
  expect(screen.getByText("quicklime views rebuild")).toBeVisible();
});

test("a view that is being folded comes nearer by itself", async () => {
  let at = 100;
  server.on("health", () => {
    at += 200;
    return { body: { end: "0.500", roles: [{ role: "crl", state: at < 500 ? "behind" : "current", position: `0.${Math.min(at, 500)}`, lag: Math.max(0, 500 - at) }], crls: [], ocsp: [], position: "0.500", age_seconds: 0 } };
  });
  openAs("auditor", "/system");
  expect(await screen.findByRole("progressbar", { name: "Position of crl" })).toHaveAttribute("aria-valuetext", "0.300 of 0.500");
  await waitFor(async () => expect(await rowOf("crl")).toHaveTextContent(/current.*nothing/), { timeout: 15_000 });
});

test("a requester has no way here", async () => {
  openAs("requester", "/");
  await screen.findByRole("heading", { level: 1, name: "Overview" });
  for (const name of ["System", "CRL and OCSP", "Revocations"]) expect(screen.queryByRole("link", { name, hidden: true })).not.toBeInTheDocument();
});
