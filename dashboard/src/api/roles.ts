// Generated from docs/openapi.yaml by "npm run types". Not edited by hand.

// Whose question is taken: x-roles.
export const kRolesOf = {
  issueCertificate: ["administrator","requester","process"],
  listCertificates: ["administrator","requester","auditor"],
  exportCertificates: ["administrator","requester","auditor"],
  showCertificate: ["administrator","requester","auditor"],
  holdCertificate: ["administrator"],
  releaseCertificate: ["administrator"],
  listAuthorities: ["administrator","requester","auditor"],
  listEvents: ["administrator","auditor"],
  createToken: ["administrator"],
  listTokens: ["administrator","auditor"],
  revokeToken: ["administrator"],
} as const;
