import { screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import type { CertificateDetail } from "../../api/types";
import { detail, inDays, openAs, server } from "../../test/app";
import { problem } from "../../test/server";

const kPem = "-----BEGIN CERTIFICATE-----\nMIICkTCCAjagAwIBAgIBETAKBggqhkjOPQQDAjAVMRMwEQYDVQQDDApGaXh0dXJl\nIENBMCAXDTI2MTEyODExMjIwNloYDzIxMjUwNjIyMTEyMjA2WjAPMQ0wCwYDVQQD\nDARsZWFmMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEyzTB324pDUO8BlIa8qBu\nJHOzB613JKcBe1LVY9oJEuIY5sx1M/t8/07v4+A5v21aWwPFDOJrn1FwHo7UeAu0\nMKOCAXkwggF1MAwGA1UdEwEB/wQCMAAwDgYDVR0PAQH/BAQDAgWgMB0GA1UdJQQW\nMBQGCCsGAQUFBwMBBggrBgEFBQcDAjBUBgNVHREETTBLggxhcGkuaW50ZXJuYWyH\nBAoAAAeHECABDbgAAAAAAAAAAAAAAAGGEXNwaWZmZTovL2FjbWUvYXBpgRBvcHNA\nYWNtZS5leGFtcGxlMFgGCCsGAQUFBwEBBEwwSjAiBggrBgEFBQcwAYYWaHR0cDov\nL2NhLmV4YW1wbGUvb2NzcDAkBggrBgEFBQcwAoYYaHR0cDovL2NhLmV4YW1wbGUv\nY2EuY3J0MCYGA1UdHwQfMB0wG6AZoBeGFWh0dHA6Ly9jYS5leGFtcGxlL2NybDAd\nBgNVHQ4EFgQUErroYHYpHXn8xQF6b5PN0Db8bs0wHwYDVR0jBBgwFoAU6ThXf/4+\n7h+EqkGJzQIn7RgLaUYwEAYDVR0gBAkwBzAFBgMqAwQwDAYDKgNjBAUMA29kZDAK\nBggqhkjOPQQDAgNJADBGAiEAr01Qqr64Rpr17qzmh5blfRmbJ5YbgPOdxZV1jE2J\nZlcCIQDBT26hT3qL+2ulRtf3njo1fkey+MHzigJ+/FmAidoQgw==\n-----END CERTIFICATE-----\n";
const kSerial = "ab".repeat(16);
const path = `/certificates/${kSerial}`;
const answer = (status: "good" | "held" | "revoked", more: object = {}) => ({
  body: { serial: kSerial, status, position: `0.${server.position}`, ...more },
  headers: { "Quicklime-Position": `0.${server.position}` },
});
function shows(changes: Partial<CertificateDetail> = {}) {
  let is = detail({ serial: kSerial, ...changes });
  server.on("showCertificate", () => ({ body: { ...is, position: `0.${server.position}`, age_seconds: 0.1 } }));
  return (next: Partial<CertificateDetail>) => {
    is = { ...is, ...next };
  };
}

test("it tells what the API tells", async () => {
  shows({ names: ["DNS:api.internal", "IP:10.0.0.7"], service: "api", node: "rack-7", requester: "token:ci", sha256: "aa11", key_sha256: "bb22", issued_position: "0.7" });
  openAs("auditor", path);
  expect(await screen.findByRole("heading", { level: 1, name: /api\.internal\s+valid/ })).toBeVisible();
  for (const text of ["DNS:api.internal", "IP:10.0.0.7", "token:ci", "aa11", "bb22", "0.7", kSerial]) expect(screen.getByText(text)).toBeVisible();
  expect(screen.getByRole("link", { name: "api" })).toHaveAttribute("href", "/certificates?service=api");
});

test("the serial is shown as hex, with colons, in decimal", async () => {
  shows();
  const user = openAs("auditor", path);
  await user.click(await screen.findByRole("button", { name: "Show the serial as colons" }));
  expect(screen.getByText(Array(16).fill("ab").join(":"))).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Show the serial as decimal" }));
  expect(screen.getByText(BigInt(`0x${kSerial}`).toString())).toBeVisible();
});

test("revoking: the effect before, the position awaited, the truth after", async () => {
  shows({ service: "api" });
  let attempts = 0;
  server.on("revokeCertificate", ({ body }) => {
    server.position = 50;
    expect(body).toEqual({ reason: "superseded" });
    return answer("revoked", { reason: "superseded", revoked_at: inDays(0) });
  });
  const user = openAs("administrator", path);
  await user.click(await screen.findByRole("button", { name: "Revoke" }));
  const dialog = await screen.findByRole("dialog");
  expect(dialog).toHaveTextContent("It cannot be undone");
  expect(dialog).toHaveTextContent("Nothing has replaced it");
  await user.click(within(dialog).getByLabelText("Replaced by another"));
  // The view is behind at first: 503, and asked again with the position of our write.
  server.on("showCertificate", () => {
    if (++attempts === 1) return { ...problem(503, "view-behind", "not yet"), headers: { "Retry-After": "1" } };
    return { body: detail({ serial: kSerial, status: "revoked", reason: "superseded", revoked_at: inDays(0), position: "0.50" }) };
  });
  await user.click(within(dialog).getByRole("button", { name: "Revoke" }));
  expect(await screen.findByText("Revoked, at position 0.50 of the log")).toBeVisible();
  expect(await screen.findByText("This page shows it")).toBeVisible();
  expect(await screen.findByText(/issuing-1\.crl lacks nothing/)).toBeVisible();
  expect(server.askedFor("showCertificate").at(-1)?.headers.get("Quicklime-Min-Position")).toBe("0.50");
  expect(server.askedFor("crl").at(-1)?.headers.get("Quicklime-Min-Position")).toBe("0.50");
  expect(attempts).toBeGreaterThan(1);
  expect(screen.queryByRole("button", { name: "Revoke" })).not.toBeInTheDocument();
});

test("a compromised key: what is still live is named, and taken back in one request", async () => {
  shows();
  server.on("revokeCertificate", () => answer("revoked", { reason: "keyCompromise", same_key: ["11".repeat(16)], successors: ["22".repeat(16), "11".repeat(16)] }));
  server.on("revokeMany", ({ body }) => {
    expect(body).toEqual({ serials: ["11".repeat(16), "22".repeat(16)], reason: "keyCompromise" });
    return { body: { revocations: [{}, {}], position: "0.60" } };
  });
  const user = openAs("administrator", path);
  await user.click(await screen.findByRole("button", { name: "Revoke" }));
  await user.click(await screen.findByLabelText("The key is or may be in wrong hands"));
  await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Revoke" }));
  expect(await screen.findByText("With the same key")).toBeVisible();
  expect(screen.getByText("Renewed from it")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Revoke these 2, too" }));
  expect(await screen.findByText("Revoked, and 2 more with it, at position 0.60 of the log")).toBeVisible();
});

test("a hold and its end", async () => {
  const becomes = shows();
  server.on("holdCertificate", () => {
    becomes({ status: "held", reason: "certificateHold", revoked_at: inDays(0) });
    return answer("held");
  });
  server.on("releaseCertificate", () => {
    becomes({ status: "good" });
    return answer("good");
  });
  const user = openAs("administrator", path);
  await user.click(await screen.findByRole("button", { name: "Hold" }));
  await user.click(await screen.findByRole("button", { name: "Put on hold" }));
  await user.click(await screen.findByRole("button", { name: "Release" }));
  expect(await screen.findByText(/It is good again/)).toBeVisible();
  await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Release" }));
  expect(await screen.findByText(/^Released, at position/)).toBeVisible();
});

test("a refusal stays in the dialog, in the server's words", async () => {
  shows();
  server.on("holdCertificate", () => problem(409, "certificate-revoked", "it was revoked meanwhile"));
  const user = openAs("administrator", path);
  await user.click(await screen.findByRole("button", { name: "Hold" }));
  await user.click(await screen.findByRole("button", { name: "Put on hold" }));
  expect(await within(screen.getByRole("dialog")).findByText("it was revoked meanwhile")).toBeVisible();
});

test("what it replaced and what replaced it, oldest first", async () => {
  const line = [
    detail({ serial: "01".repeat(16), replaced_by: kSerial }),
    detail({ serial: kSerial, replaces: "01".repeat(16), replaced_by: "02".repeat(16) }),
    detail({ serial: "02".repeat(16), replaces: kSerial, replaced_by: "03".repeat(16) }),
  ];
  server.on("showCertificate", ({ parameters }) => {
    const found = line.find((one) => one.serial === parameters[0]);
    return found ? { body: found } : problem(404, "certificate-unknown", "forgotten");
  });
  const user = openAs("auditor", path);
  await user.click(await screen.findByRole("tab", { name: "Renewals" }));
  const table = await screen.findByRole("table", { name: "Renewals, oldest first" });
  const rows = within(table).getAllByRole("row").slice(1);
  expect(rows).toHaveLength(3);
  expect(rows[1]).toHaveTextContent("this one");
  expect(within(rows[0]!).getByRole("link")).toHaveAttribute("href", `/certificates/${"01".repeat(16)}`);
});

test("leaf, chain, both, and DER are saved under the certificate's name", async () => {
  shows({ names: ["DNS:*.load.internal"] });
  const saved: string[] = [];
  const click = vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
    saved.push(this.download);
  });
  const user = openAs("auditor", path);
  for (const label of ["Certificate (PEM)", "Chain (PEM)", "Certificate and chain (PEM)", "Certificate (DER)"]) await user.click(await screen.findByRole("button", { name: label }));
  expect(saved).toEqual(["_wildcard.load.internal.pem", "_wildcard.load.internal.chain.pem", "_wildcard.load.internal.fullchain.pem", "_wildcard.load.internal.der"]);
  click.mockRestore();
});

