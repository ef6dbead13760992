// How people come in, what they are to each other, and how they go: in a real browser, against a real CA.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { startBrowser } from "./browser.mjs";

const kPassword = "correct horse battery";
let b;

before(async () => {
  b = await startBrowser();
});
after(() => b?.stop());

const byName = async (page, user, password = kPassword) => {
  await page.getByLabel("User").fill(user);
  await page.getByLabel("Password").fill(password);
  await page.keyboard.press("Enter");
};
const openAsPerson = async (user, path, password) => {
  const page = await b.open(path);
  await byName(page, user, password);
  await page.locator("#content h1").waitFor();
  return page;
};
const setPasswordBy = async (url, password = kPassword) => {
  const page = await b.open(`/${b.ca.link(url)}`);
  await page.getByLabel("New password").fill(password);
  await page.getByLabel("The same again").fill(password);
  await page.getByRole("button", { name: "Set the password" }).click();
  await page.locator("#content h1").waitFor();
  return page;
};
const rowAction = async (page, name, item) => {
  await page.getByRole("button", { name: `Actions for ${name}` }).click();
  await page.getByRole("menuitem", { name: item }).click();
};

test("from nothing: the link of the machine makes the first administrator, once", async () => {
  const url = b.ca.cli("login", "--url").trim().split("\n").at(-1);
  const page = await b.open(`/${b.ca.link(url)}`);
  await b.heading(page, "Quicklime");
  assert.equal(new URL(page.url()).hash, "");
  assert.deepEqual(await b.findings(page), []);
  await page.getByLabel("User").fill("alice");
  await page.getByLabel("Name", { exact: true }).fill("Alice Example");
  await page.getByLabel("New password").fill(kPassword);
  await page.getByLabel("The same again").fill(kPassword);
  await page.getByRole("button", { name: "Make the administrator" }).click();
  await b.heading(page, "Overview");
  await page.getByRole("button", { name: "Signed in as Alice Example" }).waitFor();
  // The cookie is nothing to scripts, and nothing is stored.
  const [cookie] = (await page.context().cookies()).filter(({ name }) => name === "__Host-quicklime");
  assert.deepEqual([cookie.httpOnly, cookie.secure, cookie.sameSite], [true, true, "Strict"]);
  assert.equal(await page.evaluate(() => document.cookie), "");
  assert.doesNotMatch(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage })), /qls_|qlk_|horse/);
  // A reload goes on; another browser with the same link does not come in.
  await page.reload();
  await b.heading(page, "Overview");
  const other = await b.open(`/${b.ca.link(url)}`);
  await other.getByText("this one-time URL was used before", { exact: false }).waitFor();
  await b.done(other);
  await b.done(page);
});

test("a wrong password is refused, the right one goes to where the address says", async () => {
  const page = await b.open("/authorities");
  await byName(page, "alice", "wrong horse battery");
  await page.getByRole("link", { name: /sign-in-failed/ }).waitFor();
  assert.deepEqual(await b.findings(page), []);
  await byName(page, "alice");
  await b.heading(page, "Authorities");
  await b.done(page);
});

