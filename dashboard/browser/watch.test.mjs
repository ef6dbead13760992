// What the page says when something is not as it should be: a view that rests, a server that is killed, a session that nobody
// uses, a node that missed its renewal; and what was so at a moment that is past.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startBrowser } from "./browser.mjs";

const kPassword = "correct horse battery";
let b, ca, administrator;

before(async () => {
  b = await startBrowser({ settings: { idle: "1m" }, withHooks: true });
  ({ ca } = b);
  administrator = ca.token("me", "administrator");
});
after(() => b?.stop());

async function openAs(token, path) {
  const page = await b.open(path);
  await page.getByRole("button", { name: "With an API token" }).click();
  await page.locator("#token").fill(token);
  await page.keyboard.press("Enter");
  await page.locator("#content h1").waitFor();
  return page;
}

test("a past moment: what was revoked since was good then, and the export of that moment says so, too", async () => {
  const { serial, position } = ca.issue("then.internal", "--service", "then");
  ca.cli("revoke", serial, "--reason", "superseded");
  const page = await openAs(administrator, `/certificates?service=then&as_of=${position}`);
  const row = page.getByRole("table", { name: "Certificates" }).locator("tbody tr", { hasText: "then.internal" });
  await row.getByText("valid", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Export" }).click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: "CSV, for spreadsheets" }).click()]);
  const path = join(ca.directory, "then.csv");
  await download.saveAs(path);
  const status = execFileSync("python3", ["-c", "import csv, sys; print([row['status'] for row in csv.DictReader(open(sys.argv[1]))])", path], { encoding: "utf8" });
  assert.equal(status.trim(), "['good']");
  await row.getByRole("link", { name: "then.internal" }).click();
  await b.heading(page, /then\.internal\s+valid/);
  assert.equal(await page.getByRole("button", { name: "Revoke", exact: true }).count(), 0); // nothing is done to the past
  assert.deepEqual(await b.findings(page), []);
  await page.getByRole("button", { name: "Back to now" }).click();
  await b.heading(page, /then\.internal\s+revoked/);
  await page.getByRole("tab", { name: "History" }).click();
  await page.getByText("Revoked", { exact: true }).waitFor();
  await page.getByRole("link", { name: "as it was then" }).first().click();
  await b.heading(page, /then\.internal\s+valid/);
  await b.done(page);
});

test("each filter's values with their numbers, and the numbers are those of the list", async () => {
  for (const node of ["rack-1", "rack-2"]) {
    mkdirSync(join(ca.directory, node), { recursive: true });
    ca.issue("count.internal", "--service", "counted", "--node", node, "--out", join(ca.directory, node));
  }
  const page = await openAs(administrator, "/certificates");
  await page.getByRole("button", { name: "Filter", exact: true }).click();
  await page.getByLabel("By").selectOption("service");
  const value = page.getByRole("list", { name: "Service" }).getByRole("listitem").filter({ hasText: "counted" });
  assert.match(await value.innerText(), /counted\s+2$/);
  await value.getByRole("button").click();
  await page.getByText("2 certificates, newest first").waitFor();
  assert.equal(new URL(page.url()).search, "?service=counted");
  await b.done(page);
});

test("lineage: the node that has none is first, in words, and the other covered", async () => {
  const first = join(ca.directory, "short");
  mkdirSync(first);
  ca.issue("gap.internal", "--service", "gaps", "--node", "rack-1");
  const { serial } = ca.issue("gap.internal", "--service", "gaps", "--node", "rack-2", "--out", first);
  ca.cli("revoke", serial, "--reason", "cessationOfOperation");
  const page = await openAs(administrator, "/lineage?service=gaps");
  const lanes = page.getByRole("list", { name: /Lanes/ }).locator("> li");
  await lanes.first().getByText("without a certificate").waitFor();
  assert.match(await lanes.first().innerText(), /rack-2/);
  // Renewed in time, there is a gap behind it.
  await new Promise((done) => setTimeout(done, 2000));
  const again = join(ca.directory, "again");
  mkdirSync(again);
  ca.issue("gap.internal", "--service", "gaps", "--node", "rack-2", "--out", again);
  await lanes.filter({ hasText: "rack-2" }).getByText("covered").waitFor();
  await b.done(page);
});

test("the CRL and the responder: what the page says of them is what openssl reads", async () => {
  const { serial } = ca.issue("asked.internal");
  const page = await openAs(administrator, "/health");
  const card = page.locator(".pf-v6-c-card", { has: page.getByRole("heading", { level: 2, name: /CRL of issuing-1/ }) });
  await card.getByText("current").waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), card.getByRole("link", { name: "CRL (DER)" }).click()]);
  const path = join(ca.directory, "health.crl");
  await download.saveAs(path);
  const number = execFileSync("openssl", ["crl", "-inform", "DER", "-in", path, "-noout", "-crlnumber"], { encoding: "utf8" }).trim().split("=")[1];
  await card.getByText(`${BigInt(number.startsWith("0x") ? number : `0x${number}`)}: it lacks nothing`, { exact: false }).waitFor();
  await page.getByLabel("Serial, fingerprint or name").fill(serial);
  await page.keyboard.press("Enter");
  const said = page.getByRole("list", { name: "What OCSP says" });
  await said.getByText("good", { exact: true }).waitFor();
  assert.equal(ca.ocsp("asked.internal.crt"), "good");
  ca.cli("revoke", serial, "--reason", "superseded");
  await page.getByLabel("Serial, fingerprint or name").fill("asked.internal");
  await page.keyboard.press("Enter");
  await said.getByText("revoked", { exact: true }).waitFor();
  assert.deepEqual(await b.findings(page), []);
  await b.done(page);
});

