import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Session } from "../../api/types";
import { currentAddress, inDays, openAs, server, session } from "../../test/app";

const own = session();
const bobs = session({ session: "b".repeat(16), user: "acme:bob", name: "Bob", method: "directory", provider: "acme", role: "requester", failures: 3, current: false });
const over = session({ session: "c".repeat(16), user: "local:carol", name: "Carol", current: false, status: "ended", ended: inDays(-1) });
const sessionsAre = (...sessions: Session[]) => server.on("listSessions", () => ({ body: { sessions, position: `0.${server.position}`, age_seconds: 0.2 } }));

test("who is signed in, how, and after how many failures; what has ended is behind a choice that the address keeps", async () => {
  sessionsAre(own, bobs, over);
  const user = openAs("auditor", "/sessions");
  const row = (await screen.findByText("acme:bob", { selector: "code" })).closest("tr")!;
  expect(row).toHaveTextContent("by a directory (acme)");
  expect(row).toHaveTextContent("after 3 failed attempts");
  expect(screen.queryByText("Carol")).not.toBeInTheDocument();
  await user.selectOptions(screen.getByLabelText("Which"), "all");
  expect((await screen.findByText("local:carol", { selector: "code" })).closest("tr")).toHaveTextContent("ended");
  expect(currentAddress()).toBe("/sessions?which=all");
  await user.selectOptions(screen.getByLabelText("User"), "acme:bob");
  await waitFor(() => expect(server.askedFor("listSessions").at(-1)!.query).toEqual({ user: "acme:bob" }));
  // He sees all of them, and may end his own.
  expect(screen.getAllByRole("button", { name: /^End the session of|^Sign out$|^Actions for the session/ })).toHaveLength(1);
});

test("an administrator ends another's session, or disables who has it", async () => {
  sessionsAre(own, bobs);
  const user = openAs("administrator", "/sessions");
  await user.click(await screen.findByRole("button", { name: "Actions for the session of Bob" }));
  await user.click(await screen.findByRole("menuitem", { name: "End the session" }));
  await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "End it" }));
  await waitFor(() => expect(server.askedFor("endSession").map(({ parameters }) => parameters[0])).toEqual([bobs.session]));
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  await user.click(await screen.findByRole("button", { name: "Actions for the session of Bob" }));
  await user.click(await screen.findByRole("menuitem", { name: "Disable the user" }));
  await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Disable" }));
  await waitFor(() => expect(server.askedFor("disableUser").map(({ parameters }) => parameters[0])).toEqual(["acme:bob"]));
});

test("ending the session that one is here by is signing out", async () => {
  sessionsAre(own);
  const user = openAs("requester", "/sessions");
  await user.click(await screen.findByRole("button", { name: "Sign out" }));
  await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Sign out" }));
  expect(await screen.findByLabelText(/^Password/)).toBeVisible();
  expect(server.askedFor("endSession").map(({ path }) => path)).toEqual(["/v1/sessions/current"]);
});
