"""The API description is true: what the server answers is what docs/openapi.yaml says, and what it says is served."""

import hashlib
import json
import ssl
import urllib.parse

import jsonschema
import pytest
import yaml
from running_ca import REPOSITORY, new_csr, openssl

DESCRIPTION = yaml.safe_load((REPOSITORY / "docs/openapi.yaml").read_text(encoding="utf-8"))


def resolved(node):
    """The description with every $ref replaced by what it names."""
    if isinstance(node, list):
        return [resolved(element) for element in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target = DESCRIPTION
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return resolved(target)
    return {name: resolved(value) for name, value in node.items()}


def closed(schema):
    """The schema, refusing members it does not name: an answer may not say more than the description."""
    if schema.get("type") == "object" and "properties" in schema:
        schema = {**schema, "additionalProperties": False, "properties": {name: closed(value) for name, value in schema["properties"].items()}}
    if "allOf" in schema:
        parts = schema["allOf"]
        merged = {"type": "object", "required": [], "properties": {}}
        for part in parts:
            merged["required"] += part.get("required", [])
            merged["properties"].update(part.get("properties", {}))
        return closed(merged)
    if schema.get("type") == "array" and "items" in schema:
        schema = {**schema, "items": closed(schema["items"])}
    return schema


def check(path, method, answer):
    described = resolved(DESCRIPTION["paths"][path][method]["responses"])
    assert str(answer.status) in described, f"{method} {path} answered {answer.status}, which is not described: {answer.body}"
    content = described[str(answer.status)].get("content", {})
    media_type = answer.headers["Content-Type"].split(";")[0]
    assert media_type in content, f"{method} {path} answered with {media_type}"
    if media_type.endswith("json"):
        jsonschema.validate(json.loads(answer.body), closed(content[media_type]["schema"]))
    for name in described[str(answer.status)].get("headers", {}):
        assert answer.headers[name], f"{method} {path} lacks the header {name}"
    return answer


SECURITY = {"anyone": [{}], "proof": [{"token": []}, {"password": []}, {"cookie": []}, {}], "identified": [{"token": []}, {"password": []}, {"cookie": []}]}


def test_what_is_served_is_what_is_described_and_the_other_way_round(shared_ca):
    served = {}
    for route in shared_ca.request("GET", "/control/routes").json:
        if route["served"] in ("plain", "tls"):
            served[route["method"].lower(), route["path"].replace("...}", "}")] = (route["service"], SECURITY[route["access"]], route["roles"])
    described = {(method, path): (*operation["tags"], operation.get("security", DESCRIPTION["security"]), operation.get("x-roles", []))
                 for path, operations in DESCRIPTION["paths"].items() for method, operation in operations.items() if "tags" in operation}
    assert served == described


def test_events_and_the_export(shared_ca):
    for query in ("", "?limit=1", "?after=0.0", "?type=nonsense"):
        check("/v1/events", "get", shared_ca.request("GET", f"/v1/events{query}"))
    for query in ("", "?name=.internal", "?format=nonsense"):
        check("/v1/certificates/export", "get", shared_ca.request("GET", f"/v1/certificates/export{query}"))


def test_issuing_showing_and_revoking(shared_ca):
    issued = check("/v1/certificates", "post", shared_ca.post_csr(new_csr("DNS:a.internal"), service="shop", node="n1", lifetime="30d"))
    serial = issued.json["serial"]
    fresh = {"Quicklime-Min-Position": issued.position}
    check("/v1/certificates/{serial}", "get", shared_ca.request("GET", f"/v1/certificates/{serial}", headers=fresh))
    check("/v1/certificates", "get", shared_ca.request("GET", "/v1/certificates?limit=1", headers=fresh))
    for verb in ("hold", "release"):
        check(f"/v1/certificates/{{serial}}/{verb}", "post", shared_ca.request("POST", f"/v1/certificates/{serial}/{verb}", headers=fresh | {"Prefer": "wait=2"}))
    revoked = check("/v1/certificates/{serial}/revoke", "post", shared_ca.post_json(f"/v1/certificates/{serial}/revoke", {"reason": "superseded"}))
    shown = shared_ca.request("GET", f"/v1/certificates/{serial}", headers={"Quicklime-Min-Position": revoked.position})
    assert check("/v1/certificates/{serial}", "get", shown).json["status"] == "revoked"


def test_renewing(shared_ca, tmp_path):
    old = shared_ca.issue("renewed.internal")
    path = "/v1/certificates/{serial}/renew"
    target = f"/v1/certificates/{old.serial}/renew"
    challenge = check(path, "get", shared_ca.request("GET", target)).json["renewal_challenge"]
    csr = new_csr()
    (tmp_path / "csr").write_text(csr)
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(csr.replace("CERTIFICATE REQUEST", "CERTIFICATE"))).hexdigest()
    (tmp_path / "proof").write_text(f"quicklime-renew-v1\n{old.serial}\n{challenge}\n{digest}\n")
    openssl("dgst", "-sha256", "-sign", old.key, "-out", tmp_path / "signature", tmp_path / "proof")
    body = {"csr": csr, "signature": openssl("base64", "-A", "-in", tmp_path / "signature").stdout}
    answer = check(path, "post", shared_ca.post_json(target, body))
    assert answer.status == 201
    assert check(path, "post", shared_ca.post_json(target, {**body, "lifetime": "1d"})).status == 409
    assert check(path, "post", shared_ca.post_json(target, {"csr": csr})).status == 401
    fresh = {"Quicklime-Min-Position": answer.position}
    for serial in (old.serial, answer.json["serial"]):
        check("/v1/certificates/{serial}", "get", shared_ca.request("GET", f"/v1/certificates/{serial}", headers=fresh))
    check("/v1/certificates", "get", shared_ca.request("GET", "/v1/certificates", headers=fresh))


