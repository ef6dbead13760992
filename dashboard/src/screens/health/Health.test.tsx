import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { certificate, openAs, page, server } from "../../test/app";
import { problem } from "../../test/server";

const cardOf = async (name: RegExp) => (await screen.findByRole("heading", { level: 2, name })).closest<HTMLElement>(".pf-v6-c-card")!;

test("of each authority the CRL and the responder, with what the example of the API says", async () => {
  openAs("auditor", "/health");
  const crl = await cardOf(/CRL of issuing-1/);
  expect(crl).toHaveTextContent("current");
  expect(crl).toHaveTextContent(/Number511/);
  expect(crl).toHaveTextContent("12 revoked or held, 1.0 kB");
  expect(crl).toHaveTextContent("all until position 0.511 of the log");
  expect(within(crl).getByRole("link", { name: "CRL (DER)" })).toHaveAttribute("href", "/crl/issuing-1.crl");
  expect(await cardOf(/OCSP of issuing-1/)).toHaveTextContent("http://ca.example:8080/ocsp");
});

test("what ended and what does not answer says so in words; a CRL that was never published offers no file", async () => {
  server.on("health", () => ({ body: { end: "0.5", roles: [], crls: [{ authority: "a", state: "none" }, { authority: "b", state: "ended" }], ocsp: [{ authority: "a", state: "unreachable", problem: "connection refused \u202e" }], position: "0.5", age_seconds: 0 } }));
  openAs("agent", "/health");
  const never = await cardOf(/CRL of a/);
  expect(never).toHaveTextContent("never published");
  expect(within(never).queryByRole("link")).not.toBeInTheDocument();
  expect(await cardOf(/CRL of b/)).toHaveTextContent("ended");
  expect(await cardOf(/OCSP of a/)).toHaveTextContent("not reachedProblemconnection refused ‹U+202E›");
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