test("a view that rests: the lamp turns, the header counts, and both are well again", async () => {
  const page = await openAs(administrator, "/system");
  const card = page.locator(".pf-v6-c-card", { has: page.getByRole("heading", { level: 2, name: /inventory, and the log/ }) });
  await card.getByText("current", { exact: true }).waitFor();
  ca.hook("pause-projection");
  try {
    ca.token("unseen", "auditor"); // an event that no view folds
    await card.getByText("behind", { exact: true }).waitFor();
    await card.getByText(/^[1-9]\d* events?$/).waitFor();
    assert.deepEqual(await b.findings(page), []);
    await page.getByRole("link", { name: "Overview" }).click();
    await page.getByRole("link", { name: "The inventory" }).waitFor();
    await page.getByLabel("Freshness").getByText(/behind: \d+/).waitFor();
  } finally {
    ca.hook("resume-projection");
  }
  await page.getByRole("link", { name: "The inventory" }).waitFor({ state: "detached" });
  await page.getByLabel("Freshness").getByText(/behind:/).waitFor({ state: "detached" });
  await b.done(page);
});

test("kill -9 while the page is open: what was shown stays, it says so, and what comes after the restart is seen", async () => {
  const page = await openAs(administrator, "/certificates");
  await page.getByRole("link", { name: "gap.internal" }).first().waitFor();
  await ca.down("SIGKILL");
  await page.getByLabel("Status").selectOption("good");
  await page.getByText(/server not reached/).waitFor();
  await ca.up();
  ca.issue("after-kill.internal");
  await page.getByLabel("Status").selectOption("");
  await page.locator("#certificate-search").fill("after-kill.internal");
  await page.getByRole("link", { name: "after-kill.internal" }).waitFor();
  await page.getByText(/server not reached/).waitFor({ state: "detached" });
  await b.done(page);
});

test("the order of the focus: skip link, then what is around, then the screen from top to bottom", async () => {
  const page = await openAs(administrator, "/certificates");
  await page.getByRole("link", { name: "gap.internal" }).first().waitFor();
  await page.evaluate(() => {
    document.activeElement?.blur();
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute("tabindex");
  });
  const names = [];
  for (let step = 0; step < 40; ++step) {
    await page.keyboard.press("Tab");
    names.push(await page.evaluate(() => document.activeElement.getAttribute("aria-label") ?? document.activeElement.innerText.trim().split("\n")[0]));
  }
  const expected = ["Skip to content", "Navigation", "Keyboard", "Theme", "Overview", "Certificates", "Issue", "Export", "Copy as command", "Search", "Status", "Ends", "Filter", "As of…", "Certificates, scrolls"];
  const at = expected.map((name) => names.indexOf(name));
  assert.ok(at.every((index) => index >= 0), `not reached: ${expected.filter((_, index) => at[index] < 0)} of ${names}`);
  assert.deepEqual([...at].sort((x, y) => x - y), at, names.join(" > "));
  // A dialog takes the focus, keeps it, and gives it back.
  await page.getByRole("button", { name: "Issue", exact: true }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  for (let step = 0; step < 25; ++step) {
    await page.keyboard.press("Tab");
    assert.ok(await page.evaluate(() => document.querySelector("[role=dialog]").contains(document.activeElement)), "the focus left the dialog");
  }
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement.innerText.trim()), "Issue");
  await b.done(page);
});

test("a session that nobody uses: it is said before, and ends; whoever signs in is where they were", async () => {
  const { one_time_url } = JSON.parse(ca.cli("user", "create", "alice", "--role", "administrator", "--name", "Alice", "-o", "json"));
  const page = await b.open(`/${ca.link(one_time_url)}`);
  await page.getByLabel("New password").fill(kPassword);
  await page.getByLabel("The same again").fill(kPassword);
  await page.getByRole("button", { name: "Set the password" }).click();
  await page.locator("#content h1").waitFor();
  await page.getByText("Your session ends").waitFor(); // less is left than the notice needs
  await page.getByRole("button", { name: "Stay signed in" }).click();
  await page.keyboard.press("g");
  await page.keyboard.press("h");
  await b.heading(page, "CRL and OCSP");
  await page.getByText("The session has ended").waitFor({ timeout: 180_000 });
  assert.deepEqual(await b.findings(page), []);
  assert.equal(await page.evaluate(async () => (await fetch("/v1/me")).status), 401);
  await page.getByLabel("User").fill("alice");
  await page.getByLabel("Password").fill(kPassword);
  await page.keyboard.press("Enter");
  await b.heading(page, "CRL and OCSP");
  await b.done(page);
});

test("the policy refused nothing in all of this", () => {
  assert.deepEqual(b.policyMessages, []);
});
