import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import type { User } from "../../api/types";
import { inDays, open, openAs, server, session, signInAs } from "../../test/app";
import { schemaExample } from "../../test/examples";
import { problem } from "../../test/server";

const kPassword = "correct horse battery";
const bootstrap = { method: "one-time", user: "one-time:0011223344556677", name: "administrator" } as const;

// A server that has nobody yet: each sign-in says who one is from now on.
function fromNothing() {
  server.on("signIn", ({ body }) => {
    const shown = body as { one_time?: string; password?: string };
    if (shown.one_time === "qlk_first") signInAs("administrator", [], bootstrap);
    else if (shown.one_time === "qlk_own") signInAs("administrator", [], { method: "one-time", user: "local:alice", name: "Alice" });
    else if (shown.password === kPassword) signInAs("administrator", [], { user: "local:alice", name: "Alice" });
    else return problem(401, "sign-in-failed", "no");
    return { status: 201, body: { session: session(), position: "0.43" } };
  });
  server.on("createUser", () => ({ status: 201, body: { ...schemaExample<User>("User", { user: "local:alice" }), one_time: "qlk_own", one_time_url: "", one_time_not_after: inDays(1) } }));
}

test("the link of `up` makes the first administrator: account, password, and in by it", async () => {
  fromNothing();
  const user = open("/", "qlk_first");
  await user.type(await screen.findByLabelText(/^User/), "alice");
  await user.type(screen.getByLabelText(/^Name/), "Alice");
  await user.type(screen.getByLabelText(/^New password/), kPassword);
  expect(screen.getByRole("button", { name: "Make the administrator" })).toBeDisabled();
  await user.type(screen.getByLabelText(/^The same again/), kPassword);
  await user.click(screen.getByRole("button", { name: "Make the administrator" }));
  expect(await screen.findByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  expect(screen.getByRole("button", { name: "Signed in as Alice" })).toBeVisible();
  expect(server.askedFor("createUser")[0]!.body).toEqual({ user: "alice", name: "Alice", role: "administrator" });
  expect(server.askedFor("setPassword")[0]).toMatchObject({ parameters: ["local:alice"], body: { password: kPassword } });
  expect(server.askedFor("signIn").map(({ body }) => (body as { one_time?: string }).one_time)).toEqual(["qlk_first", "qlk_own", undefined]);
});

test("what fails half way goes on where it was, and makes nobody twice", async () => {
  fromNothing();
  let isRefused = true;
  server.on("setPassword", () => (isRefused ? problem(503, "log-unavailable", "nothing can be written") : undefined));
  const user = open("/", "qlk_first");
  await user.type(await screen.findByLabelText(/^User/), "alice");
  await user.type(screen.getByLabelText(/^New password/), kPassword);
  await user.type(screen.getByLabelText(/^The same again/), `${kPassword}{Enter}`);
  expect(await screen.findByText("nothing can be written")).toBeVisible();
  isRefused = false;
  await user.click(screen.getByRole("button", { name: "Make the administrator" }));
  expect(await screen.findByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  expect(server.askedFor("createUser")).toHaveLength(1);
});

test("an administrator who is in by the link of the machine may go on without an account", async () => {
  const user = openAs("administrator", "/", [], bootstrap);
  await user.click(await screen.findByRole("button", { name: "Go on without" }));
  expect(await screen.findByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
});

test("a new user's link leads to setting the password, also after a reload, and nowhere before", async () => {
  const user = openAs("requester", "/certificates", [], { method: "one-time", user: "local:bob", name: "Bob" });
  expect(await screen.findByText("Bob")).toBeVisible();
  await user.type(screen.getByLabelText(/^New password/), "short");
  expect(screen.getByText(/this has 5/)).toBeVisible();
  await user.clear(screen.getByLabelText(/^New password/));
  await user.type(screen.getByLabelText(/^New password/), kPassword);
  await user.type(screen.getByLabelText(/^The same again/), kPassword);
  server.on("signIn", () => {
    signInAs("requester", [], { user: "local:bob", name: "Bob" });
    return { status: 201, body: { session: session(), position: "0.43" } };
  });
  await user.click(screen.getByRole("button", { name: "Set the password" }));
  expect(await screen.findByRole("heading", { level: 1, name: "Certificates" })).toBeVisible();
  expect(server.askedFor("setPassword")[0]).toMatchObject({ parameters: ["local:bob"], body: { password: kPassword } });
  await waitFor(() => expect(screen.queryByLabelText(/^New password/)).not.toBeInTheDocument());
});
