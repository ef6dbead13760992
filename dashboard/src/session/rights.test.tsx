import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Session } from "../api/types";
import { certificate, detail, openAs, page, server } from "../test/app";

const kPlaces: Record<Session["role"], string[]> = {
  administrator: ["Overview", "Certificates", "Lineage", "Revocations", "CRL and OCSP", "Authorities", "Live events", "System", "Users", "Rules", "Sessions", "Tokens"],
  agent: ["Overview", "Certificates", "Lineage", "Revocations", "CRL and OCSP", "Authorities", "Live events", "System", "Sessions"],
  auditor: ["Overview", "Certificates", "Lineage", "Revocations", "CRL and OCSP", "Authorities", "Live events", "System", "Users", "Rules", "Sessions", "Tokens"],
  requester: ["Overview", "Certificates", "Lineage", "Authorities", "Sessions"],
};

test.each(Object.entries(kPlaces))("the places of %s", async (role, places) => {
  server.on("listCertificates", () => page([certificate()]));
  openAs(role as Session["role"], "/certificates");
  await screen.findByRole("table", { name: "Certificates" });
  const links = screen.getByRole("navigation", { name: "Screens", hidden: true }).querySelectorAll("a");
  expect([...links].map((link) => link.textContent)).toEqual(places);
});

test.each([
  ["administrator", ["Hold", "Revoke"]],
  ["agent", ["Hold", "Revoke"]],
  ["auditor", []],
  ["requester", ["Revoke"]],
] as const)("what is offered to %s for a certificate: %j", async (role, offered) => {
  server.on("showCertificate", () => ({ body: detail() }));
  const user = openAs(role, `/certificates/${detail().serial}`);
  await screen.findByRole("tab", { name: "Facts" });
  expect(["Hold", "Revoke"].filter((name) => screen.queryByRole("button", { name }))).toEqual(offered);
  if (role === "auditor") return;
  await user.click(screen.getByRole("button", { name: "Revoke" }));
  await screen.findByRole("dialog");
  expect(screen.queryAllByRole("checkbox")).toHaveLength(role === "requester" ? 0 : 2);
});
