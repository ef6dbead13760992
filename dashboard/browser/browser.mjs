// Chromium, a CA, and the page between them: what the flows begin with, and what they ask of a page.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { startAuthority } from "./authority.mjs";
import { serve } from "./server.mjs";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const screenshots = new URL("./screenshots/", import.meta.url).pathname;
const kPatience = 60_000;

export async function startBrowser(options) {
  mkdirSync(screenshots, { recursive: true });
  const ca = await startAuthority(options);
  const front = await serve(ca);
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--lang=en-GB"] });
  const policyMessages = []; // of the policy, and of scripts that failed

  return {
    ca,
    front,
    policyMessages,
    phone: { width: 390, height: 844 },
    picture: (name) => join(screenshots, name),
    async open(path, options = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, locale: "en-GB", timezoneId: "Europe/Berlin", acceptDownloads: true, ignoreHTTPSErrors: true, ...options });
      const page = await context.newPage();
      page.setDefaultTimeout(kPatience);
      page.on("console", (message) => {
        if (/content security policy/i.test(message.text())) policyMessages.push(message.text());
      });
      page.on("pageerror", (error) => policyMessages.push(`the page failed: ${error.message}`));
      // A machine on which other tests make and remove networks.
      await page.goto(`${front.url}/ui${path}`).catch((error) => {
        if (!/ERR_NETWORK_CHANGED/.test(error.message)) throw error;
        return page.goto(`${front.url}/ui${path}`);
      });
      return page;
    },
    done: (page) => page.context().close(),
    heading: (page, name) => page.getByRole("heading", { level: 1, name }).waitFor(),

    // Serious and critical findings of axe on the page as it is.
    async findings(page) {
      await page.evaluate(axeSource);
      const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
      return violations.filter(({ impact }) => impact === "serious" || impact === "critical").map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
    },
    async fitsItsWindow(page, where) {
      const fits = () => document.documentElement.scrollWidth <= document.documentElement.clientWidth + 1;
      await page.waitForFunction(fits, undefined, { timeout: 5000 }).catch(async () => {
        const wide = await page.evaluate(() => [...document.querySelectorAll("body *")].filter((element) => element.getBoundingClientRect().right > innerWidth + 1).map((element) => element.outerHTML.slice(0, 120)));
        assert.fail(`${where} is wider than its window: ${wide.slice(0, 5).join("\n")}`);
      });
    },
    async stop() {
      await browser.close();
      front.stop();
      await ca.stop();
    },
  };
}
