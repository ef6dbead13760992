// The hierarchy: roots and what is below them, with everything that clients download.
import { Button, Card, CardBody, CardHeader, CardTitle, EmptyState, EmptyStateBody, Flex, Skeleton } from "@patternfly/react-core";
import DownloadIcon from "@patternfly/react-icons/dist/esm/icons/download-icon";
import SitemapIcon from "@patternfly/react-icons/dist/esm/icons/sitemap-icon";
import { Link } from "react-router";
import { useAuthoritiesQuery } from "../../api/api";
import type { Authority } from "../../api/types";
import { Copied } from "../../components/Copy";
import { CopyAs } from "../../components/CopyAs";
import { Fact, Facts } from "../../components/Fact";
import { Moment } from "../../components/Moment";
import { ProblemAlert } from "../../components/ProblemAlert";
import { Screen } from "../../components/Screen";
import { authorityCommands } from "../../text/commands";
import { reasonTitle } from "../../text/reasons";
import { visible } from "../../text/visible";
import { AuthorityLabel } from "./AuthorityLabel";

export default function Authorities() {
  const { data, error, refetch } = useAuthoritiesQuery(undefined, { pollingInterval: 60_000, skipPollingIfUnfocused: true });
  const authorities = data?.authorities ?? [];
  const isKnown = (id: string | undefined) => authorities.some((one) => one.id === id);
  const tops = authorities.filter((one) => one.parent === undefined || one.parent === one.id || !isKnown(one.parent));
  return (
    <Screen
      title="Authorities"
      actions={
        <>
          <Button variant="secondary" component="a" href="/ca/roots.pem" download="roots.pem" icon={<DownloadIcon />}>
            All roots (PEM)
          </Button>
          <CopyAs commands={authorityCommands()} />
        </>
      }
    >
      {error !== undefined && <ProblemAlert problem={error} doing="Listing authorities" retry={() => void refetch()} />}
      {!data && !error && <Skeleton screenreaderText="Loading authorities" />}
      {data && authorities.length === 0 && (
        <EmptyState titleText="No authority yet" headingLevel="h2" icon={SitemapIcon} variant="sm">
          <EmptyStateBody>
            A root and an authority below it are made by <code>quicklime init</code>, or by <code>quicklime up</code>, which serves them at once.
          </EmptyStateBody>
        </EmptyState>
      )}
      <Tree authorities={authorities} level={tops} label="Hierarchy" />
    </Screen>
  );
}

function Tree({ authorities, level, label }: { authorities: readonly Authority[]; level: readonly Authority[]; label: string }) {
  if (level.length === 0) return null;
  return (
    <ul className="ql-tree" aria-label={label}>
      {level.map((authority) => (
        <li key={authority.id}>
          <One authority={authority} />
          <Tree
            authorities={authorities.filter((one) => one !== authority)}
            level={authorities.filter((one) => one !== authority && one.parent === authority.id)}
            label={`Below ${visible(authority.id)}`}
          />
        </li>
      ))}
    </ul>
  );
}

function One({ authority }: { authority: Authority }) {
  const file = encodeURIComponent(authority.id);
  return (
    <Card isCompact id={encodeURIComponent(authority.id)}>
      <CardHeader>
        <CardTitle component="h2">
          {visible(authority.subject)} <AuthorityLabel authority={authority} />
        </CardTitle>
      </CardHeader>
      <CardBody>
        <Facts>
          <Fact term="What">
            {authority.parent === undefined ? "Root" : "Issuing authority"} <code>{visible(authority.id)}</code>, key {visible(authority.key)}
          </Fact>
          {authority.certificates !== undefined && (
            <Fact term="Certificates">
              <Link to={`/certificates?authority=${encodeURIComponent(authority.id)}`}>{authority.certificates.toLocaleString()}</Link>
              {authority.live !== undefined && `, ${authority.live.toLocaleString()} live`}
            </Fact>
          )}
          <Fact term="Ends">
            <Moment at={authority.not_after} />
          </Fact>
          {authority.revoked_at !== undefined && (
            <Fact term="Revoked">
              <Moment at={authority.revoked_at} />, {visible(reasonTitle(authority.reason))}. It issues and renews nothing.
            </Fact>
          )}
          <Fact term="Serial">
            <Copied text={authority.serial} label="Copy the serial" />
          </Fact>
          {authority.sha256 !== undefined && (
            <Fact term="SHA-256">
              <Copied text={authority.sha256} label="Copy the fingerprint" />
            </Fact>
          )}
        </Facts>
        <Flex gap={{ default: "gapSm" }}>
          <File href={`/ca/${file}.crt`} name={`${authority.id}.crt`} label="Certificate (DER)" />
          <File href={`/ca/${file}.pem`} name={`${authority.id}.pem`} label="Chain with root (PEM)" />
          <File href={`/crl/${file}.crl`} name={`${authority.id}.crl`} label="CRL (DER)" />
        </Flex>
      </CardBody>
    </Card>
  );
}

const File = ({ href, name, label }: { href: string; name: string; label: string }) => (
  <Button variant="link" component="a" href={href} download={name} icon={<DownloadIcon />}>
    {label}
  </Button>
);
