import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Rule } from "../../api/types";
import { openAs, server } from "../../test/app";
import { schemaExample } from "../../test/examples";
import { problem } from "../../test/server";

const rule = (changes: Partial<Rule> = {}) => schemaExample<Rule>("Rule", { rule: "admins", provider: "acme", when: ["groups=pki-admins"], role: "administrator", profiles: [], names: [], ...changes });
const rulesAre = (...rules: Rule[]) => server.on("listRules", () => ({ body: { rules, position: `0.${server.position}`, age_seconds: 0.2 } }));

test("what holds for whom; an auditor tries rules and changes none", async () => {
  rulesAre(rule(), rule({ rule: "ci", provider: "github", when: ["repository_id=12", "ref=refs/heads/main"], role: "requester", names: ["*.ci.internal"], profiles: ["tls-server"] }));
  server.on("testRules", () => ({ body: { matches: ["admins"], role: "administrator", profiles: ["*"], names: ["*"] } }));
  const user = openAs("auditor", "/rules");
  const row = (await screen.findByText("repository_id=12")).closest("tr")!;
  expect(row).toHaveTextContent("ref=refs/heads/main");
  expect(row).toHaveTextContent("*.ci.internal");
  expect(screen.queryByRole("button", { name: /Actions for|Add a rule/ })).not.toBeInTheDocument();
  await user.type(screen.getByLabelText("What the provider says of them"), "groups=pki-admins\ngroups=staff\nemail=a=b@example.com");
  await user.click(screen.getByRole("button", { name: "Try the rules" }));
  expect(await screen.findByText("Let in as administrator, by admins")).toBeVisible();
  expect(server.askedFor("testRules")[0]!.body).toEqual({ provider: "acme", claims: ["groups=pki-admins", "groups=staff", "email=a=b@example.com"] });
  // Another question has no answer yet.
  await user.type(screen.getByLabelText("What the provider says of them"), "x");
  await waitFor(() => expect(screen.queryByText(/Let in as/)).not.toBeInTheDocument());
});

test("a dry run that lets nobody in is an answer; roles that exclude each other are a problem with their names", async () => {
  rulesAre(rule());
  server.on("testRules", () => problem(422, "no-rule-matches", "no rule of acme holds"));
  const user = openAs("administrator", "/rules");
  await user.type(await screen.findByLabelText("What the provider says of them"), "groups=others");
  await user.click(screen.getByRole("button", { name: "Try the rules" }));
  expect(await screen.findByText("Not let in: no rule holds")).toBeVisible();
  server.on("testRules", () => problem(422, "roles-exclude", "rules admins and watchers exclude each other"));
  await user.click(screen.getByRole("button", { name: "Try the rules" }));
  expect(await screen.findByText("rules admins and watchers exclude each other")).toBeVisible();
});

test("a rule is added; what is no claim and value is said before it is sent", async () => {
  rulesAre();
  server.on("signInWays", () => ({ body: { banner: null, ways: [{ way: "directory", provider: "acme" }] } }));
  const user = openAs("administrator", "/rules");
  expect(await screen.findByText(/quicklime rule set admins --provider acme --when groups=pki-admins --role administrator/)).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Add a rule" }));
  const dialog = within(await screen.findByRole("dialog"));
  await user.type(dialog.getByLabelText(/^Name of the rule/), "agents");
  expect(dialog.getByLabelText(/^Provider/)).toHaveValue("acme");
  await user.type(dialog.getByLabelText(/^When all of these hold/), "pki-agents");
  expect(dialog.getByText(/This is no claim and value/)).toBeVisible();
  await user.clear(dialog.getByLabelText(/^When all of these hold/));
  await user.type(dialog.getByLabelText(/^When all of these hold/), "groups=pki-agents");
  await user.selectOptions(dialog.getByLabelText("Role"), "agent");
  await user.click(dialog.getByRole("button", { name: "Add" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  expect(server.askedFor("setRule")[0]).toMatchObject({ parameters: ["agents"], body: { provider: "acme", when: ["groups=pki-agents"], role: "agent" } });
});

test("a rule that is there is changed, or replaced with a warning, or removed", async () => {
  rulesAre(rule());
  const user = openAs("administrator", "/rules");
  await user.click(await screen.findByRole("button", { name: "Add a rule" }));
  await user.type(await screen.findByLabelText(/^Name of the rule/), "admins");
  expect(screen.getByText(/this one takes its place/)).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Cancel" }));

  await user.click(await screen.findByRole("button", { name: "Actions for admins" }));
  await user.click(await screen.findByRole("menuitem", { name: "Change" }));
  expect(await screen.findByLabelText(/^When all of these hold/)).toHaveValue("groups=pki-admins");
  await user.click(screen.getByRole("button", { name: "Cancel" }));

  await user.click(await screen.findByRole("button", { name: "Actions for admins" }));
  await user.click(await screen.findByRole("menuitem", { name: "Remove" }));
  await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Remove" }));
  await waitFor(() => expect(server.askedFor("removeRule").map(({ parameters }) => parameters[0])).toEqual(["admins"]));
});
