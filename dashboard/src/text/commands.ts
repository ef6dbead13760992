// What is on the screen as a command: `quicklime` and curl, with the host that this page came from. The token is never
// in them: both take it from $QUICKLIME_TOKEN.
import { address, type Ask } from "../api/transport";
import type { CertificateFilter, Grant, IssueRequest, Reason, RuleRequest, RuleTest, TokenRequest, UserRequest } from "../api/types";

export interface Commands {
  cli?: string; // absent: the command line has no such command
  curl: string;
}

export const quote = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

const origin = () => window.location.origin;
const cli = (...words: string[]) => ["quicklime", ...words.map(quote), "--server", quote(origin()), "--roots", "roots.pem"].join(" ");

export function curl(ask: Ask): string {
  const words = ["curl --cacert roots.pem", '-H "Authorization: Bearer $QUICKLIME_TOKEN"'];
  if (ask.method && ask.method !== "GET") words.push(`-X ${ask.method}`);
  if (ask.body !== undefined) words.push("-H 'Content-Type: application/json'", `-d ${quote(JSON.stringify(ask.body))}`);
  words.push(quote(origin() + address(ask)));
  return words.join(" ");
}

const flag = (name: string, value: string | number | undefined) => (value === undefined ? [] : [`--${name}`, String(value)]);

// What the command line has a flag for. What was typed is a name to it only when it is whole, or a suffix.
const kListFlags: Partial<Record<keyof CertificateFilter, string>> = { search: "name", status: "status", service: "service", node: "node", requester: "requester", expires_before: "expires-before" };
const isName = (text: string) => /\..*[^.]$/.test(text);

export function listCommands(filter: CertificateFilter): Commands {
  const asked = Object.entries(filter) as [keyof CertificateFilter, string][];
  const canSay = asked.every(([name]) => kListFlags[name]) && (filter.search === undefined || isName(filter.search));
  return {
    ...(canSay ? { cli: cli("list", ...asked.flatMap(([name, value]) => flag(kListFlags[name] ?? name, value))) } : {}),
    curl: curl({ path: "/v1/certificates", query: { ...filter } }),
  };
}

export const showCommands = (serial: string, asOf?: string): Commands => ({
  ...(asOf === undefined ? { cli: cli("show", serial) } : {}),
  curl: curl({ path: `/v1/certificates/${serial}`, query: { as_of: asOf } }),
});

export const renewCommands = (name: string) => ({
  once: cli("renew", `${name}.crt`),
  always: cli("renew", `${name}.crt`, "--daemon"),
});

export function issueCommands({ profile, lifetime, service, node }: Omit<IssueRequest, "csr">): Commands {
  const query = { profile, lifetime, service, node };
  return {
    cli: cli("issue", "--csr", "request.pem", ...flag("profile", profile), ...flag("lifetime", lifetime), ...flag("service", service), ...flag("node", node)),
    curl: `curl --cacert roots.pem -H "Authorization: Bearer $QUICKLIME_TOKEN" -H 'Content-Type: application/pkcs10' --data-binary @request.pem ${quote(origin() + address({ path: "/v1/certificates", query }))}`,
  };
}

export function revokeCommands(serial: string, reason: Reason, sameKey: boolean, withSuccessors: boolean): Commands {
  const body = { reason, ...(sameKey ? { same_key: true } : {}), ...(withSuccessors ? { with_successors: true } : {}) };
  return {
    cli: cli("revoke", serial, "--reason", reason, ...(sameKey ? ["--same-key"] : []), ...(withSuccessors ? ["--with-successors"] : [])),
    curl: curl({ path: `/v1/certificates/${serial}/revoke`, method: "POST", body }),
  };
}

export const actCommands = (act: "hold" | "release", serial: string): Commands => ({
  cli: cli(act, serial),
  curl: curl({ path: `/v1/certificates/${serial}/${act}`, method: "POST" }),
});

export const authorityCommands = (): Commands => ({ cli: cli("ca", "list"), curl: curl({ path: "/v1/authorities" }) });
export const revocationCommands = (): Commands => ({
  cli: cli("events", "--type", kRevocations),
  curl: curl({ path: "/v1/events", query: { type: kRevocations } }),
});
const kRevocations = "certificate.revoked,certificate.held,certificate.released";
// Where the views lie the command line reads them itself; over the network it is asked of the server.
export const systemCommands = (): Commands => ({ cli: "quicklime views status", curl: curl({ path: "/v1/health" }) });
export const healthCommands = (): Commands => ({ curl: curl({ path: "/v1/health" }) });
export const serviceCommand = () => cli("issue", "api.internal", "--service", "api", "--node", "rack-7");
export const lineageCommands = (service: string): Commands => ({ curl: curl({ path: `/v1/lineages/${encodeURIComponent(service)}` }) });
export const eventCommands = (after?: string): Commands =>
  after === undefined ? followCommands() : { cli: cli("events", "--after", after), curl: curl({ path: "/v1/events", query: { after } }) };
