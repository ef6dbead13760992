// The API token of who is signed in. It lives in this module and nowhere else: not in storage, not in a URL, not in the
// store (whose content developer tools and error reports show). A reload forgets it.

let token: string | undefined;

export const keepToken = (text: string) => {
  token = text;
};
export const forgetToken = () => {
  token = undefined;
};
export const currentToken = () => token;

// qlk_<id>_<secret>: the id is no secret, the list of tokens has it.
export const tokenId = (text: string) => /^qlk_([0-9a-f]{16})_[0-9a-f]{64}$/.exec(text)?.[1];
