// The leaf, its chain, both in one file, DER; the root is the authorities' screen's, and beside them here.
import { Button, Flex } from "@patternfly/react-core";
import DownloadIcon from "@patternfly/react-icons/dist/esm/icons/download-icon";
import type { CertificateDetail } from "../../api/types";
import { derOf, fileName, save } from "../../components/download";
import { nameOf } from "../../text/standing";

const kPem = "application/x-pem-file";
const ended = (pem: string) => (pem === "" || pem.endsWith("\n") ? pem : `${pem}\n`);

export function Downloads({ certificate }: { certificate: Pick<CertificateDetail, "certificate" | "chain" | "names" | "profile"> }) {
  const name = fileName(nameOf(certificate));
  const leaf = ended(certificate.certificate);
  const chain = ended(certificate.chain);
  return (
    <Flex gap={{ default: "gapSm" }}>
      <File label="Certificate (PEM)" save={() => save(`${name}.pem`, kPem, leaf)} />
      <File label="Chain (PEM)" save={() => save(`${name}.chain.pem`, kPem, chain)} />
      <File label="Certificate and chain (PEM)" save={() => save(`${name}.fullchain.pem`, kPem, leaf + chain)} />
      <File label="Certificate (DER)" save={() => save(`${name}.der`, "application/pkix-cert", derOf(leaf))} />
      <Button variant="link" component="a" href="/ca/roots.pem" download="roots.pem" icon={<DownloadIcon />}>
        Roots (PEM)
      </Button>
    </Flex>
  );
}

const File = ({ label, save }: { label: string; save: () => void }) => (
  <Button variant="link" icon={<DownloadIcon />} onClick={save}>
    {label}
  </Button>
);