const followCommands = (): Commands => ({
  cli: cli("events", "--follow"),
  curl: `curl -N --cacert roots.pem -H "Authorization: Bearer $QUICKLIME_TOKEN" -H 'Accept: text/event-stream' ${quote(`${origin()}/v1/events`)}`,
});
export const tokenListCommands = (): Commands => ({ cli: cli("token", "list"), curl: curl({ path: "/v1/tokens" }) });

export function createTokenCommands(token: TokenRequest): Commands {
  const days = token.lifetime?.replace(/d$/, "");
  return {
    cli: cli(
      "token",
      "create",
      token.name,
      ...flag("role", token.role),
      ...(token.profiles ?? []).flatMap((profile) => flag("profiles", profile)),
      ...(token.names ?? []).flatMap((name) => flag("names", name)),
      ...flag("days", days),
    ),
    curl: curl({ path: "/v1/tokens", method: "POST", body: token }),
  };
}

export const revokeTokenCommands = (id: string): Commands => ({
  cli: cli("token", "revoke", id),
  curl: curl({ path: `/v1/tokens/${id}`, method: "DELETE" }),
});

// The first commands of somebody who has nothing yet.
export const firstCommands = () => [
  `curl -k ${quote(`${origin()}/ca/roots.pem`)} -o roots.pem   # compare its SHA-256 with what the server printed`,
  "export QUICKLIME_TOKEN=qlk_...",
  `quicklime issue api.internal --service api --node rack-7 --server ${quote(origin())} --roots roots.pem`,
];
export const curlIssue = () =>
  [
    "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout api.key -subj / \\",
    "  -addext subjectAltName=DNS:api.internal -out api.csr",
    `curl --cacert roots.pem -H "Authorization: Bearer $QUICKLIME_TOKEN" -H 'Content-Type: application/pkcs10' \\`,
    `  -H 'Accept: application/pem-certificate-chain' --data-binary @api.csr ${quote(`${origin()}/v1/certificates?service=api`)} -o api.crt`,
  ].join("\n");

// People. A secret is never in a command: what is shown once is shown once.
const grantFlags = ({ role, profiles, names }: Grant) => [
  ...flag("role", role),
  ...(profiles ?? []).flatMap((profile) => flag("profiles", profile)),
  ...(names ?? []).flatMap((name) => flag("names", name)),
];
const localName = (user: string) => user.replace(/^local:/, "");
const userPath = (user: string, act: string) => `/v1/users/${encodeURIComponent(user)}/${act}`;

export const userListCommands = (): Commands => ({ cli: cli("user", "list"), curl: curl({ path: "/v1/users" }) });
export const createUserCommands = (user: UserRequest): Commands => ({
  cli: cli("user", "create", user.user, ...flag("name", user.name), ...grantFlags(user)),
  curl: curl({ path: "/v1/users", method: "POST", body: user }),
});
export const grantCommands = (user: string, grant: Grant): Commands => ({
  cli: cli("user", "grant", localName(user), ...grantFlags(grant)),
  curl: curl({ path: userPath(user, "grant"), method: "POST", body: grant }),
});
export const switchUserCommands = (act: "disable" | "enable", user: string): Commands => ({
  cli: cli("user", act, localName(user)),
  curl: curl({ path: userPath(user, act), method: "POST" }),
});
export const oneTimeCommands = (user: string): Commands => ({ cli: cli("user", "one-time", localName(user)), curl: curl({ path: userPath(user, "one-time"), method: "POST" }) });

export const ruleListCommands = (): Commands => ({ cli: cli("rule", "list"), curl: curl({ path: "/v1/rules" }) });
export const setRuleCommands = (rule: string, { provider, when, ...grant }: RuleRequest): Commands => ({
  cli: cli("rule", "set", rule, ...flag("provider", provider), ...when.flatMap((one) => flag("when", one)), ...grantFlags(grant)),
  curl: curl({ path: `/v1/rules/${encodeURIComponent(rule)}`, method: "PUT", body: { provider, when, ...grant } }),
});
export const removeRuleCommands = (rule: string): Commands => ({
  cli: cli("rule", "remove", rule),
  curl: curl({ path: `/v1/rules/${encodeURIComponent(rule)}`, method: "DELETE" }),
});
export const testRulesCommands = (test: RuleTest): Commands => ({
  cli: cli("rule", "test", ...flag("provider", test.provider), ...test.claims.flatMap((claim) => flag("claim", claim))),
  curl: curl({ path: "/v1/rules/test", method: "POST", body: test }),
});

export const loginCommand = () => cli("login");
export const sessionListCommands = (user: string): Commands => ({ cli: cli("session", "list", ...flag("user", user || undefined)), curl: curl({ path: "/v1/sessions", query: { user } }) });
export const endSessionCommands = (id: string): Commands => ({ cli: cli("session", "end", id), curl: curl({ path: `/v1/sessions/${id}`, method: "DELETE" }) });
