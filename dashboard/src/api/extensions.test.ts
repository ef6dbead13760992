// Judged by what `openssl x509 -text` printed of a certificate made for this test.
import { expect, test } from "vitest";
import { extensionsOf } from "./extensions";

const kPem = "-----BEGIN CERTIFICATE-----\nMIICkTCCAjagAwIBAgIBETAKBggqhkjOPQQDAjAVMRMwEQYDVQQDDApGaXh0dXJl\nIENBMCAXDTI2MTEyODExMjIwNloYDzIxMjUwNjIyMTEyMjA2WjAPMQ0wCwYDVQQD\nDARsZWFmMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEyzTB324pDUO8BlIa8qBu\nJHOzB613JKcBe1LVY9oJEuIY5sx1M/t8/07v4+A5v21aWwPFDOJrn1FwHo7UeAu0\nMKOCAXkwggF1MAwGA1UdEwEB/wQCMAAwDgYDVR0PAQH/BAQDAgWgMB0GA1UdJQQW\nMBQGCCsGAQUFBwMBBggrBgEFBQcDAjBUBgNVHREETTBLggxhcGkuaW50ZXJuYWyH\nBAoAAAeHECABDbgAAAAAAAAAAAAAAAGGEXNwaWZmZTovL2FjbWUvYXBpgRBvcHNA\nYWNtZS5leGFtcGxlMFgGCCsGAQUFBwEBBEwwSjAiBggrBgEFBQcwAYYWaHR0cDov\nL2NhLmV4YW1wbGUvb2NzcDAkBggrBgEFBQcwAoYYaHR0cDovL2NhLmV4YW1wbGUv\nY2EuY3J0MCYGA1UdHwQfMB0wG6AZoBeGFWh0dHA6Ly9jYS5leGFtcGxlL2NybDAd\nBgNVHQ4EFgQUErroYHYpHXn8xQF6b5PN0Db8bs0wHwYDVR0jBBgwFoAU6ThXf/4+\n7h+EqkGJzQIn7RgLaUYwEAYDVR0gBAkwBzAFBgMqAwQwDAYDKgNjBAUMA29kZDAK\nBggqhkjOPQQDAgNJADBGAiEAr01Qqr64Rpr17qzmh5blfRmbJ5YbgPOdxZV1jE2J\nZlcCIQDBT26hT3qL+2ulRtf3njo1fkey+MHzigJ+/FmAidoQgw==\n-----END CERTIFICATE-----\n";

test("each extension says what openssl says of it; one that nobody knows is hex", () => {
  expect(extensionsOf(kPem)?.map(({ name, critical, value }) => `${name}${critical ? " (critical)" : ""}: ${value}`)).toEqual([
    "X509v3 Basic Constraints (critical): CA:FALSE",
    "X509v3 Key Usage (critical): Digital Signature, Key Encipherment",
    "X509v3 Extended Key Usage: TLS Web Server Authentication, TLS Web Client Authentication",
    "X509v3 Subject Alternative Name: DNS:api.internal, IP Address:10.0.0.7, IP Address:2001:DB8:0:0:0:0:0:1, URI:spiffe://acme/api, email:ops@acme.example",
    "Authority Information Access: OCSP - URI:http://ca.example/ocsp\nCA Issuers - URI:http://ca.example/ca.crt",
    "X509v3 CRL Distribution Points: URI:http://ca.example/crl",
    "X509v3 Subject Key Identifier: 12:BA:E8:60:76:29:1D:79:FC:C5:01:7A:6F:93:CD:D0:36:FC:6E:CD",
    "X509v3 Authority Key Identifier: E9:38:57:7F:FE:3E:EE:1F:84:AA:41:89:CD:02:27:ED:18:0B:69:46",
    "X509v3 Certificate Policies: Policy: 1.2.3.4",
    "1.2.3.99: 0C:03:6F:64:64",
  ]);
});

test("what is no certificate, or is cut off, is not guessed at", () => {
  expect(extensionsOf("-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----")).toBeUndefined();
  expect(extensionsOf(kPem.slice(0, 400))).toBeUndefined();
  expect(extensionsOf("no PEM at all")).toBeUndefined();
});
