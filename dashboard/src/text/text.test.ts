import { expect, test } from "vitest";
import { isAtLeast } from "../api/position";
import { derOf, fileName } from "../components/download";
import { createTokenCommands, quote } from "./commands";
import { momentOf, filterOf, kEverything, questionOf, searchOf, typed } from "./query";
import { decimalOf, shortSerial, withColons } from "./serial";
import { size } from "./size";
import { iso, kDay, relative } from "./time";
import { visible } from "./visible";

test("how long from now is rounded towards now", () => {
  expect(relative(12.9 * kDay, 0)).toBe("in 12 d");
  expect(relative(0, 3 * 3_600_000)).toBe("3 h ago");
  expect(relative(90_000, 0)).toBe("in 1 min");
  expect(relative(400, 0)).toBe("now");
  expect(relative(3649 * kDay, 0)).toBe("in 9 y");
  expect(relative(364 * kDay, 0)).toBe("in 364 d");
});

test("positions are numbers of any size, epoch first", () => {
  expect(isAtLeast("0.10", "0.9")).toBe(true);
  expect(isAtLeast("0.9", "0.10")).toBe(false);
  expect(isAtLeast("1.0", "0.99")).toBe(true);
  expect(isAtLeast("0.9007199254740993", "0.9007199254740992")).toBe(true);
  expect(isAtLeast("0.9007199254740992", "0.9007199254740993")).toBe(false);
});

test("serials are shown in every form that people compare", () => {
  const hex = "5f0c2a9e41b7d3c80d1e2f3a4b5c6d7e";
  expect(decimalOf(hex)).toBe(BigInt(`0x${hex}`).toString());
  expect(withColons("5f0c2a")).toBe("5f:0c:2a");
  expect(shortSerial(hex)).toBe("5f0c2a9e…6d7e");
});

test("sizes, rounded where more digits say nothing", () => {
  expect([0, 999, 1024, 12_340, 34_600_000].map(size)).toEqual(["0 bytes", "999 bytes", "1.0 kB", "12 kB", "35 MB"]);
});

test("a question survives the address", () => {
  const question = { ...kEverything, search: ".internal", status: "held", service: "a&b", node: "rack 7", requester: "user:local:bob", key: "P-256", issued: "30d", expires: "7d", as_of: "0.42" } as const;
  expect(questionOf(new URLSearchParams(searchOf(question).toString()))).toEqual(question);
  expect(questionOf(new URLSearchParams("status=nonsense&expires=soon&as_of=yesterday&renewal=late"))).toEqual(kEverything);
  expect(filterOf(question, 0)).toEqual({
    search: ".internal",
    status: "held",
    service: "a&b",
    node: "rack 7",
    requester: "user:local:bob",
    key: "P-256",
    issued_after: "1969-12-02T00:00:00Z",
    expires_before: "1970-01-08T00:00:00Z",
    as_of: "0.42",
  });
  expect(questionOf(new URLSearchParams("name=old.internal")).search).toBe("old.internal");
  expect(momentOf("2027-01-01T00:00:00Z", 0)).toBe("2027-01-01T00:00:00Z");
  expect(momentOf("12h", 0)).toBe(iso(12 * 3_600_000));
  expect(typed("service:api x.internal status:nonsense", questionOf(new URLSearchParams()))).toMatchObject({ service: "api", search: "x.internal status:nonsense" });
});

test("what a shell gets is what was meant", () => {
  expect(quote("*.internal")).toBe("'*.internal'");
  expect(quote("it's $HOME `id`")).toBe(`'it'\\''s $HOME \`id\`'`);
  expect(createTokenCommands({ name: "a; rm -rf /", role: "requester", profiles: ["tls-server"], names: ["*.x"], lifetime: "30d" }).cli).toBe(
    "quicklime token create 'a; rm -rf /' --role requester --profiles tls-server --names '*.x' --days 30 --server https://ca.example:8443 --roots roots.pem",
  );
});

test("text that hides or turns is written out", () => {
  expect(visible("a\u202eb\u200bc\u0007d\u{e0041}e")).toBe("a‹U+202E›b‹U+200B›c‹U+0007›d‹U+E0041›e");
  expect(visible("schön.example 名前")).toBe("schön.example 名前");
});

test("files: DER of PEM, and a name that is safe", () => {
  expect([...derOf("-----BEGIN CERTIFICATE-----\nAAEC\n/w==\n-----END CERTIFICATE-----\n")]).toEqual([0, 1, 2, 255]);
  expect(fileName("*.internal")).toBe("_wildcard.internal");
  expect(fileName("../../etc/passwd")).not.toMatch(/^\.|\//);
});
