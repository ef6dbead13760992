// The past moment (or the position of the log) that a screen shows, if it shows one: it stands in the address as `as_of`.
import { createContext, useContext } from "react";
import { standing, type Standing } from "../text/standing";
import type { CertificateSummary } from "../api/types";
import { useNow } from "./now";

export const AsOf = createContext<string | undefined>(undefined);
export const useAsOf = () => useContext(AsOf);

// How a certificate stands, now or then.
export function useStanding(certificate: CertificateSummary): Standing {
  const now = useNow();
  return standing(certificate, useAsOf() === undefined ? now : undefined);
}
