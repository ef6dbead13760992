// The filters whose values are counted, and what they are called.
export const kCounted = ["profile", "service", "node", "requester", "authority", "key"] as const;
export type Counted = (typeof kCounted)[number];
export const kFilterNames: Record<Counted, string> = { profile: "Profile", service: "Service", node: "Node", requester: "Asked for by", authority: "Issuer", key: "Kind of key" };
