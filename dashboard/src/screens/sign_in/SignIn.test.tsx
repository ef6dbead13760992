import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { certificate, currentAddress, open, openAs, page, server, signInAs } from "../../test/app";
import { problem } from "../../test/server";

test("a token signs in, goes along with every question, and is kept nowhere else", async () => {
  server.on("listCertificates", () => page([certificate()]));
  await openAs("administrator", "/certificates");
  expect(await screen.findByRole("heading", { level: 1, name: "Certificates" })).toBeVisible();
  await waitFor(() => expect(server.askedFor("listCertificates").length).toBeGreaterThan(0));
  for (const asked of server.asked) expect(asked.headers.get("Authorization")).toBe(`Bearer ${server.token}`);
  expect(JSON.stringify({ ...localStorage })).not.toContain("qlk_");
  expect(JSON.stringify({ ...sessionStorage })).not.toContain("qlk_");
  expect(currentAddress()).not.toContain("qlk_");
  expect(document.body.innerHTML).not.toContain(server.token);
});

test("what is no token is said before it is sent", async () => {
  const user = open("/");
  await user.type(screen.getByLabelText(/^Token/), "qlk_half");
  expect(screen.getByText(/this is none, or not all of it/)).toBeVisible();
  expect(screen.getByRole("button", { name: "Sign in" })).toBeDisabled();
  expect(server.asked).toEqual([]);
});

test("a token that is refused is told why, with where that is explained", async () => {
  server.on("listTokens", () => problem(401, "token-unknown", "this token is not one of ours"));
  const user = open("/");
  await user.click(screen.getByLabelText(/^Token/));
  await user.paste(server.token);
  await user.keyboard("{Enter}");
  expect(await screen.findByText("this token is not one of ours")).toBeVisible();
  expect(screen.getByRole("link", { name: /token-unknown/ })).toHaveAttribute("href", "https://quicklime.dev/errors#token-unknown");
});

test("it says how a token is made", () => {
  open("/");
  expect(screen.getByText("quicklime token create me --role administrator")).toBeVisible();
});

test("a session that ends comes back to signing in, and then to where one was", async () => {
  let isOver = false;
  server.on("listCertificates", () => (isOver ? problem(401, "token-revoked", "this token was revoked") : page([certificate()])));
  const user = await openAs("administrator", "/certificates?status=good");
  await screen.findByRole("table", { name: "Certificates" });
  isOver = true;
  await user.selectOptions(screen.getByLabelText("Status"), "held");
  expect(await screen.findByText(/this token was revoked/)).toBeVisible();
  isOver = false;
  signInAs("administrator");
  await user.click(screen.getByLabelText(/^Token/));
  await user.paste(server.token);
  await user.click(screen.getByRole("button", { name: "Sign in" }));
  expect(await screen.findByRole("heading", { level: 1, name: "Certificates" })).toBeVisible();
  expect(currentAddress()).toBe("/certificates?status=held");
});

test("who signs out leaves nothing behind", async () => {
  server.on("listCertificates", () => page([certificate({ names: ["DNS:secret.internal"] })]));
  const user = await openAs("auditor", "/certificates");
  await screen.findByText("secret.internal");
  await user.click(screen.getByRole("button", { name: "Signed in as me" }));
  await user.click(await screen.findByRole("menuitem", { name: "Sign out" }));
  expect(await screen.findByLabelText(/^Token/)).toHaveValue("");
  expect(screen.queryByText("secret.internal")).not.toBeInTheDocument();
});