test("an administrator makes a requester, who sets a password, and sees no button that would be refused", async () => {
  const alice = await openAsPerson("alice", "/users");
  await alice.getByRole("button", { name: "Create a user" }).click();
  const dialog = alice.getByRole("dialog");
  await dialog.getByRole("textbox", { name: /^User/ }).fill("bob");
  await dialog.getByLabel("Name", { exact: true }).fill("Bob");
  await dialog.getByLabel("Names to ask for").fill("**.bob.internal");
  assert.deepEqual(await b.findings(alice), []);
  await dialog.getByRole("button", { name: "Create", exact: true }).click();
  const url = await alice.getByText(/#one-time=qlk_/).innerText();
  await alice.getByRole("button", { name: "I have it" }).click();
  await alice.getByText("no password yet").waitFor();
  const bob = await setPasswordBy(url);
  await bob.getByRole("button", { name: "Signed in as Bob" }).waitFor();
  const places = await bob.getByRole("navigation", { name: "Screens" }).getByRole("link").allInnerTexts();
  assert.deepEqual(places.filter((place) => ["Users", "Rules", "Tokens", "Live events"].includes(place)), []);
  // What the page does not offer the server refuses, too.
  assert.equal(await bob.evaluate(async () => (await fetch("/v1/users")).status), 403);
  await b.done(bob);
  await b.done(alice);
});

test("an agent revokes and makes no users; a role that is changed ends the session, and signing in again is on the same screen", async () => {
  const made = JSON.parse(b.ca.cli("user", "create", "gina", "--role", "agent", "--name", "Gina", "-o", "json"));
  const gina = await setPasswordBy(made.one_time_url);
  const { serial } = b.ca.issue("agent.internal");
  await gina.goto(`${b.front.url}/ui/certificates/${serial}`);
  await gina.getByRole("button", { name: "Revoke", exact: true }).click();
  await gina.getByRole("dialog").getByRole("button", { name: "Revoke", exact: true }).click();
  await gina.getByText("This page shows it").waitFor();
  assert.equal(b.ca.ocsp("agent.internal.crt"), "revoked");
  assert.equal(await gina.getByRole("link", { name: "Users" }).count(), 0);
  await gina.goto(`${b.front.url}/ui/certificates?status=revoked`);
  await gina.getByRole("link", { name: "agent.internal" }).waitFor();

  const alice = await openAsPerson("alice", "/users");
  await rowAction(alice, "Gina", "Change what they may");
  await alice.getByLabel("Role").selectOption("auditor");
  await alice.getByRole("dialog").getByRole("button", { name: "Change", exact: true }).click();
  await alice.getByRole("dialog").waitFor({ state: "detached" });

  await gina.getByLabel("Status").selectOption("good");
  await gina.getByText("The session has ended").waitFor();
  await byName(gina, "gina");
  await b.heading(gina, "Certificates");
  assert.equal(new URL(gina.url()).search, "?status=good");
  assert.equal(await gina.getByRole("button", { name: "Issue", exact: true }).count(), 0);
  await b.done(gina);
  await b.done(alice);
});

test("whoever is disabled is out at once, and in again when enabled", async () => {
  const bob = await openAsPerson("bob", "/certificates");
  const alice = await openAsPerson("alice", "/users");
  await rowAction(alice, "Bob", "Disable");
  await alice.getByRole("dialog").getByRole("button", { name: "Disable", exact: true }).click();
  await alice.getByText("disabled", { exact: true }).waitFor();
  await bob.getByLabel("Status").selectOption("held");
  await bob.getByText("The session has ended").waitFor();
  await byName(bob, "bob");
  await bob.getByRole("link", { name: /sign-in-failed/ }).waitFor();
  await rowAction(alice, "Bob", "Enable");
  await alice.getByRole("dialog").getByRole("button", { name: "Enable", exact: true }).click();
  await alice.getByRole("dialog").waitFor({ state: "detached" });
  await byName(bob, "bob");
  await b.heading(bob, "Certificates");
  await b.done(bob);
  await b.done(alice);
});

test("sessions are seen and ended; who signs out is out on the server", async () => {
  const bob = await openAsPerson("bob", "/sessions");
  await bob.getByText("(this browser)").waitFor();
  const alice = await openAsPerson("alice", "/sessions?user=local:bob");
  await alice.getByRole("button", { name: "Actions for the session of Bob" }).first().waitFor();
  for (let left = await alice.getByRole("button", { name: "Actions for the session of Bob" }).count(); left > 0; --left) {
    await alice.getByRole("button", { name: "Actions for the session of Bob" }).first().click();
    await alice.getByRole("menuitem", { name: "End the session" }).click();
    await alice.getByRole("dialog").getByRole("button", { name: "End it" }).click();
    await alice.getByRole("dialog").waitFor({ state: "detached" });
  }
  await bob.getByLabel("Which").selectOption("all");
  await bob.reload();
  await bob.getByLabel("Password").waitFor();
  await b.done(bob);

  await alice.getByRole("button", { name: "Signed in as Alice Example" }).click();
  await alice.getByRole("menuitem", { name: "Sign out" }).click();
  await alice.getByLabel("Password").waitFor();
  assert.equal(await alice.evaluate(async () => (await fetch("/v1/me")).status), 401);
  await b.done(alice);
});

test("rules: one is written, tried, and removed", async () => {
  const alice = await openAsPerson("alice", "/rules");
  await alice.getByRole("button", { name: "Add a rule" }).click();
  const dialog = alice.getByRole("dialog");
  await dialog.getByLabel("Name of the rule").fill("admins");
  await dialog.getByLabel("Provider").fill("acme");
  await dialog.getByLabel("When all of these hold").fill("groups=pki-admins");
  await dialog.getByLabel("Role").selectOption("administrator");
  await dialog.getByRole("button", { name: "Add", exact: true }).click();
  await dialog.waitFor({ state: "detached" });
  await alice.getByRole("table", { name: "Rules" }).getByText("groups=pki-admins").waitFor();
  await alice.getByLabel("What the provider says of them").fill("groups=PKI-Admins");
  await alice.getByRole("button", { name: "Try the rules" }).click();
  await alice.getByText("Let in as administrator, by admins").waitFor();
  await alice.getByLabel("What the provider says of them").fill("groups=others");
  await alice.getByRole("button", { name: "Try the rules" }).click();
  await alice.getByText("Not let in: no rule holds").waitFor();
  assert.deepEqual(await b.findings(alice), []);
  await rowAction(alice, "admins", "Remove");
  await alice.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
  await alice.getByText("No rule yet").waitFor();
  await b.done(alice);
});

test("a command line is approved by whoever is signed in, and is nobody before", async () => {
  const secret = "5".repeat(64);
  const session = "0123456789abcdef";
  const hash = createHash("sha256").update(Buffer.from(secret, "hex")).digest("hex");
  const text = `qls_${session}_${secret}`;
  const me = () => b.ca.get("/v1/me", text);
  assert.equal((await me()).title, "Unauthorized");
  const page = await b.open(`/approve#${session}.${hash}`);
  await byName(page, "alice");
  assert.equal(await page.getByLabel("Code to compare").innerText(), `${hash.slice(0, 4)}-${hash.slice(4, 8)}`);
  assert.deepEqual(await b.findings(page), []);
  await page.getByRole("button", { name: /The code is the same/ }).click();
  await page.getByText("The command line is signed in").waitFor();
  assert.equal((await me()).name, "Alice Example");
  await b.done(page);
});

test("a password is changed: the other browser is out, the new one comes in, the old one does not", async () => {
  const here = await openAsPerson("bob", "/certificates");
  const there = await openAsPerson("bob", "/certificates");
  await here.getByRole("button", { name: "Signed in as Bob" }).click();
  await here.getByRole("menuitem", { name: "Change the password" }).click();
  await here.getByLabel("Password until now").fill("not the one");
  await here.getByLabel("New password").fill("another horse battery");
  await here.getByLabel("The same again").fill("another horse battery");
  await here.getByRole("button", { name: "Change", exact: true }).click();
  await here.getByRole("link", { name: /old-password-wrong/ }).waitFor();
  await here.getByLabel("Password until now").fill(kPassword);
  await here.getByRole("button", { name: "Change", exact: true }).click();
  await here.getByRole("dialog").waitFor({ state: "detached" });
  await there.getByLabel("Status").selectOption("held");
  await there.getByText("The session has ended").waitFor();
  await byName(there, "bob");
  await there.getByRole("link", { name: /sign-in-failed/ }).waitFor();
  await byName(there, "bob", "another horse battery");
  await b.heading(there, "Certificates");
  await b.done(here);
  await b.done(there);
});

test("another site's form changes nothing", async () => {
  const alice = await openAsPerson("alice", "/users");
  const [cookie] = (await alice.context().cookies()).filter(({ name }) => name === "__Host-quicklime");
  const post = (site) =>
    execFileSync("curl", ["-sk", "-o", "/dev/null", "-w", "%{http_code}", "-X", "POST", "-H", `Cookie: __Host-quicklime=${cookie.value}`, "-H", `Sec-Fetch-Site: ${site}`, `https://127.0.0.1:${b.ca.port}/v1/sessions/current/extend`], { encoding: "utf8" });
  assert.ok(["401", "403"].includes(post("cross-site")));
  assert.equal(post("same-origin"), "200");
  await b.done(alice);
});

test("people's screens in both themes and on a phone", async () => {
  for (const colorScheme of ["light", "dark"]) {
    const page = await b.open("/users", { colorScheme });
    assert.deepEqual(await b.findings(page), [], `signing in, ${colorScheme}`);
    await page.screenshot({ path: b.picture(`sign-in-${colorScheme}.png`) });
    await byName(page, "alice");
    for (const name of ["Users", "Rules", "Sessions"]) {
      await page.setViewportSize({ width: 1280, height: 860 });
      await page.getByRole("navigation", { name: "Screens" }).getByRole("link", { name }).click();
      await b.heading(page, name);
      await page.locator("main table, main h2").first().waitFor();
      await page.waitForTimeout(400);
      assert.deepEqual(await b.findings(page), [], `${name}, ${colorScheme}`);
      await page.screenshot({ path: b.picture(`${name.toLowerCase()}-${colorScheme}.png`) });
      await page.setViewportSize(b.phone);
      await b.fitsItsWindow(page, name);
      await page.waitForTimeout(400);
      assert.deepEqual(await b.findings(page), [], `${name}, ${colorScheme}, phone`);
    }
    await b.done(page);
  }
});

test("the policy refused nothing in all of this", () => {
  assert.deepEqual(b.policyMessages, []);
});
