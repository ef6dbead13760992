import { screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { certificate, currentAddress, inDays, openAs, openByToken, page, server } from "../../test/app";
import { problem } from "../../test/server";

const kSerial = "5f0c2a9e41b7d3c80d1e2f3a4b5c6d7e";
const asked = () => server.askedFor("listCertificates");
const lastQuery = () => asked().at(-1)?.query ?? {};

test("a row tells name, standing, end, service and serial", async () => {
  server.on("listCertificates", () =>
    page([certificate({ names: ["DNS:api.internal", "IP:10.0.0.7"], service: "api", node: "rack-7", not_after: inDays(80.5) })]),
  );
  openAs("auditor", "/certificates");
  const row = (await screen.findByRole("link", { name: "api.internal" })).closest("tr")!;
  expect(within(row).getByText("+1")).toBeVisible();
  expect(within(row).getByText("valid")).toBeVisible();
  expect(within(row).getByText("in 80 d")).toBeVisible();
  expect(row).toHaveTextContent("api / rack-7");
  expect(within(row).getByText("5f0c2a9e…6d7e")).toBeVisible();
});

test("a row that cannot be read says so, and the others stand", async () => {
  server.on("listCertificates", () =>
    page([certificate({ names: ["DNS:before.internal"] }), { serial: "bad0", names: 7 }, null, "text", certificate({ serial: "ab".repeat(16), names: ["DNS:after.internal"] })]),
  );
  openAs("auditor", "/certificates");
  expect(await screen.findByText("before.internal")).toBeVisible();
  expect(screen.getAllByText("cannot be read")).toHaveLength(3);
  expect(screen.getByText("after.internal")).toBeVisible();
});

test("names that would turn or hide text are written out, and no markup runs", async () => {
  server.on("listCertificates", () => page([certificate({ names: ["DNS:<script>alert(1)</script>"], service: "a\u202eb\u0000" })]));
  openAs("auditor", "/certificates");
  expect(await screen.findByText("<script>alert(1)</script>")).toBeVisible();
  expect(screen.getByText("a‹U+202E›b‹U+0000›")).toBeVisible();
  expect(document.querySelector("script")).toBeNull();
});

test("the filters of an address are asked for, and a change of theirs is in the address", async () => {
  server.on("listCertificates", () => page([certificate()]));
  const user = openAs("auditor", "/certificates?name=.internal&service=api&expires=7d");
  await waitFor(() => expect(asked()).toHaveLength(1));
  expect(lastQuery()).toMatchObject({ search: ".internal", service: "api" });
  expect(Date.parse(lastQuery().expires_before ?? "") - Date.now()).toBeGreaterThan(6.9 * 86_400_000);
  await user.selectOptions(screen.getByLabelText("Status"), "revoked");
  await waitFor(() => expect(lastQuery().status).toBe("revoked"));
  expect(currentAddress()).toBe("/certificates?search=.internal&status=revoked&service=api&expires=7d");
  await user.click(screen.getByRole("button", { name: "Clear" }));
  expect(currentAddress()).toBe("/certificates");
});

test("typing asks once, when it pauses, and loses no letter", async () => {
  server.on("listCertificates", () => page([certificate()]));
  const user = openAs("auditor", "/certificates");
  await waitFor(() => expect(asked()).toHaveLength(1));
  await user.type(screen.getByLabelText("Search", { selector: "input" }), "api.internal");
  await waitFor(() => expect(lastQuery().search).toBe("api.internal"));
  expect(screen.getByLabelText("Search", { selector: "input" })).toHaveValue("api.internal");
  expect(asked()).toHaveLength(2);
});

test("words with a key become filters", async () => {
  server.on("listCertificates", () => page([]));
  const user = openAs("auditor", "/certificates");
  await user.type(await screen.findByLabelText("Search", { selector: "input" }), "service:api status:held expires<7d .internal{Enter}");
  await waitFor(() => expect(lastQuery()).toMatchObject({ service: "api", status: "held", search: ".internal" }));
  expect(screen.getByLabelText("Search", { selector: "input" })).toHaveValue(".internal");
});

test.each(["5F:0C:2A:9E:41:B7:D3:C8:0D:1E:2F:3A:4B:5C:6D:7E", "126363193735180834486430913012129066366", ".internal", "api."])("what is typed is the server's to understand: %s", async (text) => {
  server.on("listCertificates", ({ query }) => page(query.search === text ? [certificate({ names: ["DNS:found.internal"] })] : []));
  const user = openAs("auditor", "/certificates");
  await user.click(await screen.findByLabelText("Search", { selector: "input" }));
  await user.paste(text);
  expect(await screen.findByRole("link", { name: "found.internal" })).toBeVisible();
});

test("the values of a filter are offered with their numbers, the chosen one is a chip that can be taken off", async () => {
  server.on("listCertificates", () => page([certificate()]));
  server.on("countCertificates", ({ query }) => ({
    body: { by: query.by, values: query.by === "profile" ? [{ value: "tls-server", count: 310 }, { value: "tls-client", count: 96 }] : [{ value: "good", count: 406 }], total: 406, position: "0.42", age_seconds: 0 },
  }));
  const user = openAs("auditor", "/certificates");
  expect(await screen.findByRole("option", { name: "Good (406)" })).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Filter" }));
  const values = within(await screen.findByRole("list", { name: "Profile" }));
  expect(values.getAllByRole("listitem").map((item) => item.textContent)).toEqual(["tls-server 310", "tls-client 96"]);
  await user.click(values.getByRole("button", { name: "tls-client" }));
  await waitFor(() => expect(lastQuery()).toMatchObject({ profile: "tls-client" }));
  await user.click(screen.getByRole("button", { name: /^Any profile/ }));
  await waitFor(() => expect(currentAddress()).toBe("/certificates"));
});

test("a requester has no numbers, and is asked for none", async () => {
  server.on("listCertificates", () => page([certificate({ names: ["DNS:own.internal"] })]));
  openAs("requester", "/certificates");
  await screen.findByRole("link", { name: "own.internal" });
  expect(screen.queryByRole("button", { name: "Filter" })).not.toBeInTheDocument();
  expect(server.askedFor("countCertificates")).toHaveLength(0);
});

test("a past moment: it is asked for, said, handed on to each certificate, and left again", async () => {
  server.on("listCertificates", ({ query }) => page([certificate({ names: ["DNS:then.internal"], status: "good", not_after: inDays(-3), expired: query.as_of === undefined })]));
  const user = openAs("auditor", "/certificates?as_of=2026-06-01T12:00:00Z");
  const link = await screen.findByRole("link", { name: "then.internal" });
  expect(lastQuery()).toMatchObject({ as_of: "2026-06-01T12:00:00Z" });
  expect(link).toHaveAttribute("href", `/certificates/${kSerial}?as_of=2026-06-01T12%3A00%3A00Z`);
  expect(within(link.closest("tr")!).getByText("valid")).toBeVisible(); // as it was then, though it has ended since
  expect(screen.getByText("What stood in the log by then, and nothing that came after.")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Back to now" }));
  expect(currentAddress()).toBe("/certificates");
  expect(within((await screen.findByRole("link", { name: "then.internal" })).closest("tr")!).getByText("expired")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "As of…" }));
  await user.type(await screen.findByLabelText(/position of the log/), "0.17{Enter}");
  await waitFor(() => expect(lastQuery()).toMatchObject({ as_of: "0.17" }));
});

