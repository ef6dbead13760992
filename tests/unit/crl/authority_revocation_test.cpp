// An issuing authority is revoked by id; its parent's next CRL says so.

#include "ca/crl_publication.hpp"
#include "ca/crl_signing_request.hpp"
#include "crl/definition.hpp"
#include "crl/service.hpp"
#include "support/installation.hpp"

namespace quicklime::crl {
namespace {

using test::Process;

class AuthorityRevocationTest : public ::testing::Test {
 protected:
  AuthorityRevocationTest() : here(installation, definition()) {
    installation.last = {0, installation.log->end()->offset - 1};
    here.start(make_service(
        here.context(), ca::SigningKeys::fixed({{installation.issuing.id, std::make_shared<crypto::KeySigner>(installation.issuing.key)}}),
        here.clocks));
  }
  http::Response revoke(const std::string& authority, const std::string& reason, uid_t uid = Process::kOwner) {
    return here.control(uid, http::Method::post, "/control/authorities/" + authority + "/revoke", {},
                        reason.empty() ? "{}" : R"({"reason":")" + reason + "\"}");
  }
  std::vector<pki::CrlEntry> to_be_signed() {
    return ca::decode_crl_signing_request(here.control(Process::kOwner, http::Method::get, "/control/crl").body).value().revoked;
  }
  std::uint64_t events() { return installation.log->end()->offset; }

  test::Installation installation;
  Process here;
};

TEST_F(AuthorityRevocationTest, TheNextCrlOfTheParentNamesIt) {
  EXPECT_TRUE(to_be_signed().empty());
  const auto response = revoke("issuing-1", "CA-compromise");
  EXPECT_EQ(response.status, 200U) << response.body;
  EXPECT_NE(response.body.find(R"("crl_of":"root-1")"), std::string::npos) << response.body;
  const auto revoked = to_be_signed();
  ASSERT_EQ(revoked.size(), 1U);
  EXPECT_EQ(revoked.front().serial, installation.issuing.certificate.serial());
  EXPECT_EQ(revoked.front().reason, pki::RevocationReason::ca_compromise);
  const auto event = events::decode(installation.log->read_one(events() - 1)->bytes).value();
  EXPECT_EQ(event.actor.kind, events::Actor::Kind::control);
  EXPECT_EQ(event.subject, installation.issuing.certificate.serial().hex());
}

TEST_F(AuthorityRevocationTest, TwiceIsNoErrorAndNoSecondEvent) {
  const auto first = revoke("issuing-1", "superseded");
  const auto end = events();
  const auto second = revoke("issuing-1", "cACompromise");
  EXPECT_EQ(events(), end);
  EXPECT_EQ(second.status, 200U);
  EXPECT_NE(second.body.find(R"("reason":"superseded")"), std::string::npos) << "the first revocation stands: " << second.body;
  EXPECT_NE(first.body.find(R"("already":false,"published":false)"), std::string::npos) << first.body;
  EXPECT_NE(second.body.find(R"("already":true,"published":false)"), std::string::npos) << second.body;
}

TEST_F(AuthorityRevocationTest, WhatIsNoReasonNoAuthorityOrNoAdministratorWritesNothing) {
  const auto end = test::changes_in(*installation.log);
  for (const char* reason : {"", "unspecified", "certificateHold"}) {
    EXPECT_NE(revoke("issuing-1", reason).body.find("#authority-reason\""), std::string::npos) << reason;
  }
  EXPECT_NE(revoke("issuing-1", "boredom").body.find("#reason-unknown\""), std::string::npos);
  EXPECT_NE(revoke("root-1", "cACompromise").body.find("#authority-is-root\""), std::string::npos);
  EXPECT_NE(revoke("issuing-9", "cACompromise").body.find("#authority-unknown\""), std::string::npos);
  EXPECT_EQ(revoke("issuing-1", "cACompromise", Process::kOwner + 1).status / 100, 4U);
  EXPECT_EQ(here.send(http::Method::post, "/control/authorities/issuing-1/revoke", R"({"reason":"cACompromise"})").status, 401U);
  here.runner.stop();
  installation.clock.advance(std::chrono::hours(1));
  EXPECT_NE(revoke("issuing-1", "cACompromise").body.find("#view-stale\""), std::string::npos);
  EXPECT_EQ(test::changes_in(*installation.log), end);
}

}  // namespace
}  // namespace quicklime::crl
