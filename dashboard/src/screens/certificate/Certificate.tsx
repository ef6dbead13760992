// One certificate: how it stands, what it says, where it came from and what came after it, and what can be done.
import { Alert, Button, Card, CardBody, CardTitle, Flex, Skeleton, Tab, TabTitleText, Tabs } from "@patternfly/react-core";
import { useState } from "react";
import { useParams } from "react-router";
import { useCertificateQuery } from "../../api/api";
import { isProblem } from "../../api/problem";
import type { CertificateDetail, Position, Reason } from "../../api/types";
import { Code } from "../../components/Code";
import { CopyAs } from "../../components/CopyAs";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Screen } from "../../components/Screen";
import { StandingLabel } from "../../components/StandingLabel";
import { useNow } from "../../components/now";
import { useMay } from "../../session/rights";
import { showCommands } from "../../text/commands";
import { nameOf, standing } from "../../text/standing";
import { visible } from "../../text/visible";
import { Downloads } from "./Downloads";
import { Facts } from "./Facts";
import { HoldDialog } from "./HoldDialog";
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
  const { currentData: certificate, error, refetch } = useCertificateQuery(serial, { pollingInterval: 30_000, skipPollingIfUnfocused: true });
  if (certificate) return <Shown key={certificate.serial} certificate={certificate} problem={error} />;
  if (error) {
    const isUnknown = isProblem(error) && error.status === 404;
    return (
      <Screen title={isUnknown ? "No such certificate" : "Certificate"}>
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

function Shown({ certificate, problem }: { certificate: CertificateDetail; problem: unknown }) {
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const [done, setDone] = useState<Done | null>(null);
  const [tab, setTab] = useState<string | number>("facts");
  const mayHold = useMay("hold");
  const mayRevoke = useMay("revoke");
  const is = standing(certificate, useNow());
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
          <CopyAs commands={showCommands(certificate.serial)} />
        </>
      }
    >
      <Flex direction={{ default: "column" }} gap={{ default: "gapMd" }} alignItems={{ default: "alignItemsStretch" }}>
        {problem !== undefined && <ProblemAlert problem={problem} doing="Asking again" />}
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
          <Tab eventKey="line" title={<TabTitleText>Renewals</TabTitleText>}>
            <LineOf serial={certificate.serial} />
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