def test_questions_about_the_inventory(shared_ca):
    issued = shared_ca.post_csr(new_csr("DNS:asked.internal"), service="asked service", node="n1")
    fresh = {"Quicklime-Min-Position": issued.position}
    serial = issued.json["serial"]

    def asked(path, query="", **parameters):
        target = path.format(**parameters) + query
        return check(path, "get", shared_ca.request("GET", target, headers=fresh))

    for query in (f"?search={serial}", f"?search={int(serial, 16)}", "?search=asked", "?search=.internal&status=good", "?name=asked.internal&profile=tls-server",
                  "?service=asked+service&node=n1&authority=issuing-1&key=P-256", "?prefix=asked&issued_after=2020-01-01T00:00:00Z"):
        assert [one["serial"] for one in asked("/v1/certificates", query).json["certificates"] if one["serial"] == serial], query
    for query in ("?renewal=overdue", f"?as_of={issued.position}", "?as_of=2020-01-01T00:00:00Z", "?as_of=never", "?search=", "?sha256=1"):
        asked("/v1/certificates", query)
    asked("/v1/certificates/{serial}", f"?as_of={issued.position}", serial=serial)
    asked("/v1/certificates/export", f"?as_of={issued.position}")
    for by in ("status", "service", "node", "profile", "authority", "requester", "key", "nonsense"):
        asked("/v1/certificates/counts", f"?by={by}&limit=1")
    for path in ("/v1/certificates/expiry", "/v1/certificates/issuance"):
        for query in ("", "?bin=hour&bins=2", "?bins=1&from=2026-01-01T00:00:00Z", "?bins=0"):
            asked(path, query)
    lanes = asked("/v1/lineages/{service}", service="asked%20service").json["nodes"]
    assert [lane["node"] for lane in lanes] == ["n1"] and lanes[0]["state"] == "covered"
    asked("/v1/lineages/{service}", service="nobody")
    asked("/v1/lineages/{service}", "?limit=0", service="nobody")
    assert {crl["authority"]: crl["state"] for crl in asked("/v1/health").json["crls"]}["issuing-1"] == "current"


