// What every role of the real list has in common, whatever else its view holds.

#include "all_in_one/roles.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>

#include "all_in_one/embedded.hpp"
#include "base/encoding.hpp"
#include "ca/role_uri.hpp"
#include "crypto/hash.hpp"
#include "installation/init.hpp"
#include "runtime/certificate_standing.hpp"
#include "runtime/shared_settings.hpp"
#include "settings/documentation.hpp"

namespace quicklime::all_in_one {
namespace {

namespace fs = std::filesystem;

class Roles : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/quicklime-roles-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    folder_ = name;
    const installation::DataDirectory directory{folder_ / "ca"};
    const auto made = installation::init({.directory = directory,
                                          .organization = "Test",
                                          .public_url = "http://ca.internal:8080",
                                          .configuration = settings::initial_configuration(
                                              known_settings(roles()), {{"public_url", settings::in_quotes("http://ca.internal:8080")}}),
                                          .backdate = runtime::SharedSettings().backdate});
    ASSERT_TRUE(made) << made.error().detail;
    auto opened = Embedded::open({.directory = directory, .command = "test"});
    ASSERT_TRUE(opened) << opened.error().detail;
    embedded_ = *std::move(opened);
  }
  void TearDown() override {
    embedded_.reset();
    fs::remove_all(folder_);
  }

  pki::Certificate issue(const crypto::PrivateKey& key) {
    const auto csr = pki::Csr::make(pki::Name::empty(), {*pki::AlternativeName::guess("quicklime:role/gateway")}, key);
    ca::IssueRequest request{.csr = *csr,
                             .profile = ca::kRolePeerProfile,
                             .lifetime = std::chrono::hours(1),
                             .method = "OWN",
                             .route = "test",
                             .body_sha256 = std::string(64, '0'),
                             .cause = {RequestId("test")}};
    const auto issued = async::run_to_end(embedded_->issuer().issue(
        std::move(request), {events::Actor{events::Actor::Kind::process, "test"}, {"*"}, ca::NamePolicy::everything(), true}));
    if (!issued) throw std::runtime_error(issued.error().detail);
    last_ = issued->position;
    return *pki::Certificate::parse(issued->certificate);
  }
  void given(events::Data data) {
    eventlog::EventWriter writer(embedded_->log(), embedded_->clock());
    eventlog::Draft draft{.actor = {events::Actor::Kind::control, "tester"}, .cause = {RequestId("given")}, .data = std::move(data)};
    const auto appended = async::run_to_end(writer.append(std::move(draft)));
    if (!appended) throw std::runtime_error(appended.error().detail);
    last_ = appended->position;
  }
  // By the view of each role: the names of those that say it.
  std::string taken_back_for(const pki::Certificate& certificate) {
    std::string roles;
    for (const auto& site : embedded_->sites()) {
      EXPECT_TRUE(async::run_to_end(site->view().reached(last_, Seconds(10)))) << site->name();
      const bool taken_back = async::run_to_end(runtime::is_taken_back(site->view(), site->service().certificate_status,
                                                                       embedded_->authorities(), embedded_->clock(), certificate));
      if (taken_back) roles += site->name() + " ";
    }
    return roles;
  }
  static std::string key_sha256(const pki::Certificate& certificate) {
    return hex_encode(crypto::view(crypto::sha256(certificate.spki())));
  }
  static crypto::PrivateKey new_key() { return *crypto::PrivateKey::generate(crypto::KeyKind::p256); }

  fs::path folder_;
  std::unique_ptr<Embedded> embedded_;
  Position last_;
};

std::string every_role() {
  std::string names;
  for (const auto& role : roles()) names += role.name() + " ";
  return names;
}

TEST_F(Roles, SayWhatIsServedOverPlainHttp) {
  for (const auto& site : embedded_->sites())
    EXPECT_EQ(site->definition().over_plain_http, !site->service().public_routes.empty()) << site->name();
}

TEST_F(Roles, OneCertifiesTheOthersAndOneAnswersTheRest) {
  const auto all = roles();
  EXPECT_EQ(std::count_if(all.begin(), all.end(), [](const auto& role) { return role.certifies_daemons; }), 1);
  EXPECT_EQ(std::count_if(all.begin(), all.end(), [](const auto& role) { return role.answers_the_rest; }), 1);
}

TEST_F(Roles, EachKnowsThatACertificateOrItsKeyWasTakenBack) {
  const auto stolen_key = new_key(), other_key = new_key();
  const auto stolen = issue(stolen_key), twin = issue(stolen_key), other = issue(other_key), twin_of_other = issue(other_key);
  EXPECT_EQ(taken_back_for(twin), "");
  given(events::CertificateRevoked{stolen.serial(), AuthorityId("issuing-1"), "keyCompromise", key_sha256(stolen), std::nullopt});
  EXPECT_EQ(taken_back_for(stolen), every_role());
  EXPECT_EQ(taken_back_for(twin), every_role()) << "nobody revoked it, and its key proves nothing any more";

  given(events::CertificateHeld{other.serial(), AuthorityId("issuing-1")});
  EXPECT_EQ(taken_back_for(other), every_role());
  EXPECT_EQ(taken_back_for(twin_of_other), "");
  given(events::KeyBlocked{key_sha256(other)});
  EXPECT_EQ(taken_back_for(twin_of_other), every_role());
}

}  // namespace
}  // namespace quicklime::all_in_one
