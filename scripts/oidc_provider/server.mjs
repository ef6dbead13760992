// A real OpenID Connect provider for the tests, with what is fixed here: clients, accounts with groups, keys of three algorithms.
//
//   node server.mjs --port PORT [--redirect URI]... [--claims-in-token] [--cert PEM --key PEM]
//
// Says "ready" and its issuer on a line when it serves. Beside what the standard has:
//   POST /rotate          new keys sign from now on, the old ones stay published; /rotate?drop takes those back
//   POST /mint            {"alg", "claims", "header"} -> a token signed by the key of that algorithm: what pipelines get from their platform.
//                         iss, iat, exp and sub stand in it unless the claims say otherwise (null: left out)
//   GET  /count           how often the keys were asked for
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { parseArgs } from 'node:util';

import { SignJWT, exportJWK, generateKeyPair, importJWK } from 'jose';
import Provider from 'oidc-provider';

const { values: options } = parseArgs({
  options: {
    port: { type: 'string' },
    redirect: { type: 'string', multiple: true, default: [] },
    'claims-in-token': { type: 'boolean', default: false },
    cert: { type: 'string' },
    key: { type: 'string' },
  },
});

// Passwords: "password of alice".
const accounts = {
  alice: { name: 'Alice Example', groups: ['staff', 'PKI-Admins'] },
  bob: { name: 'Bob Example', groups: ['staff', 'web'] },
  carol: { name: 'Carol Example', groups: ['pki-auditors'] },
  dave: { name: 'Dave Example', groups: ['pki-admins', 'pki-auditors'] },
  erin: { name: 'Erin Example', groups: [] },
};

const algorithms = ['RS256', 'ES256', 'EdDSA'];
// One client of each algorithm for the browser, one without a secret, one for programs.
const clients = [
  ...algorithms.map((algorithm) => ({
    client_id: `quicklime-${algorithm.toLowerCase()}`,
    client_secret: 'secret of quicklime',
    id_token_signed_response_alg: algorithm,
  })),
  { client_id: 'quicklime-public', token_endpoint_auth_method: 'none' },
].map((client) => ({ ...client, redirect_uris: options.redirect, grant_types: ['authorization_code'], response_types: ['code'] }));
clients.push({
  client_id: 'pipeline',
  client_secret: 'secret of pipeline',
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
});

const scheme = options.cert ? 'https' : 'http';
const issuer = `${scheme}://127.0.0.1:${options.port}`;
let keys = []; // the newest first: the first that fits signs
let rotations = 0;
let counted = 0;
let provider;
let answer;

async function rotate(drop) {
  rotations += 1;
  const made = [];
  for (const alg of algorithms) {
    const { privateKey } = await generateKeyPair(alg, { extractable: true });
    made.push({ ...(await exportJWK(privateKey)), alg, use: 'sig', kid: `${alg} ${rotations}` });
  }
  keys = drop ? made : [...made, ...keys];
  // Sessions, codes and grants are in the adapter's memory, which outlives the provider.
  provider = new Provider(issuer, {
    clients,
    jwks: { keys },
    cookies: { keys: ['of the tests'] },
    scopes: ['openid', 'profile', 'groups'],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], groups: ['groups'] },
    conformIdTokenClaims: !options['claims-in-token'],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (context, resource) => ({
          scope: '',
          audience: resource,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
    },
    findAccount: (context, id) =>
      accounts[id] && { accountId: id, claims: () => ({ sub: id, preferred_username: id, ...accounts[id] }) },
    interactions: { url: (context, interaction) => `/interaction/${interaction.uid}` },
    // Whoever has signed in has agreed.
    async loadExistingGrant(context) {
      const grant = new context.oidc.provider.Grant({
        clientId: context.oidc.client.clientId,
        accountId: context.oidc.session.accountId,
      });
      grant.addOIDCScope('openid profile groups');
      await grant.save();
      return grant;
    },
  });
  answer = provider.callback();
}

async function body(request) {
  let text = '';
  for await (const piece of request) text += piece;
  return text;
}

function send(response, status, type, text) {
  response.writeHead(status, { 'content-type': type });
  response.end(text);
}

const page = `<!doctype html><title>Sign in</title><form method="post">
<label>Name <input name="name" id="name"></label> <label>Password <input name="password" id="password" type="password"></label>
<button id="go">Sign in</button></form>`;

async function interact(request, response) {
  const { uid } = await provider.interactionDetails(request, response);
  if (request.method === 'GET' || !uid) return send(response, 200, 'text/html', page);
  const form = new URLSearchParams(await body(request));
  const name = form.get('name');
  if (!accounts[name] || form.get('password') !== `password of ${name}`) return send(response, 401, 'text/html', page);
  return provider.interactionFinished(request, response, { login: { accountId: name } });
}

async function mint(request, response) {
  const { alg = 'ES256', claims = {}, header = {} } = JSON.parse(await body(request));
  const key = keys.find((one) => one.alg === alg);
  const now = Math.floor(Date.now() / 1000);
  const whole = { iss: issuer, sub: 'pipeline', iat: now, exp: now + 300, ...claims };
  const said = Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== null));
  const token = await new SignJWT(said).setProtectedHeader({ alg, kid: key.kid, typ: 'JWT', ...header }).sign(await importJWK(key, alg));
  send(response, 200, 'text/plain', token);
}

async function serve(request, response) {
  const url = new URL(request.url, issuer);
  if (url.pathname.startsWith('/interaction/')) return interact(request, response);
  if (url.pathname === '/mint') return mint(request, response);
  if (url.pathname === '/count') return send(response, 200, 'text/plain', String(counted));
  if (url.pathname === '/rotate' && request.method === 'POST') {
    await rotate(url.searchParams.has('drop'));
    return send(response, 200, 'text/plain', 'rotated');
  }
  if (url.pathname === '/jwks') counted += 1;
  return answer(request, response);
}

const served = (request, response) => serve(request, response).catch((error) => send(response, 500, 'text/plain', String(error)));

await rotate(false);
const server = options.cert
  ? createHttpsServer({ cert: readFileSync(options.cert), key: readFileSync(options.key) }, served)
  : createHttpServer(served);
server.listen(Number(options.port), '127.0.0.1', () => console.log(`ready ${issuer}`));
