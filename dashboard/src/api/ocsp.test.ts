// Judged by what openssl wrote: `openssl ocsp -reqout` and `-respout` for a certificate of an authority made for this test.
import { expect, test } from "vitest";
import { elementsOf } from "./der";
import { answerOf, requestFor } from "./ocsp";

const kIssuer = "-----BEGIN CERTIFICATE-----\nMIIBgTCCASegAwIBAgIURLque4Um43Sev9xZzDQF+wD25s8wCgYIKoZIzj0EAwIw\nFTETMBEGA1UEAwwKRml4dHVyZSBDQTAgFw0yNjExMjgxMDM0NDJaGA8yMTI2MTEw\nNDEwMzQ0MlowFTETMBEGA1UEAwwKRml4dHVyZSBDQTBZMBMGByqGSM49AgEGCCqG\nSM49AwEHA0IABKsIsGXG+buW7WpV6vNKnU/aRUuuST2lQXmiCT5scLHsFEvBqZM3\nOj+dcDygR/BSxjiVA2n2IDSv23SXA1N7+yOjUzBRMB0GA1UdDgQWBBTpOFd//j7u\nH4SqQYnNAiftGAtpRjAfBgNVHSMEGDAWgBTpOFd//j7uH4SqQYnNAiftGAtpRjAP\nBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCICLRlz68/YloQU1MA2/V\nW/hQ6SaLW+k9f4YhP2nyZJR0AiEAvmaOFHzdjBmxdpCTRmeF8S5clYY9/cZIX40k\ncZBLS0A=\n-----END CERTIFICATE-----\n";
const kSerial = "8f0c2a9e41b7d3c80d1e2f3a4b5c6d7e"; // its first bit is set: DER puts a zero before it
const kRequest = "MFIwUDBOMEwwSjAJBgUrDgMCGgUABBSJ465Q+wTx8PVHNaGlP9h+poqrKAQU6ThXf/4+7h+EqkGJzQIn7RgLaUYCEQCPDCqeQbfTyA0eLzpLXG1+";
const kGood = "MIICpQoBAKCCAp4wggKaBgkrBgEFBQcwAQEEggKLMIIChzCBoKEXMBUxEzARBgNVBAMMCkZpeHR1cmUgQ0EYDzIwMjYxMTI4MTAzNDQyWjB0MHIwSjAJBgUrDgMCGgUABBSJ465Q+wTx8PVHNaGlP9h+poqrKAQU6ThXf/4+7h+EqkGJzQIn7RgLaUYCEQCPDCqeQbfTyA0eLzpLXG1+gAAYDzIwMjYxMTI4MTAzNDQyWqARGA8yMDI2MTIwNTEwMzQ0MlowCgYIKoZIzj0EAwIDSQAwRgIhAKAV0IFJcPZKViyn8lqqeHuN4AJN/Dyyjf7CEH9bLnn/AiEAgeaR1Yb3/Npzu3PHNtiIQPjRFAxguh15o9dnqd7F81ugggGJMIIBhTCCAYEwggEnoAMCAQICFES6rnuFJuN0nr/cWcw0BfsA9ubPMAoGCCqGSM49BAMCMBUxEzARBgNVBAMMCkZpeHR1cmUgQ0EwIBcNMjYxMTI4MTAzNDQyWhgPMjEyNjExMDQxMDM0NDJaMBUxEzARBgNVBAMMCkZpeHR1cmUgQ0EwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASrCLBlxvm7lu1qVerzSp1P2kVLrkk9pUF5ogk+bHCx7BRLwamTNzo/nXA8oEfwUsY4lQNp9iA0r9t0lwNTe/sjo1MwUTAdBgNVHQ4EFgQU6ThXf/4+7h+EqkGJzQIn7RgLaUYwHwYDVR0jBBgwFoAU6ThXf/4+7h+EqkGJzQIn7RgLaUYwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiAi0Zc+vP2JaEFNTANv1Vv4UOkmi1vpPX+GIT9p8mSUdAIhAL5mjhR83YwZsXaQk0ZnhfEuXJWGPf3GSF+NJHGQS0tA";
const kRevoked = "MIICvAoBAKCCArUwggKxBgkrBgEFBQcwAQEEggKiMIICnjCBuKEXMBUxEzARBgNVBAMMCkZpeHR1cmUgQ0EYDzIwMjYxMTI4MTAzNDQyWjCBizCBiDBKMAkGBSsOAwIaBQAEFInjrlD7BPHw9Uc1oaU/2H6miqsoBBTpOFd//j7uH4SqQYnNAiftGAtpRgIRAI8MKp5Bt9PIDR4vOktcbX6hFhgPMjAyNjExMjgxMDE1MDBaoAMKAQQYDzIwMjYxMTI4MTAzNDQyWqARGA8yMDI2MTIwNTEwMzQ0MlowCgYIKoZIzj0EAwIDSAAwRQIgYPSS8R3sNNnH3Zge5WIQSBUACgYy9QG55llHYzhObRsCIQCQZDAKPUemlRr/+5ilGhNZ1ELQ+l9QUZl7ICkWiS+dvqCCAYkwggGFMIIBgTCCASegAwIBAgIURLque4Um43Sev9xZzDQF+wD25s8wCgYIKoZIzj0EAwIwFTETMBEGA1UEAwwKRml4dHVyZSBDQTAgFw0yNjExMjgxMDM0NDJaGA8yMTI2MTEwNDEwMzQ0MlowFTETMBEGA1UEAwwKRml4dHVyZSBDQTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKsIsGXG+buW7WpV6vNKnU/aRUuuST2lQXmiCT5scLHsFEvBqZM3Oj+dcDygR/BSxjiVA2n2IDSv23SXA1N7+yOjUzBRMB0GA1UdDgQWBBTpOFd//j7uH4SqQYnNAiftGAtpRjAfBgNVHSMEGDAWgBTpOFd//j7uH4SqQYnNAiftGAtpRjAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCICLRlz68/YloQU1MA2/VW/hQ6SaLW+k9f4YhP2nyZJR0AiEAvmaOFHzdjBmxdpCTRmeF8S5clYY9/cZIX40kcZBLS0A=";

const octets = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));

test("the request is what openssl asks", async () => {
  expect(base64(await requestFor(kSerial, kIssuer))).toBe(kRequest);
});

test("good and revoked are read as openssl wrote them", () => {
  expect(answerOf(octets(kGood))).toEqual({ status: "good", thisUpdate: "2026-11-28T10:34:42Z", nextUpdate: "2026-12-05T10:34:42Z" });
  expect(answerOf(octets(kRevoked))).toMatchObject({ status: "revoked" });
});

test("a refusal says so; what is cut off is no answer, wherever it is cut", () => {
  expect(answerOf(Uint8Array.of(0x30, 3, 0x0a, 1, 6))).toEqual({ refused: 6 });
  const whole = octets(kGood);
  for (let length = 0; length < 200; ++length) expect(() => answerOf(whole.slice(0, length))).toThrow(RangeError);
  expect(() => elementsOf(Uint8Array.of(0x30, 0x85, 1, 1, 1, 1, 1))).toThrow(RangeError);
});
