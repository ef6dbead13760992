import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { openAs, page, server } from "../../test/app";
import { problem } from "../../test/server";
import { schemaExample } from "../../test/examples";

const kRequest = "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----";

test("a pasted request becomes a certificate; a retry asks for the same one; the secret is shown once", async () => {
  server.on("listCertificates", () => page([]));
  let isFirst = true;
  server.on("issueCertificate", () => {
    if (isFirst) {
      isFirst = false;
      return problem(503, "log-unavailable", "the log does not answer");
    }
    return { body: schemaExample("IssuedCertificate", { serial: "ab".repeat(16), names: ["DNS:new.internal"], revocation_secret: "qlr_only_here" }) };
  });
  const user = openAs("requester", "/certificates");
  await user.click(await screen.findByRole("button", { name: "Issue" }));
  await user.click(await screen.findByLabelText(/^Request/));
  await user.paste(kRequest);
  await user.type(screen.getByLabelText("Days"), "30");
  await user.type(screen.getByLabelText("Service"), "api");
  const press = () => user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Issue" }));
  await press();
  expect(await screen.findByText("the log does not answer")).toBeVisible();
  await press();
  expect(await screen.findByText("qlr_only_here")).toBeVisible();
  const [first, second] = server.askedFor("issueCertificate");
  expect(second?.body).toEqual({ csr: kRequest, profile: "tls-server", lifetime: "30d", service: "api" });
  expect(first?.headers.get("Idempotency-Key")).toMatch(/.{16,}/);
  expect(second?.headers.get("Idempotency-Key")).toBe(first?.headers.get("Idempotency-Key"));
  await user.click(screen.getByRole("button", { name: "I have it" }));
  await waitFor(() => expect(screen.queryByText("qlr_only_here")).not.toBeInTheDocument());
});

test("a refusal names the field and the rule", async () => {
  server.on("listCertificates", () => page([]));
  server.on("issueCertificate", () => ({
    status: 403,
    body: { type: "https://quicklime.dev/errors#name-not-granted", title: "Forbidden", status: 403, detail: "the token has no such name", errors: [{ pointer: "/csr", reason: "DNS:x is not granted" }] },
  }));
  const user = openAs("administrator", "/certificates");
  await user.click(await screen.findByRole("button", { name: "Issue" }));
  await user.click(await screen.findByLabelText(/^Request/));
  await user.paste(kRequest);
  await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Issue" }));
  expect(await screen.findByText("the token has no such name")).toBeVisible();
  expect(screen.getByText("DNS:x is not granted")).toBeVisible();
});

test("an auditor is not offered it", async () => {
  server.on("listCertificates", () => page([]));
  openAs("auditor", "/certificates");
  await screen.findByText("No certificate yet");
  expect(screen.queryByRole("button", { name: "Issue" })).not.toBeInTheDocument();
});
