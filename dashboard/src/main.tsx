import "@patternfly/react-core/dist/styles/base.css";
import "./style.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Provider } from "react-redux";
import { BrowserRouter } from "react-router";
import { App } from "./App";
import { takeOneTime } from "./session/address";
import { begin } from "./session/sign_in";
import { applyTheme } from "./shell/theme";
import { makeStore } from "./store";

applyTheme();
const store = makeStore();
void begin(store, takeOneTime());
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Provider store={store}>
        <BrowserRouter basename={import.meta.env.BASE_URL.replace(/\/$/, "")}>
          <App />
        </BrowserRouter>
      </Provider>
    </StrictMode>,
  );
}
