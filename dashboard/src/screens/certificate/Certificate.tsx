// One certificate: how it stands, what it says, where it came from and what came after it, and what can be done.
import { Alert, Button, Card, CardBody, CardTitle, Flex, Skeleton, Tab, TabTitleText, Tabs } from "@patternfly/react-core";
import { useState } from "react";
import { useParams, useSearchParams } from "react-router";
import { useCertificateQuery } from "../../api/api";
import { isProblem } from "../../api/problem";
import type { CertificateDetail, Position, Reason } from "../../api/types";
import { AsOf, useStanding } from "../../components/as_of";
import { AsOfControl, AsOfNotice } from "../../components/AsOfControl";
import { Code } from "../../components/Code";
import { CopyAs } from "../../components/CopyAs";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Screen } from "../../components/Screen";
import { StandingLabel } from "../../components/StandingLabel";
import { useMay } from "../../session/rights";
import { showCommands } from "../../text/commands";
import { isPast } from "../../text/query";
import { nameOf } from "../../text/standing";
import { visible } from "../../text/visible";
import { Downloads } from "./Downloads";
import { Extensions } from "./Extensions";
import { Facts } from "./Facts";
import { History } from "./History";
import { HoldDialog } from "./HoldDialog";
import { HowToRenew } from "./HowToRenew";
import { LineOf } from "./LineOf";
import { Propagation } from "./Propagation";
import { RevokeDialog } from "./RevokeDialog";
import { Trust } from "./Trust";

type Dialog = "revoke" | "hold" | "release";

export interface Done {
  what: string;
  position: Position;
  status: "revoked" | "held" | "good";
  reason?: Reason;
}

export default function Certificate() {
  const { serial = "" } = useParams();
  const [search, setSearch] = useSearchParams();
  const given = search.get("as_of") ?? "";
  const asOf = isPast(given) ? given : undefined;
  const choose = (as_of: string) => setSearch(as_of ? { as_of } : {}, { replace: true });
  const { currentData: certificate, error, refetch } = useCertificateQuery({ serial, asOf }, { pollingInterval: asOf === undefined ? 30_000 : 0, skipPollingIfUnfocused: true });
  if (certificate) {
    return (
      <AsOf value={asOf}>
        <Shown key={certificate.serial} certificate={certificate} problem={error} asOf={asOf} choose={choose} />
      </AsOf>
    );
  }
  if (error) {
    const isUnknown = isProblem(error) && error.status === 404;
    return (
      <Screen title={isUnknown ? (asOf === undefined ? "No such certificate" : "No such certificate then") : "Certificate"}>
        {asOf !== undefined && <AsOfNotice asOf={asOf} leave={() => choose("")} />}
        <ProblemAlert problem={error} doing="Showing the certificate" retry={() => void refetch()} />
      </Screen>
    );
  }
  return (
    <Screen title="Certificate">
      <Skeleton screenreaderText="Loading the certificate" />
    </Screen>
  );
}

function Shown({ certificate, problem, asOf, choose }: { certificate: CertificateDetail; problem: unknown; asOf: string | undefined; choose: (asOf: string) => void }) {
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const [done, setDone] = useState<Done | null>(null);
  const [tab, setTab] = useState<string | number>("facts");
  const isNow = asOf === undefined; // nothing is done to the past
  const mayHold = useMay("hold") && isNow;
  const mayRevoke = useMay("revoke") && isNow;
  const is = useStanding(certificate);
  const name = visible(nameOf(certificate));
  const isLive = is !== "revoked" && is !== "expired";
  const close = () => setDialog(null);
  const finish = (result: Done) => {
    setDone(result);
    setDialog(null);
  };
  return (
    <Screen
      title={name}
      heading={
        <span className="ql-certificate-title">
          <span>{name}</span> <StandingLabel certificate={certificate} />
        </span>
      }
      actions={
        <>
          {mayHold && isLive && is !== "on hold" && (
            <Button variant="secondary" onClick={() => setDialog("hold")}>
              Hold
            </Button>
          )}
          {mayHold && is === "on hold" && (
            <Button variant="secondary" onClick={() => setDialog("release")}>
              Release
            </Button>
          )}
          {mayRevoke && is !== "revoked" && (
            <Button variant="danger" onClick={() => setDialog("revoke")}>
              Revoke
            </Button>
          )}
          <AsOfControl asOf={asOf ?? ""} choose={choose} />
          <CopyAs commands={showCommands(certificate.serial, asOf)} />
        </>
      }
    >
      <Flex direction={{ default: "column" }} gap={{ default: "gapMd" }} alignItems={{ default: "alignItemsStretch" }}>
        {problem !== undefined && <ProblemAlert problem={problem} doing="Asking again" />}
        {asOf !== undefined && <AsOfNotice asOf={asOf} leave={() => choose("")} />}
        {done && <Propagation done={done} certificate={certificate} />}
        {certificate.author_revoked && (
          <Alert variant="warning" isInline title="Look at this one">
            Whoever asked for it had been revoked before it was written, and the process that issued it did not know yet. It stands; if it should not, revoke it.
          </Alert>
        )}
        <Tabs activeKey={tab} onSelect={(_event, key) => setTab(key)} aria-label="About the certificate" mountOnEnter>
          <Tab eventKey="facts" title={<TabTitleText>Facts</TabTitleText>}>
            <Facts certificate={certificate} />
          </Tab>
          <Tab eventKey="extensions" title={<TabTitleText>Extensions</TabTitleText>}>
            <Extensions pem={certificate.certificate} />
          </Tab>
          <Tab eventKey="history" title={<TabTitleText>History</TabTitleText>}>
            <History certificate={certificate} />
          </Tab>
          <Tab eventKey="line" title={<TabTitleText>Renewals</TabTitleText>}>
            <LineOf serial={certificate.serial} />
            {isNow && is !== "revoked" && <HowToRenew certificate={certificate} />}
          </Tab>
          <Tab eventKey="chain" title={<TabTitleText>Chain</TabTitleText>}>
            <Trust certificate={certificate} />
          </Tab>
          <Tab eventKey="pem" title={<TabTitleText>PEM</TabTitleText>}>
            <Code label="Copy the PEM">{certificate.certificate}</Code>
            <p className="ql-muted">
              Decoded: <code>openssl x509 -text -noout -in FILE</code>
            </p>
          </Tab>
        </Tabs>
        <Card>
          <CardTitle component="h2">Downloads</CardTitle>
          <CardBody>
            <Downloads certificate={certificate} />
          </CardBody>
        </Card>
      </Flex>
      {dialog === "revoke" && <RevokeDialog certificate={certificate} close={close} finish={finish} />}
      {(dialog === "hold" || dialog === "release") && <HoldDialog act={dialog} certificate={certificate} close={close} finish={finish} />}
    </Screen>
  );
}
