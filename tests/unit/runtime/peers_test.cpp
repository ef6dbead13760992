#include "runtime/peers.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "base/work.hpp"
#include "ca/authority.hpp"
#include "pki/csr.hpp"

namespace quicklime::runtime {
namespace {

class PeersTest : public testing::Test {
 protected:
  PeersTest() {
    const ca::AuthorityPlan plan{.organization = "Acme", .public_url = "http://ca.internal"};
    const SystemClock clock;
    auto root = ca::make_root(plan, clock.now());
    auto issuing = ca::make_issuing(plan, *root, clock.now());
    authorities_.push_back({root->id, std::nullopt, root->certificate});
    authorities_.push_back({issuing->id, root->id, issuing->certificate});
  }
  std::string refusal(const Peers& peers, std::optional<std::string> certificate) {
    http::Request request;
    request.peer.certificate = std::move(certificate);
    const auto admitted = peers.admit(request);
    return admitted ? "" : admitted.error().reason;
  }
  std::string load(const std::string& toml, const std::string& role) {
    const std::string file = testing::TempDir() + "/peers.toml";
    std::ofstream(file) << toml;
    const auto names = load_peers(file, role);
    if (!names) return names.error().reason;
    std::string text;
    for (const auto& name : *names) text += name + ";";
    return text;
  }

  SystemClock clock_;
  std::vector<ca::Authority> authorities_;
};

TEST_F(PeersTest, TheFileSaysWhomARoleAccepts) {
  const std::string toml = "[crl]\naccepts = [\"gateway\", \"ocsp\"]\n[ocsp]\naccepts = []\n";
  EXPECT_EQ(load(toml, "crl"), "gateway;ocsp;");
  EXPECT_EQ(load(toml, "ocsp"), "") << "nobody, and that is said";
  EXPECT_EQ(load(toml, "issuance"), "setting-invalid");
  EXPECT_EQ(load("[crl]\naccept = [\"gateway\"]\n", "crl"), "setting-unknown");
  EXPECT_EQ(load_peers("/nowhere/peers.toml", "crl").error().reason, "configuration-missing");
}

TEST_F(PeersTest, WhoShowsNothingOrSomethingForeignIsNobody) {
  const Peers peers({"gateway"}, authorities_, clock_);
  EXPECT_EQ(refusal(peers, std::nullopt), "peer-unknown");
  EXPECT_EQ(refusal(peers, "rubbish"), "peer-unknown");
  const auto parsed = work::counted(work::Kind::certificate);
  EXPECT_EQ(refusal(peers, std::string(53'000, 'c')), "peer-unknown");
  EXPECT_EQ(work::counted(work::Kind::certificate), parsed) << "so large a certificate is not parsed";
  const auto foreign = ca::make_root({.organization = "Other", .public_url = "http://other"}, clock_.now());
  EXPECT_EQ(refusal(peers, foreign->certificate.der()), "peer-unknown");
  EXPECT_EQ(refusal(peers, authorities_[1].certificate.der()), "peer-unknown") << "ours, but it names no host";
}

}  // namespace
}  // namespace quicklime::runtime
