// The whole page at an address, signed in or not, against a fake server.
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useEffect } from "react";
import { Provider } from "react-redux";
import { MemoryRouter, useLocation } from "react-router";
import { afterEach, beforeEach, expect } from "vitest";
import { App } from "../App";
import type { CertificateDetail, CertificateSummary, Me, Session, Token } from "../api/types";
import { begin, leave } from "../session/sign_in";
import { makeStore, type Store } from "../store";
import { schemaExample } from "./examples";
import { FakeServer, problem } from "./server";

export let server: FakeServer;
let store: Store | undefined;

beforeEach(() => {
  server = new FakeServer().install();
  server.on("whoAmI", () => problem(401, "not-signed-in", "nobody is signed in"));
});
afterEach(() => {
  if (store) leave(store);
  store = undefined;
  expect(server.mistakes).toEqual([]);
});

const kDay = 86_400_000;
export const inDays = (days: number) => `${new Date(Date.now() + days * kDay).toISOString().slice(0, 19)}Z`;

export const certificate = (changes: Partial<CertificateSummary> = {}): CertificateSummary =>
  schemaExample<CertificateSummary>("CertificateSummary", { key: "P-256", renewal_due: inDays(50), not_before: inDays(-10), not_after: inDays(80), issued_at: inDays(-10), requester: "token:ci", ...changes });
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
  return { body: { certificates, position: `0.${server.position}`, age_seconds: 0.4, examined: certificates.length, partial: false, ...(next ? { next } : {}) } };
}

export const session = (changes: Partial<Session> = {}): Session =>
  schemaExample<Session>("Session", {
    session: "5e551011e5e55101",
    user: "local:alice",
    name: "Alice",
    method: "password",
    provider: "local",
    role: "administrator",
    profiles: [],
    names: [],
    created: inDays(-0.01),
    not_after: inDays(0.02),
    ends: inDays(0.3),
    status: "live",
    current: true,
    ...changes,
  });

type PersonRole = Session["role"];

// Who this browser's cookie says one is, and the tokens that there are.
export const signInAs = (role: PersonRole, others: Token[] = [], changes: Partial<Session> = {}) => {
  const own = session({ role, ...changes });
  const me: Me = { actor: { kind: "user", id: own.user }, name: own.name, role, profiles: [], names: [], session: own };
  server.on("whoAmI", () => ({ body: me }));
  tokensAre(role, others);
};
// The same by token.
export const takeToken = (role: PersonRole, others: Token[] = []) => {
  server.on("whoAmI", ({ headers }) =>
    headers.get("Authorization") === `Bearer ${server.token}`
      ? { body: { actor: { kind: "token", id: kOwnToken }, name: "me", role, profiles: [] } satisfies Me }
      : problem(401, "token-unknown", "this token is not one of ours"),
  );
  tokensAre(role, [token({ id: kOwnToken, name: "me", role }), ...others]);
};
const kOwnToken = "a".repeat(16);
const tokensAre = (role: PersonRole, tokens: Token[]) =>
  server.on("listTokens", () =>
    ["administrator", "auditor"].includes(role)
      ? { body: { tokens, position: `0.${server.position}`, age_seconds: 0.4 } }
      : { status: 403, body: { type: "https://quicklime.dev/errors#role-missing", title: "Forbidden", status: 403 } },
  );

let address = "";
export const currentAddress = () => address;
function Address() {
  const { pathname, search } = useLocation();
  useEffect(() => {
    address = pathname + search;
  }, [pathname, search]);
  return null;
}

export function open(path: string, oneTime?: string) {
  const own = makeStore();
  store = own;
  void begin(own, oneTime);
  render(
    <Provider store={own}>
      <MemoryRouter initialEntries={[path]}>
        <Address />
        <App />
      </MemoryRouter>
    </Provider>,
  );
  return userEvent.setup();
}

export function openAs(role: PersonRole, path: string, others: Token[] = [], changes: Partial<Session> = {}) {
  signInAs(role, others, changes);
  return open(path);
}

export async function openByToken(role: PersonRole, path: string, others: Token[] = []) {
  takeToken(role, others);
  const user = open(path);
  await user.click(await screen.findByRole("button", { name: "With an API token" }));
  await user.click(await screen.findByLabelText(/^Token/));
  await user.paste(server.token);
  await user.keyboard("{Enter}");
  return user;
}