test("a rare question: after ten pages without a match somebody decides whether to look further", async () => {
  server.on("listCertificates", ({ query }) => {
    const at = Number(query.cursor ?? 0);
    return { body: { ...page(at === 12 ? [certificate({ names: ["DNS:rare.internal"] })] : []).body, examined: 5000, partial: true, ...(at < 12 ? { next: String(at + 1) } : {}) } };
  });
  const user = openAs("auditor", "/certificates?service=rare&key=RSA-4096");
  expect(await screen.findByText(/50,000 entries were looked at/)).toBeVisible();
  expect(asked()).toHaveLength(10);
  await user.click(screen.getByRole("button", { name: "Look further" }));
  expect(await screen.findByRole("link", { name: "rare.internal" })).toBeVisible();
});

test("pages follow each other by cursor, and few of many rows are in the document", async () => {
  const many = (from: number) => Array.from({ length: 200 }, (_, index) => certificate({ serial: (from + index).toString(16).padStart(32, "0"), names: [`DNS:n${from + index}.internal`] }));
  server.on("listCertificates", ({ query }) => (query.cursor ? page(many(200)) : page(many(0), "second")));
  openAs("auditor", "/certificates");
  expect(await screen.findByText("n0.internal")).toBeVisible();
  const table = screen.getByRole("table", { name: "Certificates" });
  expect(within(table).getAllByRole("row").length).toBeLessThan(60);
  expect(table).toHaveAttribute("aria-rowcount", "-1");
  expect(screen.getByText(/200 certificates so far/)).toBeVisible();
});

test("a page without a match that has a next one goes on to it", async () => {
  server.on("listCertificates", ({ query }) => (query.cursor ? page([certificate({ names: ["DNS:rare.internal"] })]) : page([], "on")));
  openAs("auditor", "/certificates?status=revoked&service=rare");
  expect(await screen.findByText("rare.internal")).toBeVisible();
});

