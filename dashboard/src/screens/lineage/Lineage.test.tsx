import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { certificate, currentAddress, inDays, openAs, page, server } from "../../test/app";
import { lanesOf } from "./lanes";

const kDay = 86_400_000;
const now = Date.parse(inDays(0));
let serial = 0;
const one = (node: string, from: number, until: number, changes: Parameters<typeof certificate>[0] = {}) =>
  certificate({ serial: (++serial).toString(16).padStart(32, "0"), names: ["DNS:api.internal"], service: "api", node, status: "good", not_before: inDays(from), not_after: inDays(until), ...changes });
const kinds = (...certificates: ReturnType<typeof certificate>[]) => lanesOf(certificates, now)[0]!.findings.map(({ kind }) => kind);

test("a lane that is covered has no findings; a renewal a minute apart is no gap", () => {
  expect(kinds(one("a", -100, -10), one("a", -10.0005, 80))).toEqual([]);
});

test("a gap, between which moments", () => {
  const lane = lanesOf([one("a", -2, 80), one("a", -100, -10)], now)[0]!;
  expect(lane.findings.map(({ kind }) => kind)).toEqual(["gap"]);
  expect(Math.round((lane.findings[0]!.until! - lane.findings[0]!.from) / kDay)).toBe(8);
});

test("what was revoked covers until then only", () => {
  expect(kinds(one("a", -50, 50, { status: "revoked", revoked_at: inDays(-20) }), one("a", -5, 80))).toEqual(["gap"]);
});

test("two thirds of its life over and no successor; ended and no successor", () => {
  expect(kinds(one("a", -80, 10))).toEqual(["overdue"]);
  expect(kinds(one("a", -80, -1))).toEqual(["ended"]);
});

test("renewed, and the one before is good still", () => {
  const [old, next] = [one("a", -60, 30), one("a", -1, 89)];
  expect(kinds({ ...old, replaced_by: next.serial }, next)).toEqual(["overlap"]);
});

test("lanes by node and name, what needs somebody first", () => {
  const lanes = lanesOf([one("b", -10, 80), one("a", -10, 80), one("c", -80, 10), one("a", -10, 80, { names: ["DNS:other.internal"] })], now);
  expect(lanes.map(({ node, name }) => `${node} ${name}`)).toEqual(["c api.internal", "a api.internal", "a other.internal", "b api.internal"]);
});

test("the screen: which node missed its renewal, in words; each bar leads to its certificate", async () => {
  const good = one("rack-1", -10, 80);
  const due = one("rack-2", -80, 10);
  server.on("listCertificates", ({ query }) => page(query.service === "api" ? [good, due] : []));
  const user = openAs("auditor", "/lineage?service=api");
  const lanes = within(await screen.findByRole("list", { name: /Lanes/ }));
  expect(lanes.getByText("rack-2").closest("li")).toHaveTextContent("renewal overdue");
  expect(lanes.getByText("rack-1").closest("li")).toHaveTextContent("covered");
  const bar = within(screen.getByRole("group", { name: "Certificates of rack-2, api.internal" })).getByRole("link");
  expect(bar).toHaveAttribute("href", `/certificates/${due.serial}`);
  await user.click(bar);
  expect(currentAddress()).toBe(`/certificates/${due.serial}`);
});

test("without a service those of the newest certificates are offered", async () => {
  server.on("listCertificates", () => page([one("a", -10, 80), one("b", -10, 80), one("c", -1, 2, { service: "<b>shop</b>" })]));
  const user = openAs("requester", "/lineage");
  const services = within(await screen.findByRole("list", { name: "Services" }));
  expect(services.getByText("<b>shop</b>")).toBeVisible();
  await user.click(services.getByRole("link", { name: "api" }));
  expect(currentAddress()).toBe("/lineage?service=api");
});

test("a service that has none says how one is recorded", async () => {
  server.on("listCertificates", () => page([]));
  openAs("auditor", "/lineage?service=nobody");
  expect(await screen.findByText("No certificate of this service")).toBeVisible();
});
