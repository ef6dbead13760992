// What a certificate's extensions say (RFC 5280, section 4.2), in the words of `openssl x509 -text`. One that is not known
// here, or that cannot be read, is shown in hex.
import { elementAt, elementsOf, type Element } from "./der";
import { derOf } from "../components/download";

export interface Extension {
  oid: string;
  name: string; // the OID for one without a name
  critical: boolean;
  value: string;
}
type Octets = Uint8Array<ArrayBuffer>;

const kBoolean = 0x01;
const kOid = 0x06;

const hex = (octets: Uint8Array, separator = "") => [...octets].map((octet) => octet.toString(16).padStart(2, "0")).join(separator).toUpperCase();
const ascii = (octets: Uint8Array) => new TextDecoder().decode(octets);

// X.690, section 8.19: the first two numbers in one, each in groups of seven bits.
function oidOf(octets: Uint8Array): string {
  const numbers: bigint[] = [];
  let number = 0n;
  for (const octet of octets) {
    number = (number << 7n) | BigInt(octet & 0x7f);
    if (octet < 0x80) {
      numbers.push(number);
      number = 0n;
    }
  }
  const [first = 0n, ...rest] = numbers;
  const root = first < 40n ? 0n : first < 80n ? 1n : 2n;
  return [root, first - root * 40n, ...rest].join(".");
}

const kUsages = ["Digital Signature", "Non Repudiation", "Key Encipherment", "Data Encipherment", "Key Agreement", "Certificate Sign", "CRL Sign", "Encipher Only", "Decipher Only"];
const kPurposes: Record<string, string> = {
  "1.3.6.1.5.5.7.3.1": "TLS Web Server Authentication",
  "1.3.6.1.5.5.7.3.2": "TLS Web Client Authentication",
  "1.3.6.1.5.5.7.3.3": "Code Signing",
  "1.3.6.1.5.5.7.3.4": "E-mail Protection",
  "1.3.6.1.5.5.7.3.8": "Time Stamping",
  "1.3.6.1.5.5.7.3.9": "OCSP Signing",
};
const kAccess: Record<string, string> = { "1.3.6.1.5.5.7.48.1": "OCSP", "1.3.6.1.5.5.7.48.2": "CA Issuers" };

function addressOf(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join(".");
  return Array.from({ length: octets.length / 2 }, (_, index) => (((octets[index * 2] ?? 0) << 8) | (octets[index * 2 + 1] ?? 0)).toString(16).toUpperCase()).join(":");
}

function nameOf({ tag, body }: Element): string {
  if (tag === 0x81) return `email:${ascii(body)}`;
  if (tag === 0x82) return `DNS:${ascii(body)}`;
  if (tag === 0x86) return `URI:${ascii(body)}`;
  if (tag === 0x87) return `IP Address:${addressOf(body)}`;
  return `${hex(Uint8Array.of(tag))}:${hex(body)}`;
}

const namesOf = (octets: Octets) => elementsOf(octets).map(nameOf).join(", ");

function usagesOf(octets: Octets): string {
  const [, ...bits] = elementAt(octets, 0).body; // behind the count of unused bits
  return kUsages.filter((_, index) => (((bits[index >> 3] ?? 0) << (index & 7)) & 0x80) !== 0).join(", ");
}

function constraintsOf(octets: Octets): string {
  const parts = elementsOf(elementAt(octets, 0).body);
  const isAuthority = parts.some(({ tag, body }) => tag === kBoolean && body[0] !== 0);
  const length = parts.find(({ tag }) => tag === 0x02);
  return `CA:${isAuthority ? "TRUE" : "FALSE"}${length ? `, pathlen:${parseInt(hex(length.body), 16)}` : ""}`;
}

const kKnown: Record<string, { name: string; read: (octets: Octets) => string }> = {
  "2.5.29.14": { name: "X509v3 Subject Key Identifier", read: (octets) => hex(elementAt(octets, 0).body, ":") },
  "2.5.29.15": { name: "X509v3 Key Usage", read: usagesOf },
  "2.5.29.17": { name: "X509v3 Subject Alternative Name", read: (octets) => namesOf(elementAt(octets, 0).body) },
  "2.5.29.19": { name: "X509v3 Basic Constraints", read: constraintsOf },
  "2.5.29.31": {
    name: "X509v3 CRL Distribution Points",
    read: (octets) => elementsOf(elementAt(octets, 0).body).map(({ body }) => namesOf(elementAt(body, 0, 0).body)).join("\n"),
  },
  "2.5.29.32": { name: "X509v3 Certificate Policies", read: (octets) => elementsOf(elementAt(octets, 0).body).map(({ body }) => `Policy: ${oidOf(elementAt(body, 0).body)}`).join("\n") },
  "2.5.29.35": {
    name: "X509v3 Authority Key Identifier",
    read: (octets) => hex(elementsOf(elementAt(octets, 0).body).find(({ tag }) => tag === 0x80)?.body ?? elementAt(octets, 0).body, ":"),
  },
  "2.5.29.37": {
    name: "X509v3 Extended Key Usage",
    read: (octets) => elementsOf(elementAt(octets, 0).body).map(({ body }) => kPurposes[oidOf(body)] ?? oidOf(body)).join(", "),
  },
  "1.3.6.1.5.5.7.1.1": {
    name: "Authority Information Access",
    read: (octets) =>
      elementsOf(elementAt(octets, 0).body)
        .map(({ body }) => elementsOf(body))
        .map(([method, place]) => `${method ? (kAccess[oidOf(method.body)] ?? oidOf(method.body)) : ""} - ${place ? nameOf(place) : ""}`)
        .join("\n"),
  },
};

// Extension: OID, critical by default not, OCTET STRING.
function extensionOf({ body }: Element): Extension {
  const [id, ...rest] = elementsOf(body);
  if (id?.tag !== kOid) throw new RangeError("an extension without an OID");
  const oid = oidOf(id.body);
  const critical = rest[0]?.tag === kBoolean && rest[0].body[0] !== 0;
  const octets = rest.at(-1)?.body ?? new Uint8Array();
  const known = kKnown[oid];
  try {
    if (known) return { oid, name: known.name, critical, value: known.read(octets) };
  } catch {
    // in hex then
  }
  return { oid, name: known?.name ?? oid, critical, value: hex(octets, ":") };
}

// All of them, in the order of the certificate; undefined when it is none that can be read.
export function extensionsOf(pem: string): Extension[] | undefined {
  try {
    const certificate = derOf(pem);
    const parts = elementsOf(elementAt(certificate, 0, 0).body);
    const list = parts.find(({ tag }) => tag === 0xa3); // [3] of TBSCertificate
    return list ? elementsOf(elementAt(list.body, 0).body).map(extensionOf) : [];
  } catch {
    return undefined;
  }
}