def test_revoking_by_secret_alone(shared_ca):
    issued = shared_ca.post_csr(new_csr("DNS:b.internal"))
    answer = shared_ca.secure("POST", "/v1/revocations", json.dumps({"secret": issued.json["revocation_secret"]}),
                              {"Content-Type": "application/json", "Quicklime-Min-Position": issued.position})
    assert check("/v1/revocations", "post", answer).json["revocations"][0]["serial"] == issued.json["serial"]


def test_tokens(shared_ca):
    created = check("/v1/tokens", "post", shared_ca.post_json("/v1/tokens", {"name": "ci", "names": ["*.internal"], "lifetime": "30d"}))
    check("/v1/tokens", "get", shared_ca.request("GET", "/v1/tokens", headers={"Quicklime-Min-Position": created.position}))
    check("/v1/tokens/{id}", "delete", shared_ca.request("DELETE", "/v1/tokens/" + created.json["id"]))


def test_the_roles_are_those_of_the_table(shared_ca):
    refused = shared_ca.post_json("/v1/tokens", {"name": "nobody", "role": "nobody"})
    assert refused.status == 400 and refused.reason == "role-unknown"
    roles = refused.json["detail"].split("there are ")[1].split(", ")
    body = DESCRIPTION["paths"]["/v1/tokens"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert sorted(body["properties"]["role"]["enum"]) == sorted(roles)
    for role in roles:
        created = shared_ca.post_json("/v1/tokens", {"name": role, "role": role, "lifetime": "1d"})
        assert check("/v1/tokens", "post", created).json["role"] == role


@pytest.mark.parametrize("path", ["/v1/authorities", "/v1/version"])
def test_reading_without_parameters(shared_ca, path):
    check(path, "get", shared_ca.request("GET", path))


@pytest.mark.parametrize("path", ["/crl/{authority}.crl", "/ca/{authority}.crt", "/ca/{authority}.pem", "/ca/roots.pem"])
def test_what_is_public(shared_ca, path):
    for authority in ("issuing-1", "root-1"):
        check(path, "get", shared_ca.plain("GET", path.replace("{authority}", authority)))
    if "{authority}" in path:
        check(path, "get", shared_ca.plain("GET", path.replace("{authority}", "no-such")))


def test_ocsp_by_get_and_post(shared_ca):
    check("/ocsp", "post", shared_ca.plain("POST", "/ocsp", b"rubbish", {"Content-Type": "application/ocsp-request"}))
    check("/ocsp/{request}", "get", shared_ca.plain("GET", "/ocsp/" + urllib.parse.quote("cnViYmlzaA==")))


@pytest.mark.parametrize("method, path, body", [
    ("post", "/v1/certificates", {"csr": "no CSR"}),
    ("post", "/v1/certificates", {"cs": "a member that does not exist"}),
    ("get", "/v1/certificates/{serial}", None),
    ("get", "/v1/certificates/{serial}/renew", None),
    ("post", "/v1/certificates/{serial}/renew", {"csr": "no CSR"}),
    ("post", "/v1/certificates/{serial}/revoke", {"reason": "becauseISaySo"}),
    ("post", "/v1/certificates/{serial}/hold", {}),
    ("post", "/v1/tokens", {"name": ""}),
    ("delete", "/v1/tokens/{id}", None),
])
def test_problems_are_described(shared_ca, method, path, body):
    target = path.replace("{serial}", "0123456789abcdef").replace("{id}", "0123456789abcdef")
    sent = (json.dumps(body), {"Content-Type": "application/json"}) if body is not None else (None, {})
    answer = check(path, method, shared_ca.request(method.upper(), target, *sent))
    assert answer.status >= 400