test("nothing found says how to search; nothing there teaches the first command with this host", async () => {
  server.on("listCertificates", () => page([]));
  const user = openAs("auditor", "/certificates?name=none.internal");
  expect(await screen.findByText("No certificate is like this")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Clear" }));
  expect(await screen.findByText("No certificate yet")).toBeVisible();
  expect(screen.getByText(/quicklime issue api.internal .*--server https:\/\/ca.example:8443/)).toBeVisible();
});

test("a problem is shown with its detail, the rest stays", async () => {
  server.on("listCertificates", () => problem(400, "name-malformed", "a DNS name has no spaces"));
  openAs("auditor", "/certificates?name=a+b");
  expect(await screen.findByText("a DNS name has no spaces")).toBeVisible();
  expect(screen.getByLabelText("Search", { selector: "input" })).toBeVisible();
});

test("the same as a command line and as curl, without the token", async () => {
  server.on("listCertificates", () => page([certificate()]));
  const user = openAs("auditor", "/certificates?search=.internal&status=good");
  await user.click(await screen.findByRole("button", { name: "Copy as command" }));
  expect(await screen.findByText("quicklime list --name .internal --status good --server https://ca.example:8443 --roots roots.pem")).toBeVisible();
  expect(screen.getByText(/curl --cacert roots.pem -H "Authorization: Bearer \$QUICKLIME_TOKEN" 'https:\/\/ca.example:8443\/v1\/certificates\?search=.internal&status=good'/)).toBeVisible();
});

test("a server that is away and back: what was shown stays, and it says so", async () => {
  server.on("listCertificates", () => page([certificate({ names: ["DNS:kept.internal"] })]));
  const user = openAs("auditor", "/certificates");
  await screen.findByText("kept.internal");
  server.isDown = true;
  await user.selectOptions(screen.getByLabelText("Status"), "good");
  expect(await screen.findByText(/server not reached/)).toBeVisible();
  server.isDown = false;
  await user.click(await screen.findByRole("button", { name: "Ask again" }));
  expect(await screen.findByText("kept.internal")).toBeVisible();
  expect(screen.queryByText(/server not reached/)).not.toBeInTheDocument();
});

test("node and requester narrow the list, stand in the address, and are taken off one by one", async () => {
  server.on("listCertificates", () => page([certificate()]));
  const user = openAs("auditor", "/certificates?requester=user%3Alocal%3Abob");
  await user.type(await screen.findByLabelText("Search", { selector: "input" }), "node:rack-7{Enter}");
  await waitFor(() => expect(lastQuery()).toMatchObject({ node: "rack-7", requester: "user:local:bob" }));
  await user.click(screen.getByRole("button", { name: /^Any asked for by/ }));
  await waitFor(() => expect(currentAddress()).toBe("/certificates?node=rack-7"));
  await user.type(screen.getByLabelText("Search", { selector: "input" }), "key:P-256{Enter}");
  // The command line has no such filter: what cannot be said is not offered.
  await user.click(screen.getByRole("button", { name: "Copy as command" }));
  expect(await screen.findByText(/node=rack-7&key=P-256/)).toBeVisible();
  expect(screen.queryByText(/quicklime list/)).not.toBeInTheDocument();
});

test("the export is of what is asked for: by cookie the browser's own download, by token with the token", async () => {
  server.on("listCertificates", () => page([certificate()]));
  const gone: string[] = [];
  const click = vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
    gone.push(`${this.pathname}${this.search} ${this.download}`);
  });
  const user = openAs("auditor", "/certificates?status=good&service=api");
  await user.click(await screen.findByRole("button", { name: "Export" }));
  await user.click(await screen.findByRole("menuitem", { name: "CSV, for spreadsheets" }));
  expect(gone).toEqual(["/v1/certificates/export?status=good&service=api&format=csv certificates.csv"]);
  expect(server.askedFor("exportCertificates")).toEqual([]);
  click.mockRestore();
});

test("a refused export is said", async () => {
  server.on("listCertificates", () => page([certificate()]));
  server.on("exportCertificates", () => problem(503, "view-stale", "the view is behind"));
  const user = await openByToken("auditor", "/certificates");
  await user.click(await screen.findByRole("button", { name: "Export" }));
  await user.click(await screen.findByRole("menuitem", { name: "JSON, one a line" }));
  expect(await screen.findByText("the view is behind")).toBeVisible();
  expect(server.askedFor("exportCertificates")[0]!.headers.get("Authorization")).toBe(`Bearer ${server.token}`);
});
