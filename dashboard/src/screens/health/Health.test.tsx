import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { certificate, openAs, page, server } from "../../test/app";
import { problem } from "../../test/server";

const cardOf = async (name: RegExp) => (await screen.findByRole("heading", { level: 2, name })).closest<HTMLElement>(".pf-v6-c-card")!;

test("of each authority the CRL, with what the example of the API says; one that was never published offers no file", async () => {
  openAs("auditor", "/health");
  const crl = await cardOf(/CRL of issuing-1/);
  expect(crl).toHaveTextContent("current");
  expect(crl).toHaveTextContent(/Number511: it lacks nothing of the log up to there/);
  expect(crl).toHaveTextContent(/Position 0\.512\s+of the log/);
  expect(within(crl).getByRole("link", { name: "CRL (DER)" })).toHaveAttribute("href", "/crl/issuing-1.crl");
  const never = await cardOf(/CRL of root-1/);
  expect(never).toHaveTextContent("never published");
  expect(within(never).queryByRole("link")).not.toBeInTheDocument();
});

test("what ended and what is late says so in words, and names are text", async () => {
  server.on("health", () => ({ body: { lag: 0, crls: [{ authority: "a", state: "due" }, { authority: "b\u202e", state: "ended" }], position: "0.5", age_seconds: 0 } }));
  openAs("agent", "/health");
  expect(await cardOf(/CRL of a/)).toHaveTextContent("due soon");
  expect(await cardOf(/CRL of b‹U\+202E›/)).toHaveTextContent("ended");
});

test("health waits for nothing that is behind, and a refusal is shown", async () => {
  server.on("health", () => problem(503, "view-stale", "the view is behind"));
  openAs("auditor", "/health");
  expect(await screen.findByText("the view is behind")).toBeVisible();
  expect(server.askedFor("health")[0]!.headers.get("Quicklime-Min-Position")).toBe("0.0");
});

test("a certificate that is asked about is looked up; none says so", async () => {
  server.on("listCertificates", ({ query }) => page(query.search === "api.internal" ? [certificate({ names: ["DNS:api.internal"] })] : []));
  const user = openAs("auditor", "/health");
  await user.type(await screen.findByLabelText(/^Serial, fingerprint or name/), "none.internal{Enter}");
  expect(await screen.findByText("No certificate is like this.")).toBeVisible();
  await user.clear(screen.getByLabelText(/^Serial, fingerprint or name/));
  await user.type(screen.getByLabelText(/^Serial, fingerprint or name/), "api.internal{Enter}");
  expect(await within(screen.getByRole("list", { name: "What OCSP says" })).findByRole("link", { name: "api.internal" })).toBeVisible();
});
