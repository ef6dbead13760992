// What is asked of the inventory as a whole: how many, when, whose, and how fresh everything is.
import { api } from "./api";
import type { CountedBy, Counts, Ending, EventPage, Health, Issuance, Lineage, LineageNote, NoteRequest, Position } from "./types";

// A lineage and the tag of its owner and note: who changes them says which he saw.
export interface TaggedLineage {
  answer: Lineage;
  tag: string;
}
const lineagePath = (service: string) => `/v1/lineages/${encodeURIComponent(service)}`;

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
    lineage: build.query<TaggedLineage, { service: string }>({
      query: ({ service }) => ({ path: lineagePath(service), query: { limit: 500 }, withTag: true }),
      providesTags: ["Certificates", "Lineages"],
    }),
    noteLineage: build.mutation<LineageNote, { service: string; tag: string; note: NoteRequest }>({
      query: ({ service, tag, note }) => ({ path: lineagePath(service), method: "PUT", body: note, ifMatch: tag }),
      invalidatesTags: ["Lineages"],
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

export const { useCountsQuery, useEndingQuery, useIssuanceQuery, useLineageQuery, useNoteLineageMutation, useHealthQuery, useEventsAfterQuery, useRevocationsQuery } = inventory;
