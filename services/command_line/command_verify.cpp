// verify: does this certificate hold, today, with this CA?

#include <algorithm>
#include <cstdio>

#include "base/file.hpp"
#include "base/printable.hpp"
#include "command_line/bodies.hpp"
#include "command_line/certificate_files.hpp"
#include "command_line/client.hpp"
#include "command_line/commands.hpp"
#include "command_line/output.hpp"
#include "crypto/random.hpp"
#include "pki/chain.hpp"
#include "pki/crl.hpp"
#include "pki/ocsp.hpp"

namespace quicklime::command_line {
namespace {

using runtime::Arguments;
using runtime::ExitCode;

Failure does_not_hold(std::string reason, std::string detail) {
  return fail(ErrorCode::verification_failed, std::move(reason), std::move(detail));
}

struct Authority {
  std::string id;
  pki::Certificate certificate;
  std::string revoked_at, reason;  // empty: it is not
};

struct Trust {
  std::vector<pki::Certificate> roots;
  std::vector<pki::Certificate> intermediates;
  std::vector<Authority> authorities{};  // those of the CA, roots too; empty where the caller may not see them
};

// What could not be looked up, for standard error.
using Notes = std::vector<std::string>;

bool issued_by(const pki::Certificate& certificate, const pki::Certificate& candidate) {
  return candidate.subject() == certificate.issuer() && candidate.subject_key_identifier() == certificate.authority_key_identifier();
}

const pki::Certificate* issuer_of(const pki::Certificate& certificate, const std::vector<pki::Certificate>& candidates) {
  const auto found =
      std::find_if(candidates.begin(), candidates.end(), [&](const auto& candidate) { return issued_by(certificate, candidate); });
  return found == candidates.end() ? nullptr : &*found;
}

// The roots come from the CA where it is known who answers; over plain HTTP from the file of --roots, and from nowhere else.
Result<std::string> roots_pem(Remote& remote, const Arguments& arguments) {
  if (remote.way() != Remote::Way::server || arguments.text("--server").starts_with("https://")) return remote.get("/ca/roots.pem");
  if (arguments.text("--roots").empty()) {
    return wrong_use("over plain HTTP nobody is known: verify by --server https://..., or by --roots FILE, the roots that you trust");
  }
  return read_file(arguments.text("--roots"));
}

// The intermediates come from the file, and from the CA's list where the caller may see it: a leaf alone in its file is still judged.
Result<Trust> trust_of(Remote& remote, const Arguments& arguments, const std::vector<pki::Certificate>& file) {
  const auto pem = roots_pem(remote, arguments);
  if (!pem) return forward(pem);
  auto roots = pki::certificates_in(*pem);
  if (!roots) return forward(roots);
  Trust trust{std::move(*roots), {file.begin() + 1, file.end()}};
  const auto body = remote.get("/v1/authorities");
  const auto authorities = body ? decode_authority_list(*body) : Result<std::vector<AuthoritySummary>>();
  for (const auto& authority : authorities ? *authorities : std::vector<AuthoritySummary>()) {
    auto parsed = pki::certificates_in(authority.certificate);
    if (!parsed) return forward(parsed);
    for (const auto& certificate : *parsed)
      trust.authorities.push_back({authority.id, certificate, authority.revoked_at, authority.reason});
    if (authority.parent.empty()) continue;
    trust.intermediates.insert(trust.intermediates.end(), parsed->begin(), parsed->end());
  }
  return trust;
}

Failure revoked(const std::string& since, const std::string& reason, const std::string& authority = "") {
  return does_not_hold("certificate-revoked", (authority.empty() ? "" : "its authority " + authority + " is ") + "revoked" +
                                                  (since.empty() ? "" : " since " + since) + (reason.empty() ? "" : " (" + reason + ")"));
}

Failure unknown() { return does_not_hold("certificate-foreign", "this CA's log knows no certificate with this serial"); }

// Whatever an answer is that proves nothing: the certificate was not verified. A responder that asks for patience can be asked again.
Failure no_proof(Error why) {
  if (why.code != ErrorCode::unavailable) why.code = ErrorCode::verification_failed;
  return fail(std::move(why));
}

Result<void> check_by_ocsp(Remote& remote, const pki::Certificate& leaf, const Trust& trust) {
  const auto* issuer = issuer_of(leaf, trust.intermediates);
  if (issuer == nullptr) {
    return does_not_hold("issuer-missing", "its issuer's certificate is not at hand: put the chain into the file behind the certificate");
  }
  const std::string nonce = crypto::random_bytes(16);
  const auto request = pki::OcspRequest::make(*issuer, leaf.serial(), pki::OcspHash::sha256, nonce);
  const auto response = remote.post("/ocsp", request, "", "application/ocsp-request");
  if (!response) return forward(response);
  const auto answer = pki::parse_ocsp_answer(*response, *issuer, leaf.serial());
  if (!answer) return no_proof(answer.error());
  if (auto current = answer->is_current(SystemClock().now(), nonce); !current) return current;
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

// The CRL of whoever issued this authority, on the server that is asked: its certificate says where, under the public URL. Empty: it
// does not.
std::string crl_target(const pki::Certificate& authority) {
  for (const auto& url : authority.crl_urls()) {
    const auto path = url.rfind("/crl/");
    if (path != std::string::npos) return url.substr(path);
  }
  return "";
}

// The CA's own list knows of it before the CRL, which a root's key must sign. An authority of which there is no CRL, or only one that has
// ended, is noted: a root's key is seldom at hand, and its old CRL takes nothing else away.
Result<void> check_by_crl(Remote& remote, const pki::Certificate& authority, const Trust& trust, Notes& notes) {
  const auto own = std::find_if(trust.authorities.begin(), trust.authorities.end(),
                                [&](const Authority& one) { return one.certificate.der() == authority.der(); });
  const auto name = own == trust.authorities.end() ? authority.subject().common_name() : own->id;
  if (own != trust.authorities.end() && !own->revoked_at.empty()) return revoked(own->revoked_at, own->reason, name);
  const auto note = [&](const std::string& why) {
    notes.push_back("whether " + name + " is revoked was not looked up: " + why);
    return Result<void>();
  };
  const auto* parent = issuer_of(authority, trust.intermediates);
  if (parent == nullptr) parent = issuer_of(authority, trust.roots);
  const auto target = crl_target(authority);
  if (parent == nullptr || target.empty()) return note("it does not say where this CA has the CRL of its issuer");
  const auto der = remote.get(target);
  if (!der) {
    const auto& why = der.error();
    const bool none = why.reason == "crl-missing" || why.reason == "crl-ended" || why.code == ErrorCode::not_found;
    return none ? note(why.detail) : Result<void>(forward(der));
  }
  const auto crl = pki::Crl::parse(*der);
  if (!crl) return forward(crl);
  const auto key = parent->public_key();
  if (!key) return forward(key);
  if (crl->issuer() != parent->subject() || !crl->signed_by(*key)) {
    return does_not_hold("crl-signature-wrong",
                         "what the server has at " + target + " is no CRL that " + parent->subject().common_name() + " has signed");
  }
  for (const auto& entry : crl->entries()) {
    if (entry.serial == authority.serial())
      return revoked(entry.revocation_date.rfc3339_seconds(), std::string(pki::name(entry.reason)), name);
  }
  // The server's clock may be behind.
  if (crl->next_update() <= SystemClock().now()) {
    return note("the CRL of " + parent->subject().common_name() + " ended at " + crl->next_update().rfc3339_seconds());
  }
  return {};
}

bool is_among(const pki::Certificate& certificate, const std::vector<pki::Certificate>& list) {
  return std::any_of(list.begin(), list.end(), [&](const auto& one) { return one.der() == certificate.der(); });
}

// From the leaf's issuer up to the root, which no CRL speaks of. The chain has been verified; bounded, as names may go round in
// circles all the same.
Result<void> check_authorities(Remote& remote, const pki::Certificate& leaf, const Trust& trust, Notes& notes) {
  const auto* at = issuer_of(leaf, trust.intermediates);
  for (auto left = trust.intermediates.size(); left > 0 && at != nullptr && !is_among(*at, trust.roots); --left) {
    if (auto holds = check_by_crl(remote, *at, trust, notes); !holds) return holds;
    at = issuer_of(*at, trust.intermediates);
  }
  return {};
}

Result<Notes> verify(Remote& remote, const Arguments& arguments, const std::vector<pki::Certificate>& file) {
  const auto& leaf = file.front();
  auto trust = trust_of(remote, arguments, file);
  if (!trust) return forward(trust);
  const Instant now = SystemClock().now();
  if (auto holds = pki::verify_chain(leaf, trust->intermediates, trust->roots, now); !holds) return forward(holds);
  // A file may hold what only has the name of an authority and another serial.
  std::erase_if(trust->intermediates,
                [&, all = trust->intermediates](const auto& one) { return !pki::verify_chain(one, all, trust->roots, now).has_value(); });
  Notes notes;
  Result<void> good;
  if (leaf.is_ca()) {  // of these no responder speaks, nor the inventory
    if (!is_among(leaf, trust->roots)) good = check_by_crl(remote, leaf, *trust, notes);
  } else if (remote.way() == Remote::Way::in_process) {
    good = check_by_inventory(remote, leaf);
  } else {
    good = check_by_ocsp(remote, leaf, *trust);
  }
  if (!good) return forward(good);
  if (auto holds = check_authorities(remote, leaf, *trust, notes); !holds) return forward(holds);
  return notes;
}

ExitCode run_verify(const Arguments& arguments) {
  const auto path = arguments.has("--cert") ? arguments.text("--cert") : arguments.text("FILE");
  if (path.empty()) return report(wrong_use("which certificate? `quicklime verify FILE`").value());
  const auto file = read_certificates(path);
  if (!file) return report(file.error());
  auto remote = Remote::connect(arguments, "verify");
  if (!remote) return report(remote.error());
  const auto notes = verify(**remote, arguments, *file);
  if (!notes) {
    Error error = notes.error();
    error.detail = path + ": " + error.detail;
    return report(error);
  }
  for (const auto& note : *notes) std::fprintf(stderr, "%s\n", printable(note).c_str());
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

}  // namespace quicklime::command_line
