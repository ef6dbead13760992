import { screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { rememberReturn, takeOneTime, takeReturn } from "../../session/address";
import { certificate, currentAddress, open, openAs, openByToken, page, server, session, signInAs } from "../../test/app";
import { problem } from "../../test/server";

afterEach(() => sessionStorage.clear());

const signedInWith = (answer: { session?: unknown } = {}) => ({ status: 201, body: { session: session(), position: "0.43", ...answer } });

test("user and password make a cookie session; neither is kept, and nothing that a script could read goes along afterwards", async () => {
  server.on("listCertificates", () => page([certificate()]));
  const user = open("/certificates");
  server.on("signIn", () => {
    signInAs("administrator");
    return signedInWith();
  });
  await user.type(await screen.findByLabelText(/^User/), " alice ");
  await user.type(screen.getByLabelText(/^Password/), "correct horse{Enter}");
  expect(await screen.findByRole("heading", { level: 1, name: "Certificates" })).toBeVisible();
  expect(server.askedFor("signIn")[0]!.body).toEqual({ user: "alice", password: "correct horse", cookie: true });
  await waitFor(() => expect(server.askedFor("listCertificates").length).toBeGreaterThan(0));
  for (const asked of server.asked) expect(asked.headers.get("Authorization")).toBeNull();
  // What is asked afterwards knows of the session's own event.
  expect(server.askedFor("whoAmI").at(-1)!.headers.get("Quicklime-Min-Position")).toBe("0.42");
  expect(document.body.innerHTML).not.toContain("correct horse");
  expect(JSON.stringify({ ...localStorage, ...sessionStorage })).not.toContain("correct");
});

test("a wrong password is said once, alike for every reason, and only it is to be typed again", async () => {
  server.on("signIn", () => problem(401, "sign-in-failed", "user or password is wrong"));
  const user = open("/");
  await user.type(await screen.findByLabelText(/^User/), "alice");
  await user.type(screen.getByLabelText(/^Password/), "wrong horse{Enter}");
  expect(await screen.findByText("user or password is wrong")).toBeVisible();
  expect(screen.getByLabelText(/^User/)).toHaveValue("alice");
  expect(screen.getByLabelText(/^Password/)).toHaveValue("");
  expect(screen.getByLabelText(/^Password/)).toHaveFocus();
});

test("too many attempts: the server says when it may work again", async () => {
  server.on("signIn", () => ({ ...problem(429, "sign-in-limited", "too many failures"), headers: { "Retry-After": "30" } }));
  const user = open("/");
  await user.type(await screen.findByLabelText(/^User/), "alice");
  await user.type(screen.getByLabelText(/^Password/), "x{Enter}");
  expect(await screen.findByText(/again in 30 s/)).toBeVisible();
});

test("the banner stands before everything, as text; directories and providers are named", async () => {
  server.on("signInWays", () => ({
    body: {
      banner: "Authorised use only.\n<b>All</b> is recorded.",
      ways: [{ way: "password" }, { way: "directory", provider: "acme" }, { way: "browser", provider: "op", url: "/v1/sign-in/op" }, { way: "browser", provider: "evil", url: "//evil.example/x" }],
    },
  }));
  const user = open("/certificates?status=held");
  expect(await screen.findByText(/<b>All<\/b> is recorded/)).toBeVisible();
  expect(screen.getByText(/acme:alice/)).toBeVisible();
  const link = screen.getByRole("link", { name: "Sign in with op" });
  expect(link).toHaveAttribute("href", "/v1/sign-in/op");
  expect(screen.queryByRole("link", { name: /evil/ })).not.toBeInTheDocument();
  // The provider sends the browser back to the first screen; one goes on where one was.
  link.addEventListener("click", (event) => event.preventDefault());
  await user.click(link);
  expect(takeReturn()).toBe("/certificates?status=held");
});

test("back from a provider one is where one was; what is no path of this page leads nowhere", async () => {
  server.on("listCertificates", () => page([certificate()]));
  rememberReturn("/certificates?status=held");
  openAs("auditor", "/");
  await waitFor(() => expect(currentAddress()).toBe("/certificates?status=held"));
  for (const elsewhere of ["//evil.example/", "/\\evil.example", "https://evil.example/", "javascript:alert(1)"]) {
    rememberReturn(elsewhere);
    expect(takeReturn()).toBeUndefined();
  }
});

test("a reload goes on with the browser's session, and asks for nothing", async () => {
  server.on("listCertificates", () => page([certificate()]));
  openAs("auditor", "/certificates");
  expect(await screen.findByRole("heading", { level: 1, name: "Certificates" })).toBeVisible();
  expect(server.askedFor("signIn")).toEqual([]);
});

test("a one-time link is gone from the address before anything is shown", () => {
  window.history.replaceState(null, "", "/ui/certificates?status=good#one-time=qlk_secret");
  expect(takeOneTime()).toBe("qlk_secret");
  expect(window.location.href).toBe("https://ca.example:8443/ui/certificates?status=good");
  expect(takeOneTime()).toBeUndefined();
  window.history.replaceState(null, "", "/ui/");
});

test("a link that was used is refused in the server's words, beside the other ways in", async () => {
  server.on("signIn", () => problem(409, "one-time-used", "this link was used"));
  open("/", "qlk_used");
  expect(await screen.findByText("this link was used")).toBeVisible();
  expect(await screen.findByLabelText(/^User/)).toBeVisible();
  expect(server.askedFor("signIn")).toHaveLength(1);
});

test("a token signs in, goes along with every question, and is kept nowhere else", async () => {
  server.on("listCertificates", () => page([certificate()]));
  await openByToken("administrator", "/certificates");
  expect(await screen.findByRole("heading", { level: 1, name: "Certificates" })).toBeVisible();
  await waitFor(() => expect(server.askedFor("listCertificates").length).toBeGreaterThan(0));
  for (const asked of server.askedFor("listCertificates")) expect(asked.headers.get("Authorization")).toBe(`Bearer ${server.token}`);
  expect(JSON.stringify({ ...localStorage })).not.toContain("qlk_");
  expect(JSON.stringify({ ...sessionStorage })).not.toContain("qlk_");
  expect(currentAddress()).not.toContain("qlk_");
  expect(document.body.innerHTML).not.toContain(server.token);
});

test("what is no token is said before it is sent", async () => {
  const user = open("/");
  await user.click(await screen.findByRole("button", { name: "With an API token" }));
  await user.type(await screen.findByLabelText(/^Token/), "qlk_half");
  expect(screen.getByText(/this is none, or not all of it/)).toBeVisible();
  expect(server.asked.map(({ operation }) => operation)).toEqual(["whoAmI", "signInWays"]);
});

test("a token that is refused is told why, with where that is explained", async () => {
  server.on("whoAmI", () => problem(401, "token-revoked", "this token was revoked"));
  const user = open("/");
  await user.click(await screen.findByRole("button", { name: "With an API token" }));
  await user.click(await screen.findByLabelText(/^Token/));
  await user.paste(server.token);
  await user.keyboard("{Enter}");
  expect(await screen.findByText("this token was revoked")).toBeVisible();
  expect(screen.getByRole("link", { name: /token-revoked/ })).toHaveAttribute("href", "https://quicklime.dev/errors#token-revoked");
});

test("a session that ends comes back to signing in, and then to where one was", async () => {
  let isOver = false;
  server.on("listCertificates", () => (isOver ? problem(401, "session-ended", "this session has ended") : page([certificate()])));
  const user = openAs("administrator", "/certificates?status=good");
  await screen.findByRole("table", { name: "Certificates" });
  isOver = true;
  await user.selectOptions(screen.getByLabelText("Status"), "held");
  expect(await screen.findByText(/this session has ended/)).toBeVisible();
  isOver = false;
  server.on("signIn", () => signedInWith());
  await user.type(await screen.findByLabelText(/^User/), "alice");
  await user.type(screen.getByLabelText(/^Password/), "correct horse{Enter}");
  expect(await screen.findByRole("heading", { level: 1, name: "Certificates" })).toBeVisible();
  expect(currentAddress()).toBe("/certificates?status=held");
});

test("who signs out leaves nothing behind, on the server neither", async () => {
  server.on("listCertificates", () => page([certificate({ names: ["DNS:secret.internal"] })]));
  const user = openAs("auditor", "/certificates");
  await screen.findByText("secret.internal");
  await user.click(screen.getByRole("button", { name: "Signed in as Alice" }));
  await user.click(await screen.findByRole("menuitem", { name: "Sign out" }));
  expect(await screen.findByLabelText(/^User/)).toHaveValue("");
  expect(server.askedFor("endSession").map(({ path }) => path)).toEqual(["/v1/sessions/current"]);
  expect(screen.queryByText("secret.internal")).not.toBeInTheDocument();
});

test("a sign-out that the server does not hear is said", async () => {
  server.on("listCertificates", () => page([certificate()]));
  server.on("endSession", () => problem(503, "log-unavailable", "nothing can be written"));
  const user = openAs("auditor", "/certificates");
  await user.click(await screen.findByRole("button", { name: "Signed in as Alice" }));
  await user.click(await screen.findByRole("menuitem", { name: "Sign out" }));
  expect(await screen.findByText(/may still be signed in/)).toBeVisible();
});

test("the password is changed: the old one goes along once, and the new one signs in again", async () => {
  server.on("listCertificates", () => page([certificate()]));
  server.on("signIn", () => signedInWith());
  const user = openAs("auditor", "/certificates");
  await user.click(await screen.findByRole("button", { name: "Signed in as Alice" }));
  await user.click(await screen.findByRole("menuitem", { name: "Change the password" }));
  await user.type(await screen.findByLabelText(/^Password until now/), "old horse battery");
  await user.type(screen.getByLabelText(/^New password/), "short");
  expect(screen.getByText(/this has 5/)).toBeVisible();
  await user.clear(screen.getByLabelText(/^New password/));
  await user.type(screen.getByLabelText(/^New password/), "new horse battery");
  await user.type(screen.getByLabelText(/^The same again/), "new horse battery");
  await user.click(screen.getByRole("button", { name: "Change" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  expect(server.askedFor("setPassword").map(({ parameters, body }) => [parameters[0], body])).toEqual([["local:alice", { password: "new horse battery", old_password: "old horse battery" }]]);
  expect(server.askedFor("signIn").map(({ body }) => body)).toEqual([{ user: "local:alice", password: "new horse battery", cookie: true }]);
});

test("whose session at a provider has ended comes back by one press, to where one was", async () => {
  server.on("signInWays", () => ({ body: { ways: [{ way: "password" }, { way: "browser", provider: "op", url: "/v1/sign-in/op" }] } }));
  server.on("listCertificates", () => page([certificate()]));
  const user = openAs("auditor", "/certificates?service=api", [], { method: "browser", provider: "op" });
  await screen.findByRole("table", { name: "Certificates" });
  server.on("listCertificates", () => problem(401, "session-ended", "nobody had used it for a while"));
  server.on("whoAmI", () => problem(401, "session-ended", "nobody had used it for a while"));
  await user.selectOptions(screen.getByLabelText("Status"), "good");
  expect(await screen.findByText("The session has ended")).toBeVisible();
  const again = await screen.findByRole("link", { name: "Sign in again with op" });
  expect(again).toHaveFocus();
  expect(again).toHaveAttribute("href", "/v1/sign-in/op");
  expect(screen.queryByRole("link", { name: "Sign in with op" })).not.toBeInTheDocument();
});
