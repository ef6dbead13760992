// What of the CA's health needs somebody, and how much.
import type { CrlHealth, Health, OcspHealth, RoleHealth } from "../api/types";

export type PartState = RoleHealth["state"] | CrlHealth["state"] | OcspHealth["state"];

export const isFailing = (state: PartState) => state === "stopped" || state === "unreachable" || state === "ended" || state === "none";

export interface Part {
  key: string;
  name: string;
  state: PartState;
  why: string; // behind the name: "is behind the log"
  link: string;
}

const kRoleWhy: Record<RoleHealth["state"], string> = {
  current: "holds all of the log",
  behind: "is behind the log: what it shows or decides is old",
  stopped: "folds nothing any more",
  unreachable: "does not answer",
};
const kCrlWhy: Record<CrlHealth["state"], string> = {
  current: "is published in time",
  due: "is past two thirds of its life, and no other has been published",
  ended: "has ended: whoever checks it refuses every certificate",
  none: "has never been published",
};
const kOcspWhy: Record<OcspHealth["state"], string> = {
  current: "answers with what the log says",
  behind: "answers with what the log said a while ago",
  ended: "has a certificate that has ended: nobody trusts its answers",
  unreachable: "does not answer",
};

export const partsOf = (health: Health): Part[] => [
  ...health.roles.map(({ role, state }) => ({ key: `role ${role}`, name: `The view of ${role}`, state, why: kRoleWhy[state], link: "/system" })),
  ...health.crls.map(({ authority, state }) => ({ key: `crl ${authority}`, name: `The CRL of ${authority}`, state, why: kCrlWhy[state], link: "/health" })),
  ...health.ocsp.map(({ authority, state }) => ({ key: `ocsp ${authority}`, name: `The OCSP responder of ${authority}`, state, why: kOcspWhy[state], link: "/health" })),
];
