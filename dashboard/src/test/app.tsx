// The whole page at an address, signed in or not, against a fake server.
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useEffect } from "react";
import { Provider } from "react-redux";
import { MemoryRouter, useLocation } from "react-router";
import { afterEach, beforeEach, expect } from "vitest";
import { App } from "../App";
import type { CertificateDetail, CertificateSummary, Role, Token } from "../api/types";
import { signOut } from "../session/sign_in";
import { makeStore, type Store } from "../store";
import { schemaExample } from "./examples";
import { FakeServer } from "./server";

export let server: FakeServer;
let store: Store;

beforeEach(() => {
  server = new FakeServer().install();
});
afterEach(() => {
  signOut(store);
  expect(server.mistakes).toEqual([]);
});

const kDay = 86_400_000;
export const inDays = (days: number) => `${new Date(Date.now() + days * kDay).toISOString().slice(0, 19)}Z`;

export const certificate = (changes: Partial<CertificateSummary> = {}): CertificateSummary =>
  schemaExample<CertificateSummary>("CertificateSummary", { not_before: inDays(-10), not_after: inDays(80), issued_at: inDays(-10), requester: "token:ci", ...changes });
export const detail = (changes: Partial<CertificateDetail> = {}): CertificateDetail =>
  schemaExample<CertificateDetail>("CertificateDetail", {
    names: ["DNS:api.internal"],
    not_before: inDays(-10),
    not_after: inDays(80),
    certificate: "-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----\n",
    chain: "-----BEGIN CERTIFICATE-----\nAwQF\n-----END CERTIFICATE-----\n",
    authority: "issuing-1",
    ...changes,
  });
export const token = (changes: Partial<Token> = {}): Token => schemaExample<Token>("Token", { status: "live", not_after: inDays(60), ...changes });

export function page(certificates: unknown[], next?: string) {
  return { body: { certificates, position: `0.${server.position}`, age_seconds: 0.4, ...(next ? { next } : {}) } };
}

export const signInAs = (role: Role, others: Token[] = []) => {
  server.on("listTokens", () =>
    role === "requester"
      ? { status: 403, body: { type: "https://quicklime.dev/errors#role-missing", title: "Forbidden", status: 403 } }
      : { body: { tokens: [token({ id: "a".repeat(16), name: "me", role }), ...others], position: `0.${server.position}`, age_seconds: 0.4 } },
  );
};

let address = "";
export const currentAddress = () => address;
function Address() {
  const { pathname, search } = useLocation();
  useEffect(() => {
    address = pathname + search;
  }, [pathname, search]);
  return null;
}

export function open(path: string) {
  store = makeStore();
  render(
    <Provider store={store}>
      <MemoryRouter initialEntries={[path]}>
        <Address />
        <App />
      </MemoryRouter>
    </Provider>,
  );
  return userEvent.setup();
}

export async function openAs(role: Role, path: string, others: Token[] = []) {
  signInAs(role, others);
  const user = open(path);
  await user.click(screen.getByLabelText(/^Token/));
  await user.paste(server.token);
  await user.click(screen.getByRole("button", { name: "Sign in" }));
  return user;
}
