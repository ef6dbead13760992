// The keyboard: `/` searches, `g` and a letter goes somewhere, `?` lists the keys.
import { useEffect, useMemo, useRef } from "react";
import { useNavigate } from "react-router";
import { may, type Right } from "../session/rights";
import { useAppSelector } from "../store";

export interface Place {
  key: string;
  path: string;
  name: string;
  needs?: Right; // absent: for everybody
  isOfPeople?: boolean;
}
export const kPlaces: readonly Place[] = [
  { key: "o", path: "/", name: "Overview" },
  { key: "c", path: "/certificates", name: "Certificates" },
  { key: "l", path: "/lineage", name: "Lineage" },
  { key: "v", path: "/revocations", name: "Revocations", needs: "seeEvents" },
  { key: "h", path: "/health", name: "CRL and OCSP", needs: "seeHealth" },
  { key: "a", path: "/authorities", name: "Authorities" },
  { key: "e", path: "/events", name: "Live events", needs: "seeEvents" },
  { key: "y", path: "/system", name: "System", needs: "seeHealth" },
  { key: "u", path: "/users", name: "Users", needs: "seePeople", isOfPeople: true },
  { key: "r", path: "/rules", name: "Rules", needs: "seePeople", isOfPeople: true },
  { key: "s", path: "/sessions", name: "Sessions", isOfPeople: true },
  { key: "t", path: "/tokens", name: "Tokens", needs: "seeTokens", isOfPeople: true },
];

// The places of who is signed in; nobody goes where they would be refused.
export function usePlaces(): readonly Place[] {
  const role = useAppSelector((state) => state.session.identity?.role);
  return useMemo(() => kPlaces.filter(({ needs }) => needs === undefined || may(role, needs)), [role]);
}

export const kSearchId = "certificate-search";
const kSequence = 1500; // milliseconds from `g` to its letter

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));

export function useKeys(showHelp: () => void) {
  const navigate = useNavigate();
  const places = usePlaces();
  const pressed = useRef(0);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("[role=dialog]")) return;
      if (event.key === "g") {
        pressed.current = event.timeStamp;
        return;
      }
      if (event.timeStamp - pressed.current < kSequence && pressed.current > 0) {
        pressed.current = 0;
        const place = places.find(({ key }) => key === event.key);
        if (place) void navigate(place.path);
        return;
      }
      if (event.key === "?") {
        event.preventDefault();
        showHelp();
      } else if (event.key === "/") {
        event.preventDefault();
        const search = document.getElementById(kSearchId);
        if (search) search.focus();
        else void navigate("/certificates", { state: { search: true } });
      }
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [navigate, places, showHelp]);
}