test("a serial that nobody knows", async () => {
  server.on("showCertificate", () => problem(404, "certificate-unknown", "no certificate has this serial"));
  openAs("auditor", "/certificates/0badc0de");
  expect(await screen.findByRole("heading", { level: 1, name: "No such certificate" })).toBeVisible();
  await waitFor(() => expect(screen.getByText("no certificate has this serial")).toBeVisible());
});

test("every extension, its history with positions, and the way to what it was then", async () => {
  shows({
    certificate: kPem,
    history: [{ what: "issued", position: "0.7", time: inDays(-10) }, { what: "revoked", position: "0.9", time: inDays(-1), reason: "superseded" }, { what: "renewed", position: "0.8", time: inDays(-2), successor: "cd".repeat(16) }],
    profile_sha256: "ee".repeat(32),
  });
  const user = openAs("auditor", path);
  expect(await screen.findByText("eeeeeeeeeeeeeeee…")).toBeVisible();
  await user.click(screen.getByRole("tab", { name: "Extensions" }));
  const table = within(await screen.findByRole("table", { name: "Extensions" }));
  expect(table.getByText("X509v3 Key Usage").closest("tr")).toHaveTextContent("critical2.5.29.15Digital Signature, Key Encipherment");
  await user.click(screen.getByRole("tab", { name: "History" }));
  const steps = within(await screen.findByRole("list", { name: "What happened to it, oldest first" })).getAllByRole("listitem");
  expect(steps[1]).toHaveTextContent(/Revoked.*Replaced by another.*Position 0\.9/);
  expect(within(steps[2]!).getByRole("link", { name: "cdcdcdcd…cdcd" })).toHaveAttribute("href", `/certificates/${"cd".repeat(16)}`);
  expect(within(steps[0]!).getByRole("link", { name: "as it was then" })).toHaveAttribute("href", `${path}?as_of=0.7`);
});

