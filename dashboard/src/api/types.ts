// The words of docs/openapi.yaml, short.
import type { components, operations } from "./schema";

type Schemas = components["schemas"];

export type Position = Schemas["Position"];
export type Reason = Schemas["Reason"];
export type CertificateSummary = Schemas["CertificateSummary"];
export type CertificateDetail = Schemas["CertificateDetail"];
export type StatusAnswer = Schemas["StatusAnswer"];
export type Remaining = Schemas["Remaining"];
export type Authority = Schemas["Authority"];
export type Token = Schemas["Token"];

type Answer<Operation extends keyof operations, Code extends number> = operations[Operation]["responses"] extends {
  [C in Code]: { content: { "application/json": infer Body } };
}
  ? Body
  : never;

export type CertificatePage = Answer<"listCertificates", 200>;
export type AuthorityList = Answer<"listAuthorities", 200>;
export type TokenList = Answer<"listTokens", 200>;
export type NewToken = Answer<"createToken", 201>;
export type LogEvent = Schemas["Event"];
export type EventPage = Answer<"listEvents", 200>;
export type IssueRequest = Schemas["IssueRequest"];
export type IssuedCertificate = Schemas["IssuedCertificate"];
export type Revoked = Answer<"revokeCertificate", 200>;
export type ManyRevoked = Answer<"revokeMany", 200>;
export type TokenRequest = NonNullable<operations["createToken"]["requestBody"]>["content"]["application/json"];
export type CertificateFilter = Omit<NonNullable<operations["listCertificates"]["parameters"]["query"]>, "cursor">;
export type CertificateStatus = NonNullable<CertificateFilter["status"]>;
export type Role = "administrator" | "agent" | "auditor" | "requester" | "process";
