#include "pki/object_identifier.hpp"

#include <gtest/gtest.h>

#include "unit/pki/oracle.hpp"

namespace quicklime::pki {
namespace {
using namespace std::string_literals;

TEST(ObjectIdentifier, OpensslAgrees) {
  for (const char* dotted : {"2.5.29.17", "1.3.6.1.5.5.7.3.1", "0.0", "0.39", "1.39.1", "2.40", "2.999.3", "2.16.840.1.101.3.4.2.1",
                             "1.2.840.113549.1.1.11", "1.3.6.1.4.1.311.21.20"}) {
    const test::Owned<ASN1_OBJECT_free, ASN1_OBJECT> object(OBJ_txt2obj(dotted, 1));
    const std::string content(reinterpret_cast<const char*>(OBJ_get0_data(object.get())), OBJ_length(object.get()));
    EXPECT_EQ(oid_content(dotted), content) << dotted;
    EXPECT_EQ(oid_text(content), dotted);
  }
}

TEST(ObjectIdentifier, AnArcMayBeAUuid) {
  const char* uuid = "2.25.329800735698586629295641978511506172918";
  const test::Owned<ASN1_OBJECT_free, ASN1_OBJECT> object(OBJ_txt2obj(uuid, 1));
  const std::string content(reinterpret_cast<const char*>(OBJ_get0_data(object.get())), OBJ_length(object.get()));
  EXPECT_TRUE(is_oid(content));
  EXPECT_EQ(oid_text(content), uuid);
}

TEST(ObjectIdentifier, RefusesWhatIsNone) {
  for (const char* dotted : {"", "1", "3.1", "0.40", "1.", ".1", "1..2", "1.2.", "1.x", "1.-2", "1.2.99999999999999999999"})
    EXPECT_EQ(oid_content(dotted), "") << dotted;
  for (const std::string& content : {""s, "\x80"s, "\x55\x80\x01"s, "\x55\x84"s, std::string(20, '\xFF')}) EXPECT_EQ(oid_text(content), "");
}

TEST(AlgorithmIdentifier, RoundTripsAndOpensslNamesItSo) {
  using crypto::SignatureAlgorithm;
  for (const auto algorithm : {SignatureAlgorithm::ecdsa_sha256, SignatureAlgorithm::rsa_sha256, SignatureAlgorithm::ecdsa_sha384,
                               SignatureAlgorithm::ecdsa_sha512, SignatureAlgorithm::rsa_sha384, SignatureAlgorithm::rsa_sha512}) {
    const std::string_view encoded = algorithm_identifier(algorithm);
    EXPECT_EQ(read_algorithm_identifier(encoded), algorithm);
    const auto* at = reinterpret_cast<const unsigned char*>(encoded.data());
    const test::Owned<X509_ALGOR_free, X509_ALGOR> read(d2i_X509_ALGOR(nullptr, &at, static_cast<long>(encoded.size())));
    ASSERT_TRUE(read);
    EXPECT_EQ(OBJ_nid2ln(OBJ_obj2nid(read->algorithm)), crypto::name(algorithm));
  }
  // sha1WithRSAEncryption
  EXPECT_EQ(read_algorithm_identifier("\x30\x0D\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x01\x05\x05\x00"s), std::nullopt);
}

}  // namespace
}  // namespace quicklime::pki
