import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { open, openAs, server, session, signInAs } from "../../test/app";
import { problem } from "../../test/server";

const kSession = "5e551011e5e55102";
const kHash = `abcd0123${"e".repeat(56)}`;

test("the code is compared, and then the command line is signed in as who one is", async () => {
  server.on("approveSession", () => ({ body: session({ session: kSession, method: "approved" }) }));
  const user = openAs("agent", `/approve#${kSession}.${kHash}`);
  expect(await screen.findByLabelText("Code to compare")).toHaveTextContent("abcd-0123");
  expect(screen.getByText(/Alice, agent/)).toBeVisible();
  expect(server.askedFor("approveSession")).toEqual([]); // nothing happens by opening the page
  await user.click(screen.getByRole("button", { name: /The code is the same/ }));
  expect(await screen.findByText("The command line is signed in")).toBeVisible();
  expect(server.askedFor("approveSession")[0]!.body).toEqual({ session: kSession, secret_sha256: kHash });
});

test("who is not signed in signs in first, and is then asked", async () => {
  const user = open(`/approve#${kSession}.${kHash}`);
  server.on("signIn", () => {
    signInAs("auditor");
    return { status: 201, body: { session: session(), position: "0.43" } };
  });
  await user.type(await screen.findByLabelText(/^User/), "alice");
  await user.type(screen.getByLabelText(/^Password/), "correct horse{Enter}");
  expect(await screen.findByLabelText("Code to compare")).toHaveTextContent("abcd-0123");
});

test("what is refused is said", async () => {
  server.on("approveSession", () => problem(409, "session-exists", "it was approved before"));
  const user = openAs("auditor", `/approve#${kSession}.${kHash}`);
  await user.click(await screen.findByRole("button", { name: /The code is the same/ }));
  expect(await screen.findByText("it was approved before")).toBeVisible();
});

test("half an address asks for nothing", async () => {
  openAs("auditor", `/approve#${kSession}.abcd`);
  expect(await screen.findByText("This address is not whole")).toBeVisible();
  expect(screen.queryByRole("button", { name: /The code is the same/ })).not.toBeInTheDocument();
});
