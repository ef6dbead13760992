// Who is signed in, and how fresh what he sees is. State of the page only: everything that the server says is in api/api.ts.
import { createSlice, type PayloadAction } from "@reduxjs/toolkit";
import { isAtLeast } from "../api/position";
import type { Problem } from "../api/problem";
import type { Position, Role, Session } from "../api/types";

export interface Identity {
  role: Role;
  id?: string; // of the user or the token
  name?: string;
  session: Session | null; // null: by token
}

export interface Ended {
  what: "session" | "link" | "sign-out"; // a session ended by itself; a one-time link was refused; signing out was not heard
  problem: Problem;
  provider?: string; // at which one had signed in: coming back is one press, for it knows one still
}

export interface SessionState {
  isBeginning: boolean; // it is not known yet whether this browser has a session
  identity: Identity | null;
  ended: Ended | null; // why nobody is signed in, when it was not its owner's wish
  isWelcomed: boolean; // who came by a one-time link has done what it is for, or goes on without
  view: { position: Position; ageSeconds: number; at: number } | null; // of the answer that came last
  written: Position | null; // our own last write: no later answer may lack it
  unreachableSince: number | null;
}

const initialState: SessionState = {
  isBeginning: true,
  identity: null,
  ended: null,
  isWelcomed: false,
  view: null,
  written: null,
  unreachableSince: null,
};
const nobody: SessionState = { ...initialState, isBeginning: false };

const session = createSlice({
  name: "session",
  initialState,
  reducers: {
    signedIn: (state, action: PayloadAction<Identity>) => {
      state.isBeginning = false;
      state.identity = action.payload;
      state.ended = null;
    },
    signedOut: (_state, action: PayloadAction<Ended | undefined>) => ({ ...nobody, ended: action.payload ?? null }),
    sessionEnded: (state, action: PayloadAction<Problem>) => {
      if (!state.identity) return state;
      const { session } = state.identity;
      return { ...nobody, ended: { what: "session" as const, problem: action.payload, ...(session?.method === "browser" ? { provider: session.provider } : {}) } };
    },
    sessionExtended: (state, action: PayloadAction<Session>) => {
      if (state.identity?.session?.session === action.payload.session) state.identity.session = action.payload;
    },
    welcomed: (state) => {
      state.isWelcomed = true;
    },
    viewSeen: (state, action: PayloadAction<{ position: Position; ageSeconds: number; at: number }>) => {
      state.view = action.payload;
    },
    written: (state, action: PayloadAction<Position>) => {
      if (!state.written || isAtLeast(action.payload, state.written)) state.written = action.payload;
    },
    answered: (state) => {
      state.unreachableSince = null;
    },
    unanswered: (state, action: PayloadAction<number>) => {
      state.unreachableSince ??= action.payload;
    },
  },
});

export const { signedIn, signedOut, sessionEnded, sessionExtended, welcomed, viewSeen, written, answered, unanswered } = session.actions;
export const sessionReducer = session.reducer;
