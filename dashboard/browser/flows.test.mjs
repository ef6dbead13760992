// What a person does, in a real browser, against a real CA, and what openssl says of it afterwards.
// Needs dist (npm run build), Chromium, and the binary: QUICKLIME_BINARY, else build/dev/bin/quicklime.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startBrowser } from "./browser.mjs";

let b, ca, front, administrator;

before(async () => {
  b = await startBrowser();
  ({ ca, front } = b);
  administrator = ca.token("me", "administrator");
});
after(() => b?.stop());
const open = (path, options) => b.open(path, options);
const heading = (page, name) => b.heading(page, name);
const done = (page) => b.done(page);
const findings = (page) => b.findings(page);
const fitsItsWindow = (page, where) => b.fitsItsWindow(page, where);

async function signIn(page, token = administrator) {
  const field = page.locator("#token");
  if (!(await field.isVisible())) await page.getByRole("button", { name: "With an API token" }).click();
  await field.fill(token);
  await page.keyboard.press("Enter");
}
async function openAs(token, path, options) {
  const page = await open(path, options);
  await signIn(page, token);
  await page.locator("#content h1").waitFor();
  return page;
}
test("signing in: what is refused is explained, what is taken leads to the overview, which teaches the first command", async () => {
  const page = await open("/");
  await signIn(page, `qlk_${"0".repeat(16)}_${"0".repeat(64)}`);
  await page.getByText("this token is not one of ours").waitFor();
  await page.locator("#token").fill("");
  await signIn(page);
  await heading(page, "Overview");
  await page.getByText(`--server ${front.url}`, { exact: false }).first().waitFor();
  assert.equal(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }).includes("qlk_")), false);
  assert.equal(page.url().includes("qlk_"), false);
  await done(page);
});

test("a certificate that the command line issues is seen and found in every form of its serial", async () => {
  const { serial } = ca.issue("api.internal", "10.0.0.7", "--service", "api", "--node", "rack-7");
  const page = await openAs(administrator, "/");
  await page.getByRole("link", { name: "api.internal" }).first().waitFor();
  await page.getByRole("link", { name: "Certificates", exact: true }).click();
  const search = page.locator("#certificate-search");
  const sha256 = execFileSync("openssl", ["x509", "-in", "api.internal.crt", "-noout", "-fingerprint", "-sha256"], { cwd: ca.directory, encoding: "utf8" }).trim().split("=")[1];
  const forms = ["api.internal", "api.int", ".internal", "10.0.0.7", sha256, serial, serial.toUpperCase().match(/../g).join(":"), BigInt(`0x${serial}`).toString()];
  for (const text of forms) {
    await search.fill(text);
    await page.waitForFunction((name) => new URLSearchParams(location.search).get("search") === name, text);
    const link = page.locator(`main a[href="/ui/certificates/${serial}"]`).first();
    await link.waitFor();
    assert.equal(await link.innerText(), "api.internal", text);
  }
  await search.fill("service:api expires<90d");
  await search.press("Enter");
  await page.getByRole("link", { name: "api.internal" }).first().waitFor();
  // The address is the question: opened elsewhere, it is the same.
  const other = await openAs(administrator, new URL(page.url()).pathname.replace("/ui", "") + new URL(page.url()).search);
  await other.getByRole("link", { name: "api.internal" }).first().waitFor();
  await done(other);
  await done(page);
});

