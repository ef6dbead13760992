// What is asked of people, rules and sessions. It comes with the screens that ask it.
import { api } from "./api";
import type { Approval, Grant, NewUser, OneTime, Rule, RuleList, RuleRequest, RuleTest, Granted, Session, SessionList, User, UserList, UserRequest } from "./types";

const user = (id: string, act: string) => `/v1/users/${encodeURIComponent(id)}/${act}`;

const people = api.injectEndpoints({
  endpoints: (build) => ({
    users: build.query<UserList, void>({ query: () => ({ path: "/v1/users" }), providesTags: ["Users"] }),
    createUser: build.mutation<NewUser, UserRequest>({
      query: (body) => ({ path: "/v1/users", method: "POST", body }),
      invalidatesTags: ["Users"],
    }),
    grantUser: build.mutation<User, { user: string; grant: Partial<Grant> & { name?: string } }>({
      query: ({ user: id, grant }) => ({ path: user(id, "grant"), method: "POST", body: grant }),
      invalidatesTags: ["Users", "Sessions"],
    }),
    switchUser: build.mutation<User, { user: string; act: "disable" | "enable" }>({
      query: ({ user: id, act }) => ({ path: user(id, act), method: "POST" }),
      invalidatesTags: ["Users", "Sessions"],
    }),
    oneTimeOfUser: build.mutation<OneTime, string>({ query: (id) => ({ path: user(id, "one-time"), method: "POST" }) }),

    rules: build.query<RuleList, void>({ query: () => ({ path: "/v1/rules" }), providesTags: ["Rules"] }),
    setRule: build.mutation<Rule, { rule: string; request: RuleRequest }>({
      query: ({ rule, request }) => ({ path: `/v1/rules/${encodeURIComponent(rule)}`, method: "PUT", body: request }),
      invalidatesTags: ["Rules", "Sessions"],
    }),
    removeRule: build.mutation<Rule, string>({
      query: (rule) => ({ path: `/v1/rules/${encodeURIComponent(rule)}`, method: "DELETE" }),
      invalidatesTags: ["Rules", "Sessions"],
    }),
    testRules: build.mutation<Granted, RuleTest>({ query: (body) => ({ path: "/v1/rules/test", method: "POST", body }) }),

    sessions: build.query<SessionList, { user?: string }>({
      query: (filter) => ({ path: "/v1/sessions", query: { ...filter } }),
      providesTags: ["Sessions"],
    }),
    endSession: build.mutation<Session, string>({
      query: (id) => ({ path: `/v1/sessions/${encodeURIComponent(id)}`, method: "DELETE" }),
      invalidatesTags: ["Sessions"],
    }),
    approveSession: build.mutation<Session, Approval>({
      query: (body) => ({ path: "/v1/sessions", method: "POST", body }),
      invalidatesTags: ["Sessions"],
    }),
  }),
});

export const {
  useUsersQuery,
  useCreateUserMutation,
  useGrantUserMutation,
  useSwitchUserMutation,
  useOneTimeOfUserMutation,
  useRulesQuery,
  useSetRuleMutation,
  useRemoveRuleMutation,
  useTestRulesMutation,
  useSessionsQuery,
  useEndSessionMutation,
  useApproveSessionMutation,
} = people;
