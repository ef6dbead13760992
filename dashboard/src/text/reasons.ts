// The reasons of RFC 5280, section 5.3.1, in plain words. A hold is an action of its own; cACompromise and aACompromise
// are for authorities.
import type { Reason } from "../api/types";

export interface ReasonWords {
  reason: Reason;
  title: string;
  meaning: string;
}

export const kLeafReasons: readonly ReasonWords[] = [
  { reason: "unspecified", title: "No particular reason", meaning: "Revoked, and nobody is told why." },
  { reason: "superseded", title: "Replaced by another", meaning: "A newer certificate is in use; this one is to end sooner than its date." },
  { reason: "cessationOfOperation", title: "No longer used", meaning: "The service or the machine is gone." },
  { reason: "keyCompromise", title: "The key is or may be in wrong hands", meaning: "Blocks the key for ever: it gets no certificate again and renews none." },
  { reason: "affiliationChanged", title: "Name or owner changed", meaning: "What it says about its holder is no longer true." },
  { reason: "privilegeWithdrawn", title: "Holder may no longer have it", meaning: "The right to it was taken back." },
];

export const reasonTitle = (reason: Reason | undefined) =>
  reason === "certificateHold" ? "On hold" : (kLeafReasons.find((words) => words.reason === reason)?.title ?? reason ?? "No particular reason");
