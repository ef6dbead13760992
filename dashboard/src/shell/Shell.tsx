// What is around every screen: where one is, how fresh it is, who one is, and the keyboard.
import {
  Button,
  Masthead,
  MastheadBrand,
  MastheadContent,
  MastheadLogo,
  MastheadMain,
  MastheadToggle,
  MenuToggle,
  Dropdown,
  DropdownGroup,
  DropdownItem,
  DropdownList,
  Nav,
  NavGroup,
  NavItem,
  NavList,
  Page,
  PageSidebar,
  PageSidebarBody,
  PageToggleButton,
  SkipToContent,
  Spinner,
  Bullseye,
} from "@patternfly/react-core";
import AdjustIcon from "@patternfly/react-icons/dist/esm/icons/adjust-icon";
import BarsIcon from "@patternfly/react-icons/dist/esm/icons/bars-icon";
import QuestionCircleIcon from "@patternfly/react-icons/dist/esm/icons/question-circle-icon";
import { lazy, Suspense, useCallback, useState } from "react";
import { Link, Outlet, useLocation } from "react-router";
import { useVersionQuery } from "../api/api";
import icon from "../icon.svg";
import { Boundary } from "../components/Boundary";
import { signOut } from "../session/sign_in";
import { useAppSelector, useAppStore } from "../store";
import { visible } from "../text/visible";
import { Freshness } from "./Freshness";
import { KeyboardHelp } from "./KeyboardHelp";
import { SessionWatch } from "./SessionWatch";
import { useKeys, usePlaces, type Place } from "./keys";
import { chooseTheme, useTheme, type Theme } from "./theme";

const ChangePasswordDialog = lazy(() => import("./ChangePasswordDialog"));

export function Shell() {
  const { pathname } = useLocation();
  const [helpIsOpen, setHelpIsOpen] = useState(false);
  const showHelp = useCallback(() => setHelpIsOpen(true), []);
  useKeys(showHelp);
  const places = usePlaces();
  const link = ({ path, name }: Place) => {
    const isHere = path === "/" ? pathname === "/" : pathname.startsWith(path);
    return (
      <NavItem key={path} isActive={isHere}>
        <Link to={path} aria-current={isHere ? "page" : undefined}>
          {name}
        </Link>
      </NavItem>
    );
  };
  return (
    <Page
      isManagedSidebar
      isContentFilled
      mainContainerId="content"
      mainAriaLabel="Content"
      skipToContent={<SkipToContent href="#content">Skip to content</SkipToContent>}
      masthead={
        <Masthead>
          <MastheadMain>
            <MastheadToggle>
              <PageToggleButton variant="plain" aria-label="Navigation" icon={<BarsIcon />} />
            </MastheadToggle>
            <MastheadBrand>
              <MastheadLogo component={(props) => <Link {...props} to="/" />}>
                <img src={icon} alt="" width="28" height="28" />
                <span className="ql-brand">Quicklime</span>
              </MastheadLogo>
            </MastheadBrand>
          </MastheadMain>
          <MastheadContent>
            <div className="ql-masthead">
              <span role="status" aria-label="Freshness">
                <Freshness />
              </span>
              <span className="ql-masthead-end">
                <Button variant="plain" className="ql-wide" aria-label="Keyboard" title="Keyboard (?)" icon={<QuestionCircleIcon />} onClick={showHelp} />
                <ThemeMenu />
                <WhoMenu />
              </span>
            </div>
          </MastheadContent>
        </Masthead>
      }
      sidebar={
        <PageSidebar>
          <PageSidebarBody>
            <Nav aria-label="Screens">
              <NavList>{places.filter(({ isOfPeople }) => !isOfPeople).map(link)}</NavList>
              <NavGroup title="People">{places.filter(({ isOfPeople }) => isOfPeople).map(link)}</NavGroup>
            </Nav>
          </PageSidebarBody>
        </PageSidebar>
      }
    >
      <SessionWatch />
      <Boundary key={pathname}>
        <Suspense
          fallback={
            <Bullseye>
              <Spinner aria-label="Loading the screen" />
            </Bullseye>
          }
        >
          <Outlet />
        </Suspense>
      </Boundary>
      <KeyboardHelp isOpen={helpIsOpen} close={() => setHelpIsOpen(false)} />
    </Page>
  );
}

const kThemes: readonly { theme: Theme; name: string }[] = [
  { theme: "system", name: "As the system" },
  { theme: "light", name: "Light" },
  { theme: "dark", name: "Dark" },
];

function ThemeMenu() {
  const [isOpen, setIsOpen] = useState(false);
  const theme = useTheme();
  return (
    <Dropdown
      isOpen={isOpen}
      onOpenChange={setIsOpen}
      onSelect={() => setIsOpen(false)}
      popperProps={{ position: "right" }}
      toggle={(ref) => (
        <MenuToggle ref={ref} variant="plain" aria-label="Theme" icon={<AdjustIcon />} isExpanded={isOpen} onClick={() => setIsOpen(!isOpen)} />
      )}
    >
      <DropdownList>
        {kThemes.map((choice) => (
          <DropdownItem key={choice.theme} isSelected={choice.theme === theme} onClick={() => chooseTheme(choice.theme)}>
            {choice.name}
          </DropdownItem>
        ))}
      </DropdownList>
    </Dropdown>
  );
}

function WhoMenu() {
  const [isOpen, setIsOpen] = useState(false);
  const store = useAppStore();
  const identity = useAppSelector((state) => state.session.identity);
  const { data } = useVersionQuery();
  const [isChanging, setIsChanging] = useState(false);
  if (!identity) return null;
  const name = visible(identity.name ?? identity.role);
  const { session } = identity;
  return (
    <>
      {isChanging && session && (
        <Suspense>
          <ChangePasswordDialog session={session} close={() => setIsChanging(false)} />
        </Suspense>
      )}
      <Dropdown
        isOpen={isOpen}
        onOpenChange={setIsOpen}
        onSelect={() => setIsOpen(false)}
        popperProps={{ position: "right" }}
        toggle={(ref) => (
          <MenuToggle ref={ref} aria-label={`Signed in as ${name}`} isExpanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
            <span className="ql-who">{name}</span>
          </MenuToggle>
        )}
      >
        <DropdownGroup label={`${identity.role}, by ${session?.method ?? "token"}`}>
          <DropdownList>
            {session?.method === "password" && <DropdownItem onClick={() => setIsChanging(true)}>Change the password</DropdownItem>}
            <DropdownItem onClick={() => void signOut(store)}>Sign out</DropdownItem>
          </DropdownList>
        </DropdownGroup>
        {data && (
          <DropdownGroup label="Server">
            <DropdownList>
              <DropdownItem isDisabled>{visible(data.version)}</DropdownItem>
            </DropdownList>
          </DropdownGroup>
        )}
      </Dropdown>
    </>
  );
}
