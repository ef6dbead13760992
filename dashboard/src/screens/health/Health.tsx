// What clients rely on: of each authority the CRL that is served, until when it is good and what it knows of; and what the
// OCSP responder says of one certificate.
import { Button, Card, CardBody, CardHeader, CardTitle, EmptyState, EmptyStateBody, Grid, GridItem, Skeleton } from "@patternfly/react-core";
import DownloadIcon from "@patternfly/react-icons/dist/esm/icons/download-icon";
import HeartbeatIcon from "@patternfly/react-icons/dist/esm/icons/heartbeat-icon";
import { useHealthQuery } from "../../api/inventory";
import type { CrlHealth } from "../../api/types";
import { Copied } from "../../components/Copy";
import { CopyAs } from "../../components/CopyAs";
import { Fact, Facts } from "../../components/Fact";
import { Lamp } from "../../components/Lamp";
import { Moment } from "../../components/Moment";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Screen } from "../../components/Screen";
import { healthCommands } from "../../text/commands";
import { visible } from "../../text/visible";
import { AskOcsp } from "./AskOcsp";

const kPolling = { pollingInterval: 5000, skipPollingIfUnfocused: true, refetchOnMountOrArgChange: 1 };

export default function Health() {
  const { data, error, refetch } = useHealthQuery(undefined, kPolling);
  return (
    <Screen title="CRL and OCSP" actions={<CopyAs commands={healthCommands()} />}>
      <Grid hasGutter>
        {error !== undefined && (
          <GridItem>
            <ProblemAlert problem={error} doing="Asking how the CRLs are" retry={() => void refetch()} />
          </GridItem>
        )}
        {!data && error === undefined && <Skeleton screenreaderText="Asking how the CRLs are" />}
        {data?.crls.length === 0 && (
          <GridItem>
            <EmptyState titleText="No authority publishes anything yet" headingLevel="h2" icon={HeartbeatIcon} variant="sm">
              <EmptyStateBody>
                Each authority publishes a CRL as soon as it is served: <code>quicklime up</code>, or <code>quicklime init</code> and <code>quicklime serve</code>.
              </EmptyStateBody>
            </EmptyState>
          </GridItem>
        )}
        {data?.crls.map((crl) => (
          <GridItem key={crl.authority} xl={6}>
            <Card isFullHeight>
              <CardHeader>
                <CardTitle component="h2">
                  CRL of {visible(crl.authority)} <Lamp state={crl.state} />
                </CardTitle>
              </CardHeader>
              <CardBody>
                <Crl crl={crl} />
              </CardBody>
            </Card>
          </GridItem>
        ))}
        <GridItem>
          <Card>
            <CardTitle component="h2">What does OCSP say of a certificate?</CardTitle>
            <CardBody>
              <AskOcsp />
            </CardBody>
          </Card>
        </GridItem>
      </Grid>
    </Screen>
  );
}

function Crl({ crl }: { crl: CrlHealth }) {
  const file = encodeURIComponent(crl.authority);
  if (crl.state === "none") return <p>Nothing that it issued has been revoked so far; the first CRL comes with the first revocation, or when one is asked for.</p>;
  return (
    <>
      <Facts>
        {crl.next_update !== undefined && (
          <Fact term="Ends">
            <Moment at={crl.next_update} />
          </Fact>
        )}
        {crl.this_update !== undefined && (
          <Fact term="Begins">
            <Moment at={crl.this_update} />
          </Fact>
        )}
        {crl.published_at !== undefined && (
          <Fact term="Published">
            <Moment at={crl.published_at} />
            {crl.published_position !== undefined && (
              <div>
                Position <Copied text={crl.published_position} label="Copy the position" /> of the log
              </div>
            )}
          </Fact>
        )}
        {crl.number !== undefined && <Fact term="Number">{visible(crl.number)}: it lacks nothing of the log up to there</Fact>}
      </Facts>
      <Button variant="link" component="a" href={`/crl/${file}.crl`} download={`${crl.authority}.crl`} icon={<DownloadIcon />}>
        CRL (DER)
      </Button>
    </>
  );
}
