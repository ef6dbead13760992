// Light, dark, or as the system is. The choice is all that this page ever stores.
import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";
const kKey = "quicklime-theme";
const system = window.matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

function stored(): Theme {
  try {
    const value = localStorage.getItem(kKey);
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    return "system"; // a browser that stores nothing
  }
}
let theme = stored();

export function applyTheme() {
  const isDark = theme === "dark" || (theme === "system" && system.matches);
  document.documentElement.classList.toggle("pf-v6-theme-dark", isDark);
}
system.addEventListener("change", applyTheme);

export function chooseTheme(chosen: Theme) {
  theme = chosen;
  try {
    localStorage.setItem(kKey, chosen);
  } catch {
    // for this page then
  }
  applyTheme();
  listeners.forEach((listener) => listener());
}

export const useTheme = () =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => theme,
  );
