// What clients rely on: of each authority the CRL that is served and the responder that answers, when they end, and what the
// responder says of one certificate.
import { Button, Card, CardBody, CardHeader, CardTitle, EmptyState, EmptyStateBody, Grid, GridItem, Skeleton } from "@patternfly/react-core";
import DownloadIcon from "@patternfly/react-icons/dist/esm/icons/download-icon";
import HeartbeatIcon from "@patternfly/react-icons/dist/esm/icons/heartbeat-icon";
import type { ReactNode } from "react";
import { useHealthQuery } from "../../api/inventory";
import type { CrlHealth, OcspHealth } from "../../api/types";
import { Copied } from "../../components/Copy";
import { CopyAs } from "../../components/CopyAs";
import { Fact, Facts } from "../../components/Fact";
import { Lamp } from "../../components/Lamp";
import { Moment } from "../../components/Moment";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Screen } from "../../components/Screen";
import { healthCommands } from "../../text/commands";
import { size } from "../../text/size";
import { visible } from "../../text/visible";
import { AskOcsp } from "./AskOcsp";

const kPolling = { pollingInterval: 5000, skipPollingIfUnfocused: true, refetchOnMountOrArgChange: 1 };

export default function Health() {
  const { data, error, refetch } = useHealthQuery(undefined, kPolling);
  const authorities = [...new Set([...(data?.crls ?? []), ...(data?.ocsp ?? [])].map(({ authority }) => authority))];
  return (
    <Screen title="CRL and OCSP" actions={<CopyAs commands={healthCommands()} />}>
      <Grid hasGutter>
        {error !== undefined && (
          <GridItem>
            <ProblemAlert problem={error} doing="Asking how CRLs and OCSP are" retry={() => void refetch()} />
          </GridItem>
        )}
        {!data && error === undefined && <Skeleton screenreaderText="Asking how CRLs and OCSP are" />}
        {data && authorities.length === 0 && (
          <EmptyState titleText="No authority publishes anything yet" headingLevel="h2" icon={HeartbeatIcon} variant="sm">
            <EmptyStateBody>
              Each authority publishes a CRL and has an OCSP responder as soon as it is made: <code>quicklime up</code>, or <code>quicklime init</code> and <code>quicklime serve</code>.
            </EmptyStateBody>
          </EmptyState>
        )}
        {authorities.map((authority) => {
          const crl = data?.crls.find((one) => one.authority === authority);
          const ocsp = data?.ocsp.find((one) => one.authority === authority);
          return (
            <GridItem key={authority} xl={ocsp && crl ? 12 : 6}>
              <Grid hasGutter>
                {crl && (
                  <GridItem lg={ocsp ? 6 : 12}>
                    <Part title={`CRL of ${visible(authority)}`} state={<Lamp state={crl.state} />}>
                      <Crl crl={crl} />
                    </Part>
                  </GridItem>
                )}
                {ocsp && (
                  <GridItem lg={crl ? 6 : 12}>
                    <Part title={`OCSP of ${visible(authority)}`} state={<Lamp state={ocsp.state} />}>
                      <Ocsp ocsp={ocsp} />
                    </Part>
                  </GridItem>
                )}
              </Grid>
            </GridItem>
          );
        })}
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

const Part = ({ title, state, children }: { title: string; state: ReactNode; children: ReactNode }) => (
  <Card isFullHeight>
    <CardHeader>
      <CardTitle component="h2">
        {title} {state}
      </CardTitle>
    </CardHeader>
    <CardBody>{children}</CardBody>
  </Card>
);

function Crl({ crl }: { crl: CrlHealth }) {
  const file = encodeURIComponent(crl.authority);
  return (
    <>
      <Facts>
        <Fact term="Ends">{crl.next_update === undefined ? "not published" : <Moment at={crl.next_update} />}</Fact>
        {crl.this_update !== undefined && (
          <Fact term="Begins">
            <Moment at={crl.this_update} />
          </Fact>
        )}
        {crl.published_at !== undefined && (
          <Fact term="Published">
            <Moment at={crl.published_at} />
          </Fact>
        )}
        {crl.number !== undefined && <Fact term="Number">{visible(crl.number)}</Fact>}
        {crl.entries !== undefined && (
          <Fact term="Names">
            {crl.entries.toLocaleString()} revoked or held{crl.bytes !== undefined && `, ${size(crl.bytes)}`}
          </Fact>
        )}
        {crl.position !== undefined && <Fact term="Knows of">all until position {visible(crl.position)} of the log</Fact>}
        {crl.url !== undefined && (
          <Fact term="Address">
            <Copied text={crl.url} label={`Copy the address of the CRL of ${crl.authority}`} />
          </Fact>
        )}
      </Facts>
      {crl.state !== "none" && (
        <Button variant="link" component="a" href={`/crl/${file}.crl`} download={`${crl.authority}.crl`} icon={<DownloadIcon />}>
          CRL (DER)
        </Button>
      )}
    </>
  );
}

function Ocsp({ ocsp }: { ocsp: OcspHealth }) {
  return (
    <Facts>
      {ocsp.problem !== undefined && <Fact term="Problem">{visible(ocsp.problem)}</Fact>}
      {ocsp.this_update !== undefined && (
        <Fact term="Answers with">
          what the log said <Moment at={ocsp.this_update} />
        </Fact>
      )}
      {ocsp.responder_not_after !== undefined && (
        <Fact term="Its certificate">
          ends <Moment at={ocsp.responder_not_after} />
        </Fact>
      )}
      {ocsp.url !== undefined && (
        <Fact term="Address">
          <Copied text={ocsp.url} label={`Copy the address of the responder of ${ocsp.authority}`} />
        </Fact>
      )}
    </Facts>
  );
}
