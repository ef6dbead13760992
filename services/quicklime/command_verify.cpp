// verify: does this certificate hold, today, with this CA?

#include <algorithm>
#include <cstdio>

#include "crypto/random.hpp"
#include "pki/chain.hpp"
#include "pki/ocsp.hpp"
#include "quicklime/bodies.hpp"
#include "quicklime/certificate_files.hpp"
#include "quicklime/client.hpp"
#include "quicklime/commands.hpp"
#include "quicklime/output.hpp"

namespace quicklime::app {
namespace {

using runtime::Arguments;
using runtime::ExitCode;

Failure does_not_hold(std::string reason, std::string detail) {
  return fail(ErrorCode::verification_failed, std::move(reason), std::move(detail));
}

struct Trust {
  std::vector<pki::Certificate> roots;
  std::vector<pki::Certificate> intermediates;
};

// The roots come from the CA, over the same authenticated way as everything else; the intermediates from the file, and from
// the CA's list where the caller may see it: a leaf alone in its file is still judged.
Result<Trust> trust_of(Remote& remote, const std::vector<pki::Certificate>& file) {
  const auto pem = remote.get("/ca/roots.pem");
  if (!pem) return forward(pem);
  auto roots = pki::certificates_in(*pem);
  if (!roots) return forward(roots);
  Trust trust{std::move(*roots), {file.begin() + 1, file.end()}};
  const auto body = remote.get("/v1/authorities");
  const auto authorities = body ? decode_authority_list(*body) : Result<std::vector<AuthoritySummary>>();
  for (const auto& authority : authorities ? *authorities : std::vector<AuthoritySummary>()) {
    if (authority.parent.empty()) continue;
    auto parsed = pki::certificates_in(authority.certificate);
    if (!parsed) return forward(parsed);
    trust.intermediates.insert(trust.intermediates.end(), parsed->begin(), parsed->end());
  }
  return trust;
}

Failure revoked(const std::string& since, const std::string& reason) {
  return does_not_hold("certificate-revoked",
                       "revoked" + (since.empty() ? "" : " since " + since) + (reason.empty() ? "" : " (" + reason + ")"));
}

Failure unknown() { return does_not_hold("certificate-foreign", "this CA's log knows no certificate with this serial"); }

Result<void> check_by_ocsp(Remote& remote, const pki::Certificate& leaf, const Trust& trust) {
  const auto issuer = std::find_if(trust.intermediates.begin(), trust.intermediates.end(), [&](const pki::Certificate& candidate) {
    return candidate.subject() == leaf.issuer() && candidate.subject_key_identifier() == leaf.authority_key_identifier();
  });
  if (issuer == trust.intermediates.end()) {
    return does_not_hold("issuer-missing", "its issuer's certificate is not at hand: put the chain into the file behind the certificate");
  }
  const auto request = pki::OcspRequest::make(*issuer, leaf.serial(), pki::OcspHash::sha256, crypto::random_bytes(16));
  const auto response = remote.post("/ocsp", request, "", "application/ocsp-request");
  if (!response) return forward(response);
  const auto answer = pki::parse_ocsp_answer(*response, *issuer, leaf.serial());
  if (!answer) return forward(answer);
  switch (answer->status) {
    case pki::CertificateStatus::good: return {};
    case pki::CertificateStatus::unknown: return unknown();
    case pki::CertificateStatus::revoked: break;
  }
  return revoked(answer->revocation_date ? answer->revocation_date->rfc3339_seconds() : "", std::string(pki::name(answer->reason)));
}

// A process that only runs a command has no responder certificate; it has the inventory itself.
Result<void> check_by_inventory(Remote& remote, const pki::Certificate& leaf) {
  const auto body = remote.get("/v1/certificates/" + leaf.serial().hex());
  if (!body) return body.error().code == ErrorCode::not_found ? Result<void>(unknown()) : Result<void>(forward(body));
  const auto detail = decode_certificate(*body);
  if (!detail) return forward(detail);
  if (detail->summary.status == "good") return {};
  return revoked(detail->summary.revoked_at, detail->summary.reason.empty() ? detail->summary.status : detail->summary.reason);
}

Result<void> verify(Remote& remote, const std::vector<pki::Certificate>& file) {
  const auto& leaf = file.front();
  const auto trust = trust_of(remote, file);
  if (!trust) return forward(trust);
  if (auto holds = pki::verify_chain(leaf, trust->intermediates, trust->roots, SystemClock().now()); !holds) return holds;
  return remote.way() == Remote::Way::in_process ? check_by_inventory(remote, leaf) : check_by_ocsp(remote, leaf, *trust);
}

ExitCode run_verify(const Arguments& arguments) {
  const auto path = arguments.has("--cert") ? arguments.text("--cert") : arguments.text("FILE");
  if (path.empty()) return report(wrong_use("which certificate? `quicklime verify FILE`").value());
  const auto file = read_certificates(path);
  if (!file) return report(file.error());
  auto remote = Remote::connect(arguments, "verify");
  if (!remote) return report(remote.error());
  if (auto holds = verify(**remote, *file); !holds) {
    Error error = holds.error();
    error.detail = path + ": " + error.detail;
    return report(error);
  }
  const auto& leaf = file->front();
  if (arguments.text("--output") == "json") {
    std::printf("%s\n", encode_verified(leaf.serial().hex(), leaf.not_after().rfc3339_seconds()).c_str());
  } else {
    std::printf("good: %s, serial %s, signed by %s, until %s\n", path.c_str(), leaf.serial().hex().c_str(),
                leaf.issuer().common_name().c_str(), date_text(leaf.not_after()).c_str());
  }
  return ExitCode::ok;
}

}  // namespace

std::vector<runtime::Command> verify_commands() {
  return {{.name = "verify",
           .purpose = "Verify a certificate: its chain, its dates and its status; exit 6 with the cause when it does not hold",
           .examples = {"quicklime verify --cert api.internal.crt",
                        "quicklime verify api.internal.crt --server https://ca.internal:8443 --roots roots.pem"},
           .options = {{.name = "FILE", .value = "FILE", .help = "the certificate, PEM or DER; its chain may follow it"},
                       {.name = "--cert", .value = "FILE", .help = "the same"}},
           .run = run_verify}};
}

}  // namespace quicklime::app
