// An authority is added by its certificate, and retired by id.

#include <nlohmann/json.hpp>

#include "crl/definition.hpp"
#include "crl/service.hpp"
#include "pki/pem.hpp"
#include "support/installation.hpp"

namespace quicklime::crl {
namespace {

using test::Process;
using Json = nlohmann::json;

class AuthorityChangesTest : public ::testing::Test {
 protected:
  AuthorityChangesTest() : here(installation, definition()) {
    installation.last = {0, installation.log->end()->offset - 1};
    here.start(make_service(
        here.context(), ca::SigningKeys::fixed({{installation.issuing.id, std::make_shared<crypto::KeySigner>(installation.issuing.key)}}),
        here.clocks));
  }
  http::Response add(const Json& body) {
    return here.control(Process::kOwner, http::Method::post, "/control/authorities", {}, body.dump());
  }
  http::Response retire(const std::string& id) {
    return here.control(Process::kOwner, http::Method::post, "/control/authorities/" + id + "/retire", {}, "{}");
  }
  // Below the root, or a root of its own.
  Json below(const std::string& id, std::optional<unsigned> path_length = 0U) {
    const auto key = crypto::PrivateKey::generate(crypto::KeyKind::p256).value();
    const crypto::KeySigner signer(installation.root.key);
    const auto certificate = ca::sign_below(what(id, path_length), key.public_key(),
                                            {installation.root.id, installation.root.certificate, signer}, installation.clock.now());
    return {{"authority", id}, {"certificate", pki::pem_encode("CERTIFICATE", certificate.value().der())}, {"parent", "root-1"}};
  }
  Json root(const std::string& id) {
    const auto key = crypto::PrivateKey::generate(crypto::KeyKind::p256).value();
    const auto certificate = ca::sign_root(what(id, {}), key, installation.clock.now());
    return {{"authority", id}, {"certificate", pki::pem_encode("CERTIFICATE", certificate.value().der())}};
  }
  static std::string slug(const http::Response& response) {
    const auto type = Json::parse(response.body).value("type", response.body);
    return type.substr(type.find('#') + 1);
  }
  std::uint64_t events() { return installation.log->end()->offset; }

  test::Installation installation;
  Process here;

 private:
  static ca::FurtherAuthority what(const std::string& id, std::optional<unsigned> path_length) {
    return {AuthorityId(id), "Test", "http://ca.test", std::chrono::hours(24), path_length, {}};
  }
};

TEST_F(AuthorityChangesTest, OneMoreIsAnEventAndTheSameAgainIsNone) {
  const Json body = below("issuing-2");
  const auto first = add(body);
  ASSERT_EQ(first.status, 200U) << first.body;
  const auto event = events::decode(installation.log->read_one(events() - 1)->bytes).value();
  EXPECT_EQ(std::get<events::AuthorityAdded>(event.data).parent, AuthorityId("root-1"));
  const auto end = events();
  EXPECT_TRUE(Json::parse(add(body).body)["already"].get<bool>());
  EXPECT_EQ(events(), end);
  const auto all = Json::parse(here.control(Process::kOwner, http::Method::get, "/control/authorities").body)["authorities"];
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[2]["id"], "issuing-2");
  EXPECT_FALSE(all[2]["key_is_here"].get<bool>());
  EXPECT_TRUE(all[1]["key_is_here"].get<bool>());
}

TEST_F(AuthorityChangesTest, WhatIsNoAuthorityOrHasNoPathIsNotAdded) {
  const auto end = test::changes_in(*installation.log);
  const auto with = [&](const char* member, const Json& value, Json body) {
    body[member] = value;
    return slug(add(body));
  };
  for (const char* id : {"", "root", "access", "revocation-1", "Issuing", "a/b", "-a", "a-", "issuing_2"})
    EXPECT_EQ(with("authority", id, below("issuing-2")), "authority-id-malformed") << id;
  EXPECT_EQ(with("certificate", "", below("issuing-2")), "authority-certificate");
  EXPECT_EQ(with("certificate",
                 pki::pem_encode("CERTIFICATE", installation.make_leaf(installation.issuing, std::chrono::hours(1)).certificate.der()),
                 below("issuing-2")),
            "authority-certificate")
      << "of no CA";
  EXPECT_EQ(with("parent", "root-9", below("issuing-2")), "authority-unknown");
  EXPECT_EQ(with("parent", "issuing-1", below("issuing-2")), "authority-certificate") << "another has issued it";
  EXPECT_EQ(with("authority", "issuing-1", below("issuing-2")), "authority-exists") << "an id is one key";
  Json twin = below("issuing-2");
  twin["certificate"] = pki::pem_encode("CERTIFICATE", installation.issuing.certificate.der());
  EXPECT_EQ(slug(add(twin)), "authority-exists") << "a key is one authority";
  Json unsigned_root = below("root-2");
  unsigned_root.erase("parent");
  EXPECT_EQ(slug(add(unsigned_root)), "authority-certificate") << "not signed by itself";
  EXPECT_EQ(with("succeeds", "root-9", root("root-2")), "authority-unknown");
  EXPECT_EQ(with("succeeds", "issuing-1", root("root-2")), "authority-certificate");
  EXPECT_EQ(with("succeeds", "root-1", below("issuing-2")), "authority-certificate");
  EXPECT_EQ(test::changes_in(*installation.log), end);
}

TEST_F(AuthorityChangesTest, ASuccessorOfARootAndTheRetirementOfWhatWasBefore) {
  EXPECT_EQ(slug(retire("issuing-1")), "authority-needed") << "the last one that issues";
  Json successor = root("root-2");
  successor["succeeds"] = "root-1";
  ASSERT_EQ(add(successor).status, 200U);
  ASSERT_EQ(add(below("issuing-2")).status, 200U);
  EXPECT_EQ(slug(retire("root-1")), "authority-needed") << "there is somebody below it";
  ASSERT_EQ(retire("issuing-1").status, 200U);
  EXPECT_TRUE(Json::parse(retire("issuing-1").body)["already"].get<bool>());
  EXPECT_EQ(slug(retire("issuing-2")), "authority-needed");
  EXPECT_EQ(slug(retire("issuing-9")), "authority-unknown");
  EXPECT_EQ(here.control(Process::kOwner + 1, http::Method::post, "/control/authorities/issuing-1/retire", {}, "{}").status / 100, 4U);
  EXPECT_EQ(here.send(http::Method::post, "/control/authorities", successor.dump()).status, 401U);
}

}  // namespace
}  // namespace quicklime::crl
