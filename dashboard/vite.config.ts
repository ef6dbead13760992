import react from "@vitejs/plugin-react";
import type { Plugin } from "postcss";
import { defineConfig } from "vitest/config";

// A CA to develop against: QUICKLIME_API=https://localhost:8443 npm run dev
const api = process.env.QUICKLIME_API ?? "https://localhost:8443";
const proxied = { target: api, secure: false, changeOrigin: true };

// PatternFly's faces that this page never shows: slanted ones, and an icon font (the icons are SVG).
const usedFonts: Plugin = {
  postcssPlugin: "used-fonts",
  AtRule: {
    "font-face": (rule) => {
      if (/italic|pficon/.test(rule.toString())) rule.remove();
    },
  },
};

export default defineConfig({
  base: "/ui/",
  plugins: [react()],
  css: { postcss: { plugins: [usedFonts] } },
  build: {
    target: "es2022",
    assetsInlineLimit: 0, // a data: URL is no 'self'
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    manifest: true,
    chunkSizeWarningLimit: 2000, // scripts/sizes.mjs measures what is sent
  },
  server: { proxy: { "/v1": proxied, "/ca": proxied, "/crl": proxied } },
  test: {
    environment: "jsdom",
    environmentOptions: { jsdom: { url: "https://ca.example:8443/ui/" } },
    setupFiles: ["src/test/setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    css: false,
    server: { deps: { inline: [/@patternfly\//] } },
    testTimeout: 90_000,
  },
});
