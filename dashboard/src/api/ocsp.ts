// What the OCSP responder answers about one certificate, asked as any client would (RFC 6960, appendix A.1). The signature
// is not verified here, TLS has brought the answer: who wants proof asks with openssl.
import { api } from "./api";
import { element, elementAt, elementsOf, timeOf } from "./der";
import { problemOf, unreachable, unreadable, type Problem } from "./problem";
import { derOf } from "../components/download";

export interface OcspAnswer {
  status: "good" | "revoked" | "unknown";
  thisUpdate: string;
  nextUpdate?: string;
}

const kSequence = 0x30;
const kOctets = 0x04;
const kInteger = 0x02;
const kSha1 = Uint8Array.of(0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00); // the hash that every responder knows

const bytesOf = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (octet) => Number.parseInt(octet, 16));
const sha1 = async (octets: Uint8Array<ArrayBuffer>) => new Uint8Array(await crypto.subtle.digest("SHA-1", octets));

// TBSCertificate: [0] version, serial, signature, issuer, validity, subject, subjectPublicKeyInfo.
async function certificateId(serial: string, issuerPem: string): Promise<Uint8Array<ArrayBuffer>> {
  const issuer = derOf(issuerPem);
  const subject = elementAt(issuer, 0, 0, 5).whole;
  const key = elementAt(issuer, 0, 0, 6, 1).body.slice(1); // without the BIT STRING's count of unused bits
  const number = bytesOf(serial);
  const positive = (number[0] ?? 0) >= 0x80 ? Uint8Array.of(0, ...number) : number;
  return element(kSequence, kSha1, element(kOctets, await sha1(subject)), element(kOctets, await sha1(key)), element(kInteger, positive));
}

export const requestFor = async (serial: string, issuerPem: string) =>
  element(kSequence, element(kSequence, element(kSequence, element(kSequence, await certificateId(serial, issuerPem)))));

// OCSPResponse: status, [0] {type, OCTET STRING of BasicOCSPResponse}. Of its data the first answer.
export function answerOf(octets: Uint8Array<ArrayBuffer>): OcspAnswer | { refused: number } {
  const code = elementAt(octets, 0, 0).body[0] ?? 0;
  if (code !== 0) return { refused: code };
  const basic = elementAt(octets, 0, 1, 0, 1).body;
  const responses = elementsOf(elementAt(basic, 0, 0).body).find(({ tag }) => tag === kSequence);
  if (!responses) throw new RangeError("no answer in it");
  const [, status, thisUpdate, nextUpdate] = elementsOf(elementAt(responses.body, 0).body);
  if (!status || !thisUpdate) throw new RangeError("an answer that is cut off");
  return {
    status: status.tag === 0x80 ? "good" : status.tag === 0xa1 ? "revoked" : "unknown",
    thisUpdate: timeOf(thisUpdate),
    ...(nextUpdate?.tag === 0xa0 ? { nextUpdate: timeOf(elementAt(nextUpdate.body, 0)) } : {}),
  };
}

const kRefusals: Record<number, string> = { 1: "the request is malformed", 2: "an error of the responder", 3: "the responder asks to try later", 6: "the responder does not answer for this authority" };

export async function askOcsp(serial: string, issuerPem: string, signal: AbortSignal): Promise<{ data: OcspAnswer } | { error: Problem }> {
  let response: Response;
  try {
    const body = await requestFor(serial, issuerPem);
    response = await fetch("/ocsp", { method: "POST", headers: { "Content-Type": "application/ocsp-request" }, body, signal, cache: "no-store" });
  } catch {
    return { error: unreachable() };
  }
  if (!response.ok) return { error: await problemOf(response) };
  try {
    const answer = answerOf(new Uint8Array(await response.arrayBuffer()));
    return "refused" in answer ? { error: { status: response.status, title: kRefusals[answer.refused] ?? `refused (${answer.refused})` } } : { data: answer };
  } catch {
    return { error: unreadable() };
  }
}

const ocsp = api.injectEndpoints({
  endpoints: (build) => ({
    ocsp: build.query<OcspAnswer, { serial: string; issuer: string }>({
      queryFn: ({ serial, issuer }, host) => askOcsp(serial, issuer, host.signal),
      providesTags: ["Certificates"],
      keepUnusedDataFor: 0,
    }),
  }),
});

export const { useOcspQuery } = ocsp;
