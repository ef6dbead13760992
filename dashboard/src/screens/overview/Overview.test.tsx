import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Authority } from "../../api/types";
import { certificate, currentAddress, inDays, openAs, page, server, token } from "../../test/app";
import { schemaExample } from "../../test/examples";

const authority = (changes: Partial<Authority>) => schemaExample<Authority>("Authority", { not_before: inDays(-10), not_after: inDays(1000), ...changes });
const authorities = (...list: Authority[]) => server.on("listAuthorities", () => ({ body: { authorities: list, position: "0.42", age_seconds: 0.2 } }));

test("what needs somebody comes first, the most urgent on top", async () => {
  server.on("listCertificates", ({ query }) => {
    if (query.status === "held") return page([certificate({ serial: "cc".repeat(16), names: ["DNS:held.internal"], status: "held", revoked_at: inDays(-3) })]);
    if (query.status === "good") {
      return page([
        certificate({ serial: "aa".repeat(16), names: ["DNS:late.internal"], service: "late", node: "rack-1", not_before: inDays(-88), not_after: inDays(2.5) }),
        certificate({ serial: "bb".repeat(16), names: ["DNS:due.internal"], not_before: inDays(-70), not_after: inDays(20) }),
        certificate({ serial: "dd".repeat(16), names: ["DNS:renewed.internal"], not_before: inDays(-88), not_after: inDays(2), replaced_by: "ee".repeat(16) }),
        certificate({ serial: "ff".repeat(16), names: ["DNS:young.internal"] }),
      ]);
    }
    return page([certificate()]);
  });
  authorities(authority({ id: "root-1", subject: "CN=Old Root", not_before: inDays(-3000), not_after: inDays(300) }));
  openAs("administrator", "/", [token({ id: "1".repeat(16), name: "ci", not_after: inDays(3) })]);
  const late = await screen.findByRole("link", { name: "late.internal (late on rack-1)" });
  const items = within(late.closest("ul")!).getAllByRole("listitem").map((item) => item.textContent ?? "");
  expect(items[0]).toMatch(/^urgent.*late\.internal.*ends in 2 d/);
  expect(items.slice(1, 4).join("\n")).toMatch(/ci[^]*due\.internal[^]*CN=Old Root/);
  expect(items[4]).toMatch(/^decide.*held\.internal/);
  expect(items.join()).not.toMatch(/renewed\.internal|young/);
});

test("a healthy CA needs nobody", async () => {
  server.on("listCertificates", ({ query }) => (query.status === "held" ? page([]) : page([certificate()])));
  authorities(authority({ id: "root-1" }));
  openAs("administrator", "/");
  expect(await screen.findByText("Nothing needs you")).toBeVisible();
});

test("an empty CA teaches its first command, and its own certificates are no certificates", async () => {
  server.on("listCertificates", ({ query }) => (query.status ? page([]) : page([certificate({ requester: "process:quicklime" })])));
  authorities();
  openAs("administrator", "/");
  expect(await screen.findByText("No certificate yet")).toBeVisible();
});

test("what ends when is a picture, and a list of links beside it", async () => {
  server.on("listCertificates", ({ query }) =>
    query.status === "held" ? page([]) : page([certificate({ not_after: inDays(10.5) }), certificate({ serial: "aa".repeat(16), not_after: inDays(10.6), replaced_by: "bb".repeat(16) })]),
  );
  authorities();
  const user = openAs("administrator", "/");
  expect(await screen.findByRole("img", { name: /Certificates that end in the next 90 days: 2/ })).toBeVisible();
  await user.click(screen.getByText("The numbers"));
  expect(screen.getByRole("link", { name: /^until/ }).closest("li")).toHaveTextContent(/: 2, 1 of them replaced/);
});

test("a requester is not asked for tokens, and finds no way to them", async () => {
  server.on("listCertificates", () => page([certificate()]));
  authorities();
  openAs("requester", "/");
  await screen.findByRole("heading", { level: 1, name: "Overview" });
  expect(screen.queryByRole("link", { name: "Tokens", hidden: true })).not.toBeInTheDocument();
  expect(server.askedFor("listTokens")).toHaveLength(0);
});

test("how far the view is behind stands in the header, and is a warning when it is much", async () => {
  server.on("listCertificates", () => ({ body: { certificates: [], position: "0.42", age_seconds: 75 } }));
  server.on("listAuthorities", () => ({ body: { authorities: [], position: "0.42", age_seconds: 75 } }));
  openAs("requester", "/");
  expect(await screen.findByText(/behind: 75 s/)).toBeVisible();
});

test("the keyboard: g c, /, g o, ?", async () => {
  server.on("listCertificates", () => page([certificate()]));
  authorities();
  const user = openAs("administrator", "/");
  await screen.findByRole("heading", { level: 1, name: "Overview" });
  await user.keyboard("gc");
  expect(await screen.findByRole("heading", { level: 1, name: "Certificates" })).toBeVisible();
  await user.keyboard("/");
  expect(screen.getByLabelText("Search", { selector: "input" })).toHaveFocus();
  await user.keyboard("gc?");
  expect(screen.getByLabelText("Search", { selector: "input" })).toHaveValue("gc?");
  (document.activeElement as HTMLElement).blur();
  await user.keyboard("go");
  expect(currentAddress()).toBe("/");
  await user.keyboard("/");
  expect(await screen.findByLabelText("Search", { selector: "input" })).toHaveFocus();
  (document.activeElement as HTMLElement).blur();
  await user.keyboard("?");
  expect(await screen.findByRole("dialog", { name: /Keyboard/ })).toBeVisible();
});
