// What the address says besides the screen: a one-time link, and where somebody was who signs in elsewhere.

// <public_url>/ui/#one-time=qlk_...: read once, and gone from the address and from the history before anything is shown.
export function takeOneTime(): string | undefined {
  const { hash, pathname, search } = window.location;
  const text = /^#one-time=(.*)$/.exec(hash)?.[1];
  if (text === undefined) return undefined;
  window.history.replaceState(window.history.state, "", pathname + search);
  return text;
}

// A provider sends the browser back to the first screen: this one is where he was.
const kReturn = "quicklime-return";

export function rememberReturn(path: string) {
  try {
    sessionStorage.setItem(kReturn, path);
  } catch {
    // the first screen then
  }
}

// Only a path of this page, whatever was stored.
export function takeReturn(): string | undefined {
  try {
    const path = sessionStorage.getItem(kReturn);
    sessionStorage.removeItem(kReturn);
    return path && /^\/(?![/\\])/.test(path) ? path : undefined;
  } catch {
    return undefined;
  }
}
