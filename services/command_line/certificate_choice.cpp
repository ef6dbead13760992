#include "command_line/certificate_choice.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "base/serial_number.hpp"
#include "command_line/certificate_files.hpp"
#include "command_line/output.hpp"

namespace quicklime::command_line {
namespace {

constexpr std::size_t kShortestSerial = 16;  // characters; shorter ones are rather names like "cafe" or "beef"

bool live(const CertificateSummary& certificate) { return certificate.status != "revoked" && !certificate.expired; }

Failure unknown(const std::string& text) {
  return fail(ErrorCode::not_found, "certificate-unknown",
              "'" + text + "' is no file here, no serial, and no name that this CA has issued for; quicklime list shows what there is");
}

}  // namespace

Result<CertificateChoice> choose_certificate(Remote& remote, const std::string& text) {
  std::error_code ignored;
  if (std::filesystem::is_regular_file(text, ignored)) {
    const auto certificates = read_certificates(text);
    if (!certificates) return forward(certificates);
    return CertificateChoice{certificates->front().serial().hex()};
  }
  const auto serial = SerialNumber::from_hex(text);
  if (serial && text.size() >= kShortestSerial) return CertificateChoice{serial->hex()};
  return choose_by_name(remote, text);
}

bool is_own(const CertificateSummary& certificate) { return certificate.requester.starts_with("process:"); }

Result<CertificateChoice> choose_by_name(Remote& remote, const std::string& text) {
  const auto body = remote.get("/v1/certificates?limit=500&name=" + http::percent_encode(text));
  if (!body) return forward(body);
  auto page = decode_certificates(*body);
  if (!page) return forward(page);
  auto& all = page->certificates;
  std::erase_if(all, is_own);
  if (std::any_of(all.begin(), all.end(), live)) std::erase_if(all, [](const CertificateSummary& one) { return !live(one); });
  if (all.empty()) return unknown(text);
  if (all.size() == 1) return CertificateChoice{all.front().serial};
  return CertificateChoice{"", std::move(all)};
}

std::string status_text(const CertificateSummary& certificate) {
  if (certificate.status == "revoked")
    return "revoked " + certificate.revoked_at.substr(0, 10) + (certificate.reason.empty() ? "" : " (" + certificate.reason + ")");
  if (certificate.expired) return "expired";
  return certificate.status == "good" && !certificate.replaced_by.empty() ? "good (replaced)" : certificate.status;
}

std::string certificate_table(const std::vector<CertificateSummary>& certificates) {
  std::vector<std::vector<std::string>> rows{{"SERIAL", "NAMES", "STATUS", "UNTIL", "PROFILE", "REQUESTER"}};
  for (const auto& one : certificates) {
    rows.push_back({one.serial, joined(one.names, " "), status_text(one), one.not_after, one.profile, one.requester});
  }
  return table(rows);
}

runtime::ExitCode report_candidates(const CertificateChoice& choice, const std::string& text, const std::string& command) {
  std::fprintf(stderr, "quicklime: %zu certificates are for %s; which one? quicklime %s SERIAL\n%s", choice.candidates.size(), text.c_str(),
               command.c_str(), certificate_table(choice.candidates).c_str());
  return runtime::ExitCode::usage;
}

}  // namespace quicklime::command_line
