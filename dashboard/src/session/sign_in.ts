// Signing in with an API token. The API has no question "who am I": the list of tokens says it to those who may read it
// (administrators and auditors), and that it is refused says that the token is a requester's.
import { api } from "../api/api";
import type { Problem } from "../api/problem";
import { ask } from "../api/transport";
import type { Role, TokenList } from "../api/types";
import type { Store } from "../store";
import { signedIn, signedOut, type Identity } from "./session";
import { forgetToken, keepToken, tokenId } from "./token";

export async function signIn(store: Pick<Store, "dispatch" | "getState">, text: string): Promise<Problem | undefined> {
  keepToken(text);
  const id = tokenId(text);
  const answer = await ask({ path: "/v1/tokens" }, { ...store, signal: new AbortController().signal });
  if ("error" in answer && answer.error.status !== 403) {
    forgetToken();
    return answer.error;
  }
  const identity: Identity = { role: "requester" };
  if (id) identity.id = id;
  if ("data" in answer) {
    const own = (answer.data as TokenList).tokens.find((token) => token.id === id);
    identity.role = (own?.role as Role | undefined) ?? "auditor";
    if (own) {
      identity.name = own.name;
      identity.notAfter = own.not_after;
    }
  }
  store.dispatch(signedIn(identity));
  return undefined;
}

// Nothing that one saw stays for who comes after.
export function signOut(store: Pick<Store, "dispatch">) {
  forgetToken();
  store.dispatch(signedOut());
  store.dispatch(api.util.resetApiState());
}
