import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Lineage, LineageNode } from "../../api/types";
import { certificate, currentAddress, inDays, openAs, server } from "../../test/app";
import { schemaExample } from "../../test/examples";
import { problem } from "../../test/server";
import { lanesOf } from "./lanes";

const now = Date.parse(inDays(0));
let serial = 0;
const one = (node: string, from: number, until: number, changes: Parameters<typeof certificate>[0] = {}) =>
  certificate({ serial: (++serial).toString(16).padStart(32, "0"), names: ["DNS:api.internal"], service: "api", node, status: "good", not_before: inDays(from), not_after: inDays(until), ...changes });
const laneOf = (node: string, state: LineageNode["state"], certificates: LineageNode["certificates"], changes: Partial<LineageNode> = {}): LineageNode => ({ node, state, certificates, gaps: [], overlaps: [], ...changes });
const kinds = (node: LineageNode) => lanesOf([node], now)[0]!.findings.map(({ kind }) => kind);
const span = (from: number, until: number) => ({ from: inDays(from), until: inDays(until) });

test("what the server found is said: overdue, ended, gaps; an overlap only while it lasts", () => {
  expect(kinds(laneOf("a", "covered", [one("a", -10, 80)]))).toEqual([]);
  expect(kinds(laneOf("a", "overdue", [one("a", -80, 10)]))).toEqual(["overdue"]);
  expect(kinds(laneOf("a", "covered", [one("a", -2, 80), one("a", -100, -10)], { gaps: [span(-10, -2)] }))).toEqual(["gap"]);
  expect(kinds(laneOf("a", "covered", [one("a", -60, 30), one("a", -1, 89)], { overlaps: [span(-1, 30)] }))).toEqual(["overlap"]);
  expect(kinds(laneOf("a", "covered", [one("a", -60, -5), one("a", -10, 80)], { overlaps: [span(-10, -5)] }))).toEqual([]);
});

test("a lane that ended says so once: the gap that lasts until now is the same", () => {
  expect(kinds(laneOf("a", "ended", [one("a", -80, -1)], { gaps: [span(-1, 0)] }))).toEqual(["ended"]);
});

test("bars are oldest first, and what was revoked covers until then only", () => {
  const [lane] = lanesOf([laneOf("a", "covered", [one("a", -5, 80), one("a", -50, 50, { status: "revoked", revoked_at: inDays(-20) })])], now);
  expect(lane!.bars.map(({ until }) => Math.round((until - now) / 86_400_000))).toEqual([-20, 80]);
});

test("what needs somebody comes first", () => {
  const lanes = lanesOf([laneOf("b", "covered", [one("b", -10, 80)]), laneOf("a", "covered", [one("a", -10, 80)]), laneOf("d", "overdue", [one("d", -80, 10)]), laneOf("c", "ended", [one("c", -80, -1)])], now);
  expect(lanes.map(({ node }) => node)).toEqual(["c", "d", "a", "b"]);
});

const lineageIs = (changes: Partial<Lineage> = {}) =>
  server.on("showLineage", () => ({ body: schemaExample<Lineage>("Lineage", { service: "api", nodes: [], position: `0.${server.position}`, age_seconds: 0.1, ...changes }) }));

test("the screen: which node missed its renewal, in words; each bar leads to its certificate", async () => {
  const due = one("rack-2", -80, 10);
  lineageIs({ nodes: [laneOf("rack-1", "covered", [one("rack-1", -10, 80)]), laneOf("rack-2", "overdue", [due])] });
  const user = openAs("auditor", "/lineage?service=api");
  const lanes = within(await screen.findByRole("list", { name: /Lanes/ }));
  expect(lanes.getByText("rack-2").closest("li")).toHaveTextContent("renewal overdue");
  expect(lanes.getByText("rack-1").closest("li")).toHaveTextContent("covered");
  const bar = within(screen.getByRole("group", { name: "Certificates of rack-2" })).getByRole("link");
  expect(bar).toHaveAttribute("href", `/certificates/${due.serial}`);
  await user.click(bar);
  expect(currentAddress()).toBe(`/certificates/${due.serial}`);
});

test("without a service those that there are are offered, with their numbers; a requester types", async () => {
  server.on("countCertificates", ({ query }) => {
    expect(query.by).toBe("service");
    return { body: { by: "service", values: [{ value: "api", count: 1234 }, { value: "<b>shop</b>", count: 1 }], total: 1300, position: "0.42", age_seconds: 0 } };
  });
  const user = openAs("auditor", "/lineage");
  const services = within(await screen.findByRole("list", { name: "Services" }));
  expect(services.getByText("<b>shop</b>")).toBeVisible();
  expect(services.getByText("1,234")).toBeVisible();
  await user.click(services.getByRole("link", { name: "api" }));
  expect(currentAddress()).toBe("/lineage?service=api");
});

test("a requester types the service, and no numbers are asked for", async () => {
  lineageIs({ service: "shop" });
  const user = openAs("requester", "/lineage");
  await user.type(await screen.findByLabelText("Service"), "shop{Enter}");
  expect(currentAddress()).toBe("/lineage?service=shop");
  expect(server.askedFor("countCertificates")).toHaveLength(0);
});

test("a service that has none says how one is recorded", async () => {
  server.on("showLineage", () => problem(404, "lineage-unknown", "none"));
  openAs("auditor", "/lineage?service=nobody");
  expect(await screen.findByText("No certificate of this service")).toBeVisible();
});
