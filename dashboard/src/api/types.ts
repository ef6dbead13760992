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
export type HistoryEntry = Schemas["HistoryEntry"];
export type Counts = Schemas["Counts"];
export type Ending = Schemas["ExpiryHistogram"];
export type Issuance = Schemas["IssuanceRate"];
export type Lineage = Schemas["Lineage"];
export type LineageNode = Lineage["nodes"][number];
export type Health = Schemas["Health"];
export type CrlHealth = Health["crls"][number];
export type Token = Schemas["Token"];
export type Session = Schemas["Session"];
export type Me = Schemas["Me"];
export type SignInWays = Schemas["SignInWays"];
export type Way = SignInWays["ways"][number];
export type SignedIn = Schemas["SignedIn"];
export type User = Schemas["User"];
export type OneTime = Schemas["OneTime"];
export type Rule = Schemas["Rule"];
export type Granted = Schemas["Granted"];

type Answer<Operation extends keyof operations, Code extends number> = operations[Operation]["responses"] extends {
  [C in Code]: { content: { "application/json": infer Body } };
}
  ? Body
  : never;

export type CertificatePage = Answer<"listCertificates", 200>;
export type AuthorityList = Answer<"listAuthorities", 200>;
export type TokenList = Answer<"listTokens", 200>;
export type NewToken = Answer<"createToken", 201>;
export type UserList = Answer<"listUsers", 200>;
export type NewUser = Answer<"createUser", 201>;
export type RuleList = Answer<"listRules", 200>;
export type SessionList = Answer<"listSessions", 200>;
export type LogEvent = Schemas["Event"];
export type EventPage = Answer<"listEvents", 200>;
export type IssueRequest = Schemas["IssueRequest"];
export type IssuedCertificate = Schemas["IssuedCertificate"];
export type Revoked = Answer<"revokeCertificate", 200>;
export type ManyRevoked = Answer<"revokeMany", 200>;
type Body<Operation extends keyof operations> = operations[Operation] extends { requestBody: { content: { "application/json": infer Content } } } ? Content : never;
export type TokenRequest = Body<"createToken">;
export type Credentials = Body<"signIn">;
export type UserRequest = Body<"createUser">;
export type Grant = Body<"grantUser">;
export type RuleRequest = Body<"setRule">;
export type RuleTest = Body<"testRules">;
export type Approval = Body<"approveSession">;
export type CertificateFilter = Omit<NonNullable<operations["listCertificates"]["parameters"]["query"]>, "cursor">;
export type CountedBy = NonNullable<operations["countCertificates"]["parameters"]["query"]>["by"];
export type CertificateStatus = NonNullable<CertificateFilter["status"]>;
export type Role = NonNullable<TokenRequest["role"]>;