test("a certificate is issued for a pasted request, and openssl takes it for one of ours", async () => {
  const openssl = (...words) => execFileSync("openssl", words, { cwd: ca.directory, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/", "-addext", "subjectAltName=DNS:pasted.internal", "-keyout", "pasted.key", "-out", "pasted.pem");
  const page = await openAs(administrator, "/certificates");
  await page.getByRole("button", { name: "Issue", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Request (PKCS#10, PEM)").fill("no request");
  await dialog.getByRole("button", { name: "Issue", exact: true }).click();
  await dialog.getByRole("link", { name: /csr-malformed/ }).waitFor();
  await dialog.getByLabel("Request (PKCS#10, PEM)").fill(ca.read("pasted.pem"));
  await dialog.getByLabel("Days").fill("7");
  await dialog.getByLabel("Service").fill("paste");
  await dialog.getByRole("button", { name: "Issue", exact: true }).click();
  await dialog.getByText(/^qlr_/).waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), dialog.getByRole("button", { name: "Certificate and chain (PEM)" }).click()]);
  const path = join(ca.directory, "pasted.crt");
  await download.saveAs(path);
  assert.match(openssl("x509", "-in", path, "-noout", "-ext", "subjectAltName"), /DNS:pasted\.internal/);
  assert.equal(openssl("x509", "-in", path, "-noout", "-pubkey"), openssl("pkey", "-in", "pasted.key", "-pubout"));
  assert.equal(ca.ocsp("pasted.crt"), "good");
  await dialog.getByRole("button", { name: "I have it" }).click();
  await page.getByRole("link", { name: "pasted.internal" }).waitFor();
  await done(page);
});

test("two people at one certificate: what the other did is shown, and a refusal is in the server's words", async () => {
  const { serial } = ca.issue("shared.internal");
  const first = await openAs(administrator, `/certificates/${serial}`);
  const second = await openAs(administrator, `/certificates/${serial}`);
  await second.getByRole("button", { name: "Hold", exact: true }).click(); // his dialog is open while the other acts
  await first.getByRole("button", { name: "Revoke", exact: true }).click();
  await first.getByRole("dialog").getByRole("button", { name: "Revoke", exact: true }).click();
  await first.getByText("This page shows it").waitFor();
  await second.getByRole("button", { name: "Put on hold" }).click();
  await second.getByRole("dialog").getByText(/revoked/).first().waitFor();
  await second.getByRole("button", { name: "Cancel" }).click();
  await heading(second, /shared\.internal\s+revoked/);
  assert.equal(ca.ocsp("shared.internal.crt"), "revoked");
  await done(first);
  await done(second);
});

test("revoking: openssl hears it of OCSP and reads it in the CRL", async () => {
  const { serial } = ca.issue("gone.internal", "--service", "shop");
  assert.equal(ca.ocsp("gone.internal.crt"), "good");
  const page = await openAs(administrator, `/certificates/${serial}`);
  await page.getByRole("button", { name: "Revoke", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("No longer used").check();
  await dialog.getByText("It cannot be undone").waitFor();
  await dialog.getByRole("button", { name: "Revoke", exact: true }).click();
  await page.getByText("This page shows it").waitFor();
  await page.getByText("The responder says revoked").waitFor();
  await page.getByText("issuing-1.crl lacks nothing up to here").waitFor();
  await page.screenshot({ path: b.picture("revoked.png") });
  assert.equal(ca.ocsp("gone.internal.crt"), "revoked");
  execFileSync("curl", ["-sSf", "-o", "now.crl", `http://127.0.0.1:${ca.plain}/crl/issuing-1.crl`], { cwd: ca.directory });
  const crl = execFileSync("openssl", ["crl", "-inform", "DER", "-in", "now.crl", "-noout", "-text"], { cwd: ca.directory, encoding: "utf8" });
  assert.match(crl, new RegExp(serial, "i"));
  assert.match(crl, /Cessation Of Operation/);
  await done(page);
});

test("a hold and its end, as OCSP says", async () => {
  const { serial } = ca.issue("held.internal");
  const page = await openAs(administrator, `/certificates/${serial}`);
  await page.getByRole("button", { name: "Hold", exact: true }).click();
  await page.getByRole("button", { name: "Put on hold" }).click();
  await page.getByText("This page shows it").waitFor();
  assert.equal(ca.ocsp("held.internal.crt"), "revoked");
  await page.getByRole("button", { name: "Release", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Release" }).click();
  await page.getByText("Released, at position", { exact: false }).waitFor();
  await page.getByText("This page shows it").waitFor();
  assert.equal(ca.ocsp("held.internal.crt"), "good");
  await done(page);
});

test("a compromised key: the renewal that is still live is named and taken back", async () => {
  const { serial } = ca.issue("stolen.internal");
  ca.cli("renew", "stolen.internal.crt");
  const page = await openAs(administrator, `/certificates/${serial}`);
  await page.getByRole("tab", { name: "Renewals" }).click();
  await page.getByRole("table", { name: "Renewals, oldest first" }).getByRole("link", { name: "stolen.internal" }).waitFor();
  await page.getByRole("button", { name: "Revoke", exact: true }).click();
  await page.getByLabel("The key is or may be in wrong hands").check();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke", exact: true }).click();
  await page.getByText("Renewed from it").waitFor();
  await page.getByRole("button", { name: "Revoke it, too" }).click();
  await page.getByText("Revoked, and 1 more with it", { exact: false }).waitFor();
  assert.equal(ca.ocsp("stolen.internal.crt"), "revoked");
  await done(page);
});

test("every download is what openssl takes it for", async () => {
  const { serial } = ca.issue("files.internal");
  const page = await openAs(administrator, `/certificates/${serial}`);
  const save = async (role, name) => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole(role, { name, exact: true }).last().click()]);
    const path = join(ca.directory, `downloaded-${download.suggestedFilename()}`);
    await download.saveAs(path);
    return path;
  };
  const openssl = (...words) => execFileSync("openssl", words, { encoding: "utf8", cwd: ca.directory });
  const leaf = await save("button", "Certificate (PEM)");
  const chain = await save("button", "Chain (PEM)");
  const both = await save("button", "Certificate and chain (PEM)");
  const der = await save("button", "Certificate (DER)");
  const roots = await save("link", "Roots (PEM)");
  assert.match(openssl("verify", "-CAfile", roots, "-untrusted", chain, leaf), /OK/);
  assert.match(openssl("verify", "-CAfile", roots, "-untrusted", both, both), /OK/);
  assert.match(openssl("x509", "-inform", "DER", "-in", der, "-noout", "-serial").toLowerCase(), new RegExp(serial));
  await page.getByRole("link", { name: "Authorities" }).click();
  await heading(page, "Authorities");
  assert.match(openssl("crl", "-inform", "DER", "-in", await save("link", "CRL (DER)"), "-noout", "-issuer"), /Acme Corp/);
  assert.match(openssl("x509", "-inform", "DER", "-in", await save("link", "Certificate (DER)"), "-noout", "-subject"), /Acme Corp Issuing/);
  assert.match(openssl("storeutl", "-certs", "-noout", await save("link", "Chain with root (PEM)")), /Total found: 2/);
  await done(page);
});

test("tokens: one is created, works, is revoked, and no longer works", async () => {
  const page = await openAs(administrator, "/tokens");
  await page.getByRole("button", { name: "Create a token" }).click();
  await page.getByLabel("Name", { exact: false }).first().fill("watch");
  await page.getByLabel("Role").selectOption("auditor");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  const text = await page.getByText(/^qlk_/).innerText();
  await page.getByRole("button", { name: "I have it" }).click();
  const auditor = await openAs(text, "/certificates");
  await auditor.getByRole("button", { name: "Signed in as watch" }).waitFor();
  await auditor.getByLabel("Status").waitFor();
  await auditor.waitForLoadState("networkidle");
  await page.getByRole("button", { name: "Revoke watch" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke", exact: true }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  // Whose session ends under him comes back to signing in, and then to where he was.
  await auditor.getByLabel("Status").selectOption("good");
  await auditor.getByText("The session has ended").waitFor();
  await signIn(auditor);
  await heading(auditor, "Certificates");
  assert.equal(new URL(auditor.url()).search, "?status=good");
  await done(auditor);
  await done(page);
});

test("a role without rights sees no button that would be refused", async () => {
  const { serial } = ca.issue("look.internal");
  const auditor = await openAs(ca.token("reader", "auditor"), `/certificates/${serial}`);
  await auditor.getByText("tls-server").first().waitFor();
  for (const name of ["Revoke", "Hold"]) assert.equal(await auditor.getByRole("button", { name, exact: true }).count(), 0);
  await done(auditor);
  const requester = await openAs(ca.token("ci", "requester"), "/");
  assert.equal(await requester.getByRole("link", { name: "Tokens" }).count(), 0);
  await done(requester);
});

test("by keyboard alone: sign in, find, hold, with the focus always in sight", async () => {
  const { serial } = ca.issue("keys.internal");
  const page = await open("/");
  const isFocusSeen = () =>
    page.evaluate(() => {
      const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
      return outlineStyle !== "none" && outlineWidth !== "0px";
    });
  async function tabTo(locator) {
    for (let step = 0; step < 80; ++step) {
      if (await locator.evaluate((element) => element === document.activeElement)) return;
      await page.keyboard.press("Tab");
      assert.ok(await isFocusSeen(), `focus is not seen at ${await page.evaluate(() => document.activeElement.outerHTML.slice(0, 200))}`);
    }
    assert.fail("not reached by Tab");
  }
  await page.locator("#user:focus").waitFor();
  await tabTo(page.getByRole("button", { name: "With an API token" }));
  await page.keyboard.press("Enter");
  await page.locator("#token:focus").waitFor();
  await page.keyboard.type(administrator);
  await page.keyboard.press("Enter");
  await heading(page, "Overview");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.keyboard.press("g");
  await page.keyboard.press("c");
  await heading(page, "Certificates");
  await page.keyboard.press("/");
  await page.keyboard.type("keys.internal");
  const link = page.locator(`main a[href="/ui/certificates/${serial}"]`);
  await page.waitForFunction(() => new URLSearchParams(location.search).get("search") === "keys.internal");
  await link.waitFor();
  await tabTo(link);
  await page.keyboard.press("Enter");
  await heading(page, /keys\.internal/);
  await tabTo(page.getByRole("button", { name: "Hold", exact: true }));
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await tabTo(page.getByRole("button", { name: "Put on hold" }));
  await page.keyboard.press("Enter");
  await page.getByText("This page shows it").waitFor();
  assert.equal(ca.ocsp("keys.internal.crt"), "revoked");
  await done(page);
});

test("a server that is away and back while the page is open", async () => {
  const page = await openAs(administrator, "/certificates?name=api.internal");
  await page.getByRole("link", { name: "api.internal" }).waitFor();
  await ca.down();
  await page.getByLabel("Status").selectOption("good");
  await page.getByText(/server not reached/).waitFor();
  await ca.up();
  await page.getByRole("button", { name: "Ask again" }).click();
  await page.getByRole("link", { name: "api.internal" }).waitFor();
  await page.getByText(/server not reached/).waitFor({ state: "detached" });
  await done(page);
});

test("live events: what is issued appears by itself; after the server was away none is missing and none is twice", async () => {
  const page = await openAs(administrator, "/events");
  await page.getByText("live", { exact: true }).waitFor();
  ca.issue("live-1.internal");
  const rows = page.getByRole("table", { name: "Events, newest first" }).locator("tbody tr");
  await rows.first().getByText("certificate.issued").waitFor();
  await page.getByLabel("Kind").selectOption("certificate");
  await ca.down();
  await page.getByText("connecting", { exact: true }).waitFor();
  await ca.up();
  for (const name of ["live-2.internal", "live-3.internal"]) ca.issue(name);
  await page.getByText("live", { exact: true }).waitFor();
  const { serial } = ca.issue("live-4.internal");
  await page.locator(`main a[href="/ui/certificates/${serial}"]`).waitFor();
  const shown = await rows.locator("td:first-child").allInnerTexts();
  const logged = (await ca.get("/v1/events?limit=500", administrator)).events.filter(({ type }) => type.startsWith("certificate.")).map(({ position }) => position);
  assert.deepEqual(shown.map((text) => text.trim()), logged.slice(0, shown.length));
  await page.getByRole("button", { name: `Event ${shown[0].trim()}` }).click();
  await page.getByRole("dialog").getByText("live-4.internal", { exact: false }).waitFor();
  assert.deepEqual(await findings(page), []);
  await done(page);
});

test("lineage: each node of a service has its lane, and what holds no longer is said in words", async () => {
  ca.issue("lane.internal", "--service", "lanes", "--node", "rack-1");
  mkdirSync(join(ca.directory, "second"));
  const { serial } = ca.issue("lane.internal", "--service", "lanes", "--node", "rack-2", "--out", join(ca.directory, "second"));
  ca.cli("revoke", serial, "--reason", "superseded");
  const page = await openAs(administrator, "/lineage");
  await page.getByRole("list", { name: "Services" }).getByRole("link", { name: "lanes" }).click();
  const lanes = page.getByRole("list", { name: /Lanes/ });
  await lanes.locator("> li", { hasText: "rack-1" }).getByText("covered").waitFor();
  await lanes.locator("> li", { hasText: "rack-2" }).getByText("without a certificate").waitFor();
  assert.deepEqual(await findings(page), []);
  await page.screenshot({ path: b.picture("lineage.png") });
  await page.setViewportSize(b.phone);
  await fitsItsWindow(page, "lineage");
  await page.getByRole("group", { name: /rack-2/ }).getByRole("link").press("Enter");
  await heading(page, /lane\.internal\s+revoked/);
  await done(page);
});

test("the export opens elsewhere: as many lines as the list has rows", async () => {
  const page = await openAs(administrator, "/certificates?service=lanes");
  await page.getByRole("link", { name: "lane.internal" }).first().waitFor();
  await page.getByRole("button", { name: "Export" }).click();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("menuitem", { name: "CSV, for spreadsheets" }).click()]);
  const path = join(ca.directory, "export.csv");
  await download.saveAs(path);
  const rows = execFileSync("python3", ["-c", "import csv, sys; print(sum(row['names'].endswith('lane.internal') for row in csv.DictReader(open(sys.argv[1]))))", path], { encoding: "utf8" });
  assert.equal(rows.trim(), "2");
  await done(page);
});

test("names and labels full of markup and of what turns text are text", async () => {
  // What would turn text is refused where it would come in; what is shown of it in the refusal is written out below.
  const service = "<script>alert(1)</script>";
  assert.throws(() => ca.issue("odd.internal", "--service", `${service}\u202eb`), /label-malformed/);
  const { serial } = ca.issue("odd.internal", "--service", service, "--node", "<img src=x onerror=alert(1)>");
  const page = await openAs(administrator, "/certificates");
  await page.getByText(service, { exact: false }).first().waitFor();
  await page.getByRole("link", { name: "odd.internal" }).click();
  await page.getByText("<img src=x onerror=alert(1)>", { exact: false }).waitFor();
  assert.ok(page.url().endsWith(serial));
  await page.getByRole("link", { name: "its lineage" }).click();
  await heading(page, `Lineage of ${service}`);
  // A problem in the server's words, which repeat what was asked.
  await page.goto(`${front.url}/ui/certificates/${encodeURIComponent("<svg onload=alert(1)>\u202e")}`);
  await signIn(page);
  await page.getByRole("heading", { level: 1, name: /ertificate/ }).waitFor();
  assert.doesNotMatch(await page.locator("main").innerText(), /\u202e/);
  assert.equal(await page.locator("script:not([src])").count(), 0);
  await done(page);
});

test("both themes, wide and on a phone: nothing that axe calls serious, nothing wider than its window", async () => {
  const { serial } = ca.issue("theme.internal", "--service", "theme", "--node", "rack-1");
  for (const colorScheme of ["light", "dark"]) {
    const page = await openAs(administrator, "/", { colorScheme });
    assert.equal(await page.evaluate(() => document.documentElement.classList.contains("pf-v6-theme-dark")), colorScheme === "dark");
    const look = async (where, act) => {
      await act?.();
      await page.waitForTimeout(400); // what fades in has faded in
      assert.deepEqual(await findings(page), [], `${where}, ${colorScheme}`);
    };
    const goTo = async (name) => {
      await page.getByRole("navigation", { name: "Screens" }).getByRole("link", { name }).click();
      await heading(page, name);
    };
    await page.getByRole("link", { name: "theme.internal" }).waitFor();
    await page.screenshot({ path: b.picture(`overview-${colorScheme}.png`) });
    await look("overview");
    await look("keyboard help", async () => {
      await page.keyboard.press("?");
      await page.getByRole("dialog").waitFor();
    });
    await page.keyboard.press("Escape");
    for (const [name, sign] of [["Revocations", "Revoke which?"], ["CRL and OCSP", "CRL of issuing-1"], ["Authorities", "All roots (PEM)"], ["System", "The inventory, and the log"]]) {
      await goTo(name);
      await page.getByText(sign, { exact: false }).first().waitFor();
      await look(name);
      await page.screenshot({ path: b.picture(`${name.toLowerCase().replaceAll(" ", "-")}-${colorScheme}.png`) });
    }
    await goTo("Live events");
    await page.getByText("live", { exact: true }).waitFor();
    await look("events");
    await goTo("Tokens");
    await look("tokens");
    await look("create a token", () => page.getByRole("button", { name: "Create a token" }).click());
    await page.keyboard.press("Escape");
    await goTo("Certificates");
    await page.getByRole("link", { name: "theme.internal" }).waitFor();
    await page.screenshot({ path: b.picture(`certificates-${colorScheme}.png`) });
    await look("certificates");
    await look("issue", () => page.getByRole("button", { name: "Issue", exact: true }).click());
    await page.keyboard.press("Escape");
    await look("filter", () => page.getByRole("button", { name: "Filter", exact: true }).click());
    await page.getByRole("list", { name: "Profile" }).waitFor();
    await look("filter with its values");
    await page.keyboard.press("Escape");
    await look("a past moment", () => page.getByRole("button", { name: "As of…" }).click());
    await page.keyboard.press("Escape");
    await look("copy as command", () => page.getByRole("button", { name: "Copy as command" }).click());
    await page.keyboard.press("Escape");
    await page.locator(`main a[href="/ui/certificates/${serial}"]`).click();
    await heading(page, /theme\.internal/);
    await look("certificate");
    for (const tab of ["Extensions", "History", "Renewals", "Chain", "PEM"]) await look(tab, () => page.getByRole("tab", { name: tab }).click());
    await look("hold", () => page.getByRole("button", { name: "Hold", exact: true }).click());
    await page.keyboard.press("Escape");
    await look("revoke", () => page.getByRole("button", { name: "Revoke", exact: true }).click());
    await page.screenshot({ path: b.picture(`revoke-${colorScheme}.png`) });
    await page.keyboard.press("Escape");
    // A phone.
    await page.setViewportSize(b.phone);
    await fitsItsWindow(page, "certificate");
    await look("certificate, phone");
    await look("revoke, phone", () => page.getByRole("button", { name: "Revoke", exact: true }).click());
    await page.screenshot({ path: b.picture(`phone-revoke-${colorScheme}.png`) });
    await page.keyboard.press("Escape");
    await page.keyboard.press("g");
    await page.keyboard.press("c");
    await heading(page, "Certificates");
    await fitsItsWindow(page, "certificates");
    await look("certificates, phone");
    await page.screenshot({ path: b.picture(`phone-certificates-${colorScheme}.png`) });
    for (const [key, name] of [["v", "Revocations"], ["h", "CRL and OCSP"], ["y", "System"], ["o", "Overview"]]) {
      await page.keyboard.press("g");
      await page.keyboard.press(key);
      await heading(page, name);
      await page.waitForTimeout(300);
      await fitsItsWindow(page, name);
      await look(`${name}, phone`);
    }
    await page.screenshot({ path: b.picture(`phone-overview-${colorScheme}.png`) });
    await done(page);
  }
});

test("200,000 rows: scrolled from end to end, never a blank, and few of them in the document", async () => {
  const kRows = 200_000;
  const kEach = 20_000;
  const page = await openAs(administrator, "/");
  await page.route(/\/v1\/certificates\?/, (route) => {
    const from = Number(new URL(route.request().url()).searchParams.get("cursor") ?? 0);
    const certificates = Array.from({ length: kEach }, (_, index) => ({
      serial: (from + index).toString(16).padStart(32, "0"),
      names: [`DNS:n${from + index}.internal`],
      status: "good",
      expired: false,
      profile: "tls-server",
      authority: "issuing-1",
      not_before: "2026-11-01T00:00:00Z",
      not_after: "2036-11-01T00:00:00Z",
      issued_at: "2026-11-01T00:00:00Z",
    }));
    const next = from + kEach < kRows ? { next: String(from + kEach) } : {};
    return route.fulfill({ json: { certificates, position: "0.1", age_seconds: 0, ...next }, headers: { "Quicklime-Position": "0.1" } });
  });
  await page.getByRole("navigation", { name: "Screens" }).getByRole("link", { name: "Certificates" }).click();
  await page.getByRole("link", { name: "n0.internal", exact: true }).waitFor();
  const seen = await page.evaluate(async (rows) => {
    const frame = () => new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
    const scroller = document.querySelector(".ql-rows");
    const box = scroller.getBoundingClientRect();
    let blanks = 0;
    let steps = 0;
    for (const deadline = Date.now() + 60_000; Date.now() < deadline; ++steps) {
      scroller.scrollTop += 2000 + steps * 400;
      await frame();
      const row = document.elementFromPoint(box.left + 60, box.top + box.height / 2)?.closest("tr");
      if (!row || row.classList.contains("ql-gap")) ++blanks;
      if (document.querySelector(`tr[aria-rowindex="${rows + 1}"]`)) break;
    }
    return { blanks, steps, inDocument: document.querySelectorAll(".ql-rows tbody tr").length };
  }, kRows);
  await page.getByRole("link", { name: `n${kRows - 1}.internal`, exact: true }).waitFor();
  assert.equal(seen.blanks, 0, JSON.stringify(seen));
  assert.ok(seen.inDocument < 100, JSON.stringify(seen));
  await done(page);
});

test("a chosen theme stays", async () => {
  const page = await openAs(administrator, "/", { colorScheme: "light" });
  await page.getByRole("button", { name: "Theme" }).click();
  await page.getByRole("menuitem", { name: "Dark" }).click();
  const isDark = () => page.evaluate(() => document.documentElement.classList.contains("pf-v6-theme-dark"));
  assert.equal(await isDark(), true);
  await page.reload();
  assert.equal(await isDark(), true);
  await page.getByRole("button", { name: "With an API token" }).waitFor(); // the theme is all that is stored
  await done(page);
});

test("in all of this the policy refused nothing and no script failed", async () => {
  assert.deepEqual(b.policyMessages, []);
  // And it would have been heard.
  const page = await open("/");
  await page.evaluate(() => document.head.append(Object.assign(document.createElement("style"), { textContent: "p { color: red }" })));
  await page.waitForTimeout(500);
  assert.equal(b.policyMessages.length, 1);
  await done(page);
});
