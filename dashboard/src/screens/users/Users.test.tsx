import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { User } from "../../api/types";
import { inDays, openAs, server } from "../../test/app";
import { schemaExample } from "../../test/examples";
import { problem } from "../../test/server";

const person = (changes: Partial<User> = {}) => schemaExample<User>("User", { user: "local:bob", name: "Bob", role: "requester", profiles: ["tls-server"], names: ["*.load.internal"], enabled: true, has_password: true, created: inDays(-3), changed: inDays(-3), ...changes });
const alice = person({ user: "local:alice", name: "Alice", role: "administrator", profiles: [], names: [] });
const bob = person();
const link = { one_time: "qlk_secret", one_time_url: "https://ca.example:8443/ui/#one-time=qlk_secret", one_time_not_after: inDays(1) };
const usersAre = (...users: User[]) => server.on("listUsers", () => ({ body: { users, position: `0.${server.position}`, age_seconds: 0.2 } }));
const rowOf = async (name: string) => (await screen.findByText(name, { exact: false, selector: "td" })).closest("tr")!;
const choose = async (user: ReturnType<typeof openAs>, name: string, item: string) => {
  await user.click(await screen.findByRole("button", { name: `Actions for ${name}` }));
  await user.click(await screen.findByRole("menuitem", { name: item }));
};

test("who there is, what they may, and who is not let in; nobody acts on themselves", async () => {
  usersAre(alice, bob, schemaExample<User>("User", { user: "acme:eve", enabled: false }), person({ user: "local:new", name: "New", has_password: false }));
  openAs("administrator", "/users");
  expect(await rowOf("Bob")).toHaveTextContent("*.load.internal");
  expect(within(await rowOf("acme:eve")).getByText("disabled")).toBeVisible();
  expect(within(await rowOf("New")).getByText("no password yet")).toBeVisible();
  expect(await rowOf("Alice")).toHaveTextContent("this is you");
  expect(screen.queryByRole("button", { name: "Actions for Alice" })).not.toBeInTheDocument();
});

test("an auditor sees and changes nothing", async () => {
  usersAre(alice, bob);
  openAs("auditor", "/users", [], { user: "local:olga", name: "Olga" });
  await rowOf("Bob");
  expect(screen.queryByRole("button", { name: /Actions for/ })).not.toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "Create a user" })).not.toBeInTheDocument();
});

test("a user is made, and the link to a password is shown once", async () => {
  usersAre(alice);
  server.on("createUser", () => ({ status: 201, body: { ...bob, ...link } }));
  const user = openAs("administrator", "/users");
  await user.click(await screen.findByRole("button", { name: "Create a user" }));
  await user.type(await screen.findByLabelText(/^User /), "bob");
  await user.type(screen.getByLabelText(/^Name$/), "Bob");
  expect(screen.getByRole("button", { name: "Create" })).toBeDisabled();
  await user.type(screen.getByLabelText(/^Names to ask for/), "*.load.internal");
  await user.click(screen.getByRole("button", { name: "Create" }));
  expect(await screen.findByText("https://ca.example:8443/ui/#one-time=qlk_secret")).toBeVisible();
  expect(server.askedFor("createUser")[0]!.body).toEqual({ user: "bob", name: "Bob", role: "requester", profiles: ["tls-server"], names: ["*.load.internal"] });
  await user.click(screen.getByRole("button", { name: "I have it" }));
  await waitFor(() => expect(document.body.innerHTML).not.toContain("qlk_secret"));
});

test("a name that is taken is refused in the server's words, and the dialog stays", async () => {
  usersAre(alice);
  server.on("createUser", () => problem(409, "user-exists", "there is an alice"));
  const user = openAs("administrator", "/users");
  await user.click(await screen.findByRole("button", { name: "Create a user" }));
  await user.type(await screen.findByLabelText(/^User /), "alice");
  await user.selectOptions(screen.getByLabelText("Role"), "auditor");
  await user.click(screen.getByRole("button", { name: "Create" }));
  expect(await screen.findByText("there is an alice")).toBeVisible();
  expect(screen.getByLabelText(/^User /)).toHaveValue("alice");
});

test("what somebody may is changed, and a requester's names do not stay with another role", async () => {
  usersAre(alice, bob);
  const user = openAs("administrator", "/users");
  await choose(user, "Bob", "Change what they may");
  expect(await screen.findByLabelText(/^Names to ask for/)).toHaveValue("*.load.internal");
  await user.selectOptions(screen.getByLabelText("Role"), "agent");
  await user.click(screen.getByRole("button", { name: "Change" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  expect(server.askedFor("grantUser")[0]).toMatchObject({ parameters: ["local:bob"], body: { role: "agent" } });
});

test("disabling, after the change the list is asked for again and lacks nothing of it", async () => {
  usersAre(alice, bob);
  server.on("disableUser", () => {
    server.position = 50;
    usersAre(alice, person({ enabled: false }));
    return { body: person({ enabled: false }) };
  });
  const user = openAs("administrator", "/users");
  await choose(user, "Bob", "Disable");
  const dialog = await screen.findByRole("dialog");
  expect(within(dialog).getByText(/All their sessions end/)).toBeVisible();
  await user.click(within(dialog).getByRole("button", { name: "Disable" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  expect(await within(await rowOf("Bob")).findByText("disabled")).toBeVisible();
  expect(server.askedFor("listUsers").at(-1)!.headers.get("Quicklime-Min-Position")).toBe("0.50");
});

test("a new link for somebody who has forgotten the password", async () => {
  usersAre(alice, bob);
  server.on("oneTimeUrl", () => ({ body: link }));
  const user = openAs("administrator", "/users");
  await choose(user, "Bob", "New link to set a password");
  await user.click(await screen.findByRole("button", { name: "Make the link" }));
  expect(await screen.findByText(link.one_time_url)).toBeVisible();
  expect(server.askedFor("oneTimeUrl")[0]!.parameters).toEqual(["local:bob"]);
});

test("with nobody yet it says what a user is, and the command with the real host", async () => {
  usersAre();
  openAs("administrator", "/users");
  expect(await screen.findByText(/quicklime user create alice .*--server https:\/\/ca.example:8443/)).toBeVisible();
});
