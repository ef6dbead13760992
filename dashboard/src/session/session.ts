// Who is signed in, and how fresh what he sees is. State of the page only: everything that the server says is in api/api.ts.
import { createSlice, type PayloadAction } from "@reduxjs/toolkit";
import { isAtLeast } from "../api/position";
import type { Problem } from "../api/problem";
import type { Position, Role } from "../api/types";

export interface Identity {
  role: Role;
  id?: string;
  name?: string;
  notAfter?: string;
}

export interface SessionState {
  identity: Identity | null;
  ended: Problem | null; // why the last session ended, when not by its owner
  view: { position: Position; ageSeconds: number; at: number } | null; // of the answer that came last
  written: Position | null; // our own last write: no later answer may lack it
  unreachableSince: number | null;
}

const initialState: SessionState = { identity: null, ended: null, view: null, written: null, unreachableSince: null };

const session = createSlice({
  name: "session",
  initialState,
  reducers: {
    signedIn: (state, action: PayloadAction<Identity>) => {
      state.identity = action.payload;
      state.ended = null;
    },
    signedOut: () => initialState,
    sessionEnded: (state, action: PayloadAction<Problem>) => {
      if (state.identity) return { ...initialState, ended: action.payload };
      return state;
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

export const { signedIn, signedOut, sessionEnded, viewSeen, written, answered, unanswered } = session.actions;
export const sessionReducer = session.reducer;
