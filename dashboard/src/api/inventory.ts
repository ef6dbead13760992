// What is asked of the inventory as a whole: how many, when, whose, and how fresh everything is.
import { api } from "./api";
import type { CountedBy, Counts, Ending, EventPage, Health, Issuance, Lineage, Position } from "./types";

const inventory = api.injectEndpoints({
  endpoints: (build) => ({
    counts: build.query<Counts, { by: CountedBy; limit?: number }>({
      query: (query) => ({ path: "/v1/certificates/counts", query }),
      providesTags: ["Certificates"],
    }),
    ending: build.query<Ending, { bin: "hour" | "day"; bins: number }>({
      query: (query) => ({ path: "/v1/certificates/expiry", query }),
      providesTags: ["Certificates"],
    }),
    issuance: build.query<Issuance, { bin: "hour" | "day"; bins: number }>({
      query: (query) => ({ path: "/v1/certificates/issuance", query }),
      providesTags: ["Certificates"],
    }),
    lineage: build.query<Lineage, { service: string }>({
      query: ({ service }) => ({ path: `/v1/lineages/${encodeURIComponent(service)}`, query: { limit: 500 } }),
      providesTags: ["Certificates"],
    }),
    eventsAfter: build.query<EventPage, Position>({
      query: (after) => ({ path: "/v1/events", query: { after, limit: 200 } }),
    }),
    revocations: build.query<EventPage, void>({
      query: () => ({ path: "/v1/events", query: { type: "certificate.revoked,certificate.held,certificate.released", limit: 100 } }),
      providesTags: ["Certificates"],
    }),
    // How far behind everything is must not wait for what is behind.
    health: build.query<Health, void>({ query: () => ({ path: "/v1/health", atLeast: "0.0" }) }),
  }),
});

export const { useCountsQuery, useEndingQuery, useIssuanceQuery, useLineageQuery, useHealthQuery, useEventsAfterQuery, useRevocationsQuery } = inventory;
