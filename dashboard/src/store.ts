import { configureStore } from "@reduxjs/toolkit";
import { setupListeners } from "@reduxjs/toolkit/query";
import { useDispatch, useSelector, useStore } from "react-redux";
import { api } from "./api/api";
import { sessionReducer } from "./session/session";

export function makeStore() {
  const store = configureStore({
    reducer: { session: sessionReducer, [api.reducerPath]: api.reducer },
    // The checks walk the whole state: with many thousand rows they cost more than what they find.
    middleware: (standard) => standard({ immutableCheck: false, serializableCheck: false }).concat(api.middleware),
    devTools: false,
  });
  setupListeners(store.dispatch);
  return store;
}

export type Store = ReturnType<typeof makeStore>;
export type State = ReturnType<Store["getState"]>;
export const useAppSelector = useSelector.withTypes<State>();
export const useAppDispatch = useDispatch.withTypes<Store["dispatch"]>();
export const useAppStore = useStore.withTypes<Store>();