test("how it was then: nothing is done to the past, and now is one step away", async () => {
  server.on("showCertificate", ({ query }) => ({ body: detail({ serial: kSerial, status: query.as_of ? "good" : "revoked", not_after: inDays(-1), expired: !query.as_of }) }));
  const user = openAs("administrator", `${path}?as_of=0.7`);
  expect(await screen.findByRole("heading", { level: 1, name: /api\.internal\s+valid/ })).toBeVisible();
  expect(server.askedFor("showCertificate")[0]!.query).toEqual({ as_of: "0.7" });
  for (const name of ["Revoke", "Hold"]) expect(screen.queryByRole("button", { name })).not.toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Back to now" }));
  expect(await screen.findByRole("heading", { level: 1, name: /api\.internal\s+revoked/ })).toBeVisible();
});

test("then there was none: it says so, and leads to now", async () => {
  server.on("showCertificate", ({ query }) => (query.as_of ? problem(404, "certificate-unknown", "none then") : { body: detail({ serial: kSerial }) }));
  const user = openAs("auditor", `${path}?as_of=0.1`);
  expect(await screen.findByRole("heading", { level: 1, name: "No such certificate then" })).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Back to now" }));
  expect(await screen.findByRole("heading", { level: 1, name: /api\.internal/ })).toBeVisible();
});

test("renewing needs the key, which is elsewhere: it says how", async () => {
  shows();
  const user = openAs("auditor", path);
  await user.click(await screen.findByRole("tab", { name: "Renewals" }));
  await user.click(await screen.findByRole("button", { name: "How it is renewed" }));
  expect(screen.getByText("quicklime renew api.internal.crt --daemon --server https://ca.example:8443 --roots roots.pem")).toBeVisible();
});
