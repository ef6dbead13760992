// The keyboard: `/` searches, `g` and a letter goes somewhere, `?` lists the keys.
import { useEffect, useRef } from "react";
import { useNavigate } from "react-router";

// `isInner`: not for requesters, who may not ask for it.
export const kPlaces: readonly { key: string; path: string; name: string; isInner?: boolean }[] = [
  { key: "o", path: "/", name: "Overview" },
  { key: "c", path: "/certificates", name: "Certificates" },
  { key: "a", path: "/authorities", name: "Authorities" },
  { key: "t", path: "/tokens", name: "Tokens", isInner: true },
  { key: "e", path: "/events", name: "Live events", isInner: true },
];
export const kSearchId = "certificate-search";
const kSequence = 1500; // milliseconds from `g` to its letter

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));

export function useKeys(showHelp: () => void) {
  const navigate = useNavigate();
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
        const place = kPlaces.find(({ key }) => key === event.key);
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
  }, [navigate, showHelp]);
}
