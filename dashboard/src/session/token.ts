// The API token of who is signed in with one. It lives in this module and nowhere else: not in storage, not in a URL, not
// in the store (whose content developer tools and error reports show). A reload forgets it. Who signed in otherwise has a
// cookie, which no script can read.

let token: string | undefined;
let signIns = 0;

export const keepToken = (text: string | undefined) => {
  token = text;
  ++signIns;
};
export const forgetToken = () => keepToken(undefined);
export const currentToken = () => token;

// Another number after every signing in and out: a late answer to who asked before ends nobody's session.
export const generation = () => signIns;

// qlk_<id>_<secret>: the id is no secret, the list of tokens has it.
export const tokenId = (text: string) => /^qlk_([0-9a-f]{16})_[0-9a-f]{64}$/.exec(text)?.[1];
