import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Role } from "../api/types";
import { certificate, detail, openAs, page, server } from "../test/app";

const kPlaces: Record<Exclude<Role, "process">, string[]> = {
  administrator: ["Overview", "Certificates", "Authorities", "Live events", "Users", "Rules", "Sessions", "Tokens"],
  agent: ["Overview", "Certificates", "Authorities", "Live events", "Users", "Rules", "Sessions"],
  auditor: ["Overview", "Certificates", "Authorities", "Live events", "Users", "Rules", "Sessions", "Tokens"],
  requester: ["Overview", "Certificates", "Authorities", "Sessions"],
};

test.each(Object.entries(kPlaces))("the places of %s", async (role, places) => {
  server.on("listCertificates", () => page([certificate()]));
  openAs(role as Role, "/certificates");
  await screen.findByRole("table", { name: "Certificates" });
  const links = screen.getByRole("navigation", { name: "Screens", hidden: true }).querySelectorAll("a");
  expect([...links].map((link) => link.textContent)).toEqual(places);
});

test.each([
  ["administrator", true],
  ["agent", true],
  ["auditor", false],
  ["requester", false],
] as const)("%s: taking back is offered: %s", async (role, isOffered) => {
  server.on("showCertificate", () => ({ body: detail() }));
  openAs(role, `/certificates/${detail().serial}`);
  await screen.findByRole("tab", { name: "Facts" });
  for (const name of ["Revoke", "Hold"]) expect(screen.queryAllByRole("button", { name })).toHaveLength(isOffered ? 1 : 0);
});
