import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { openAs, openByToken, server, token } from "../../test/app";
import { problem } from "../../test/server";

const ci = token({ id: "1".repeat(16), name: "ci", role: "requester", profiles: ["tls-server"], names: ["*.load.internal"] });

test("who may ask for what, and which of them is oneself", async () => {
  await openByToken("auditor", "/tokens", [ci, token({ id: "2".repeat(16), name: "old", status: "expired" })]);
  const row = (await screen.findByText("ci")).closest("tr")!;
  expect(row).toHaveTextContent("*.load.internal");
  expect(within(row).getByText("live")).toBeVisible();
  expect(screen.getByText("(this is you)").closest("tr")).toHaveTextContent(/^me/);
  expect(screen.queryByRole("button", { name: /Revoke/ })).not.toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "Create a token" })).not.toBeInTheDocument();
});

test("a token's text is shown once, and never again", async () => {
  const text = `qlk_${"c".repeat(16)}_${"d".repeat(64)}`;
  server.on("createToken", ({ body }) => {
    expect(body).toEqual({ name: "load", role: "requester", profiles: ["tls-server", "tls-client"], names: ["*.load.internal", "10.0.0.0/8"], lifetime: "7d" });
    return { body: { ...ci, name: "load", token: text, position: "0.43" } };
  });
  const user = openAs("administrator", "/tokens", [ci]);
  await user.click(await screen.findByRole("button", { name: "Create a token" }));
  await user.type(await screen.findByLabelText(/^Name /), "load");
  await user.click(screen.getByLabelText("tls-client"));
  await user.type(screen.getByLabelText(/^Names to ask for/), "*.load.internal 10.0.0.0/8");
  await user.selectOptions(screen.getByLabelText("Lives"), "7d");
  await user.click(screen.getByRole("button", { name: "Create" }));
  expect(await screen.findByText(text)).toBeVisible();
  await user.click(screen.getByRole("button", { name: "I have it" }));
  await waitFor(() => expect(screen.queryByText(text)).not.toBeInTheDocument());
  expect(document.body.innerHTML).not.toContain(text);
});

test("revoking a token, and the warning when it is one's own", async () => {
  server.on("revokeToken", ({ parameters }) => ({ body: { ...ci, id: parameters[0], status: "revoked" } }));
  const user = await openByToken("administrator", "/tokens", [ci]);
  await user.click(await screen.findByRole("button", { name: "Revoke me" }));
  expect(await screen.findByText("This is the token that you are signed in with")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Cancel" }));
  await user.click(await screen.findByRole("button", { name: "Revoke ci" }));
  await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Revoke" }));
  await waitFor(() => expect(server.askedFor("revokeToken").map((asked) => asked.parameters[0])).toEqual([ci.id]));
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
});

test("a refusal names the field", async () => {
  server.on("createToken", () => ({ ...problem(400, "name-malformed", "a pattern is refused"), body: { type: "https://quicklime.dev/errors#x", title: "Bad", status: 400, errors: [{ pointer: "/names/0", reason: "no such pattern" }] } }));
  const user = openAs("administrator", "/tokens");
  await user.click(await screen.findByRole("button", { name: "Create a token" }));
  await user.type(await screen.findByLabelText(/^Name /), "x");
  await user.selectOptions(screen.getByLabelText("Role"), "auditor");
  await user.click(screen.getByRole("button", { name: "Create" }));
  expect(await screen.findByText("/names/0")).toBeVisible();
});
