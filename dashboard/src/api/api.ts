// Everything that the page asks the server, with the types of docs/openapi.yaml.
import { createApi } from "@reduxjs/toolkit/query/react";
import type { Problem } from "./problem";
import { pageOf, type RowPage } from "./rows";
import { follow } from "./stream";
import { ask, transport } from "./transport";
import type {
  AuthorityList,
  CertificateDetail,
  CertificateFilter,
  EventPage,
  IssuedCertificate,
  IssueRequest,
  LogEvent,
  ManyRevoked,
  NewToken,
  Position,
  Reason,
  Revoked,
  SignInWays,
  StatusAnswer,
  Token,
  TokenList,
  TokenRequest,
} from "./types";

// The certificates before and after one, oldest first: by `replaces` and `replaced_by`.
export interface Line {
  certificates: CertificateDetail[];
  more: boolean; // there are older or newer ones than were looked at
}
const kLineSteps = 10;

export interface Live {
  events: LogEvent[]; // newest first
  position: Position;
  isConnected: boolean;
  isCut: boolean; // there are older ones
}
const kEventsAtFirst = 100;
const kEventsAtMost = 1000;

export const api = createApi({
  reducerPath: "api",
  baseQuery: transport,
  tagTypes: ["Certificates", "Authorities", "Tokens", "Users", "Rules", "Sessions"],
  endpoints: (build) => ({
    certificates: build.infiniteQuery<RowPage, CertificateFilter, string>({
      infiniteQueryOptions: { initialPageParam: "", getNextPageParam: (page) => page.next },
      query: ({ queryArg, pageParam }) => ({ path: "/v1/certificates", query: { ...queryArg, cursor: pageParam } }),
      transformResponse: pageOf,
      providesTags: ["Certificates"],
    }),
    certificate: build.query<CertificateDetail, { serial: string; asOf?: string | undefined }>({
      query: ({ serial, asOf }) => ({ path: `/v1/certificates/${encodeURIComponent(serial)}`, query: { as_of: asOf } }),
      providesTags: ["Certificates"],
    }),
    line: build.query<Line, string>({
      async queryFn(serial, host) {
        const show = async (which: string) =>
          (await ask({ path: `/v1/certificates/${encodeURIComponent(which)}` }, host)) as { data: CertificateDetail } | { error: Problem };
        const first = await show(serial);
        if ("error" in first) return first;
        const certificates = [first.data];
        let more = false;
        // A neighbour that the inventory has forgotten ends the line there.
        for (const [next, add] of [
          ["replaces", (found: CertificateDetail) => certificates.unshift(found)],
          ["replaced_by", (found: CertificateDetail) => certificates.push(found)],
        ] as const) {
          let at = first.data[next];
          for (let step = 0; at && step < kLineSteps; ++step) {
            const found = await show(at);
            if ("error" in found) {
              if (found.error.status !== 404) return found;
              at = undefined;
            } else {
              add(found.data);
              at = found.data[next];
            }
          }
          if (at) more = true;
        }
        return { data: { certificates, more } };
      },
      providesTags: ["Certificates"],
    }),
    authorities: build.query<AuthorityList, void>({
      query: () => ({ path: "/v1/authorities" }),
      providesTags: ["Authorities"],
    }),
    // What happened last, and then what happens: the list first, and the stream from where it ends.
    events: build.query<Live, void>({
      query: () => ({ path: "/v1/events", query: { limit: kEventsAtFirst } }),
      transformResponse: (page: EventPage) => ({ events: page.events, position: page.position, isConnected: false, isCut: page.next !== undefined }),
      async onCacheEntryAdded(_argument, entry) {
        const stop = new AbortController();
        const host = { dispatch: entry.dispatch, getState: () => entry.getState(), signal: stop.signal };
        const listening = entry.cacheDataLoaded.then(
          ({ data }) =>
            follow(data.position, host, (news) =>
              entry.updateCachedData((live) => {
                live.isConnected = news.isConnected;
                for (const event of news.events) {
                  if (live.events.some((known) => known.id === event.id)) continue; // stored twice
                  live.events.unshift(event);
                }
                if (live.events.length > kEventsAtMost) {
                  live.events.length = kEventsAtMost;
                  live.isCut = true;
                }
              }),
            ),
          () => undefined, // gone before it was there
        );
        await entry.cacheEntryRemoved;
        stop.abort();
        await listening;
      },
      keepUnusedDataFor: 0,
    }),
    tokens: build.query<TokenList, void>({ query: () => ({ path: "/v1/tokens" }), providesTags: ["Tokens"] }),
    signInPage: build.query<SignInWays, void>({ query: () => ({ path: "/v1/sign-in", signsIn: true }), keepUnusedDataFor: 0 }),
    version: build.query<{ version: string }, void>({ query: () => ({ path: "/v1/version" }) }),
    // Whether an authority's CRL lacks nothing up to a position.
    crlShows: build.query<boolean, { authority: string; position: Position }>({
      async queryFn({ authority, position }, host) {
        const answer = await ask({ path: `/crl/${encodeURIComponent(authority)}.crl`, atLeast: position, ignoreBody: true }, host);
        return "error" in answer ? answer : { data: true };
      },
      keepUnusedDataFor: 0,
    }),
    issue: build.mutation<IssuedCertificate, { request: IssueRequest; idempotencyKey: string }>({
      query: ({ request, idempotencyKey }) => ({ path: "/v1/certificates", method: "POST", body: request, idempotencyKey }),
      invalidatesTags: ["Certificates"],
    }),
    revoke: build.mutation<Revoked, { serial: string; reason: Reason; same_key?: boolean; with_successors?: boolean }>({
      query: ({ serial, ...body }) => ({ path: `/v1/certificates/${encodeURIComponent(serial)}/revoke`, method: "POST", body }),
      invalidatesTags: ["Certificates"],
    }),
    revokeMany: build.mutation<ManyRevoked, { serials: string[]; reason: Reason }>({
      query: (body) => ({ path: "/v1/revocations", method: "POST", body }),
      invalidatesTags: ["Certificates"],
    }),
    hold: build.mutation<StatusAnswer, string>({
      query: (serial) => ({ path: `/v1/certificates/${encodeURIComponent(serial)}/hold`, method: "POST" }),
      invalidatesTags: ["Certificates"],
    }),
    release: build.mutation<StatusAnswer, string>({
      query: (serial) => ({ path: `/v1/certificates/${encodeURIComponent(serial)}/release`, method: "POST" }),
      invalidatesTags: ["Certificates"],
    }),
    createToken: build.mutation<NewToken, TokenRequest>({
      query: (body) => ({ path: "/v1/tokens", method: "POST", body }),
      invalidatesTags: ["Tokens"],
    }),
    revokeToken: build.mutation<Token, string>({
      query: (id) => ({ path: `/v1/tokens/${encodeURIComponent(id)}`, method: "DELETE" }),
      invalidatesTags: ["Tokens"],
    }),
  }),
});

export const {
  useCertificatesInfiniteQuery,
  useCertificateQuery,
  useLineQuery,
  useAuthoritiesQuery,
  useEventsQuery,
  useTokensQuery,
  useSignInPageQuery,
  useVersionQuery,
  useCrlShowsQuery,
  useIssueMutation,
  useRevokeMutation,
  useRevokeManyMutation,
  useHoldMutation,
  useReleaseMutation,
  useCreateTokenMutation,
  useRevokeTokenMutation,
} = api;
