// What of the CA's health needs somebody, and how much.
import type { CrlHealth, Health } from "../api/types";

export type PartState = "behind" | CrlHealth["state"];

const kBehind = 5; // seconds: what is older than this decides nothing (views.write_limit)

export const isFailing = (state: PartState) => state === "ended" || state === "none";

export interface Part {
  key: string;
  name: string;
  state: PartState;
  why: string; // behind the name: "is behind the log"
  link: string;
}

const kCrlWhy: Record<CrlHealth["state"], string> = {
  current: "is published in time",
  due: "is past two thirds of its life, and no other has been published",
  ended: "has ended: whoever checks it refuses every certificate",
  none: "has never been published",
};

export const viewState = ({ age_seconds: age }: Health): PartState => (age > kBehind ? "behind" : "current");

// Where the log ends: so many events behind what the view has come to.
export function endOfLog({ position, lag }: Health): string {
  const [epoch = "0", offset = "0"] = position.split(".");
  return `${epoch}.${BigInt(offset) + BigInt(lag)}`;
}

// A CRL's number is the position up to which it lacks nothing: epoch * 2^64 + offset.
export function knowsOf({ number }: CrlHealth, position: string): boolean {
  const [epoch = "0", offset = "0"] = position.split(".");
  return number !== undefined && /^\d+$/.test(number) && BigInt(number) >= (BigInt(epoch) << 64n) + BigInt(offset);
}

// An authority that has revoked nothing yet has published nothing: only what is late is somebody's business.
export const partsOf = (health: Health): Part[] => [
  { key: "view", name: "The inventory", state: viewState(health), why: "is behind the log: what is shown is old", link: "/system" },
  ...health.crls
    .filter(({ state }) => state !== "none")
    .map(({ authority, state }) => ({ key: `crl ${authority}`, name: `The CRL of ${authority}`, state, why: kCrlWhy[state], link: "/health" })),
];
