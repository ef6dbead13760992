#include "pki/ocsp.hpp"

#include <gtest/gtest.h>

#include "pki/der.hpp"
#include "pki/object_identifier.hpp"
#include "pki/pem.hpp"
#include "pki/signed_object.hpp"
#include "unit/pki/oracle.hpp"

namespace quicklime::pki {
namespace {
using namespace std::string_literals;
using std::chrono::hours;
using test::Hierarchy;
using test::Owned;

using RequestOwned = Owned<OCSP_REQUEST_free, OCSP_REQUEST>;
using ResponseOwned = Owned<OCSP_RESPONSE_free, OCSP_RESPONSE>;
using BasicOwned = Owned<OCSP_BASICRESP_free, OCSP_BASICRESP>;
using CertIdOwned = Owned<OCSP_CERTID_free, OCSP_CERTID>;

struct Responder {
  explicit Responder(const Hierarchy& ca, std::vector<std::string> usages = {std::string(oid::ocsp_signing)},
                     const crypto::Signer* by = nullptr, Instant not_after = test::kNow + hours(24 * 7))
      : key(crypto::PrivateKey::generate(crypto::KeyKind::p256).value()) {
    auto fields = ca.leaf_fields();
    fields.extended_key_usages = std::move(usages);
    fields.ocsp_no_check = fields.extended_key_usages == std::vector{std::string(oid::ocsp_signing)};  // elsewhere nothing is signed
    const crypto::Signer& signer = by == nullptr ? ca.signer : *by;
    fields.signature_algorithm = signer.algorithm();
    certificate =
        Hierarchy::make(fields, signer, Name::common_name("OCSP responder"), key.public_key().spki(), {}, test::kNow - hours(1), not_after);
  }
  OcspResponder responder() const { return {*certificate, std::make_shared<crypto::KeySigner>(key)}; }

  crypto::PrivateKey key;
  std::optional<Certificate> certificate;
};

struct Fixture : testing::Test {
  Hierarchy ca;
  Responder delegated{ca};
  Certificate leaf = ca.leaf().value();
  OcspCertId id = OcspRequest::parse(OcspRequest::make(*ca.issuing, leaf.serial(), OcspHash::sha1, ""))->cert_ids.at(0);

  std::string answer(const OcspResponder& responder, CertificateStatus status, std::string_view nonce = "") const {
    return responder
        .answer({{.cert_id = id.encoded,
                  .status = status,
                  .revocation_date = test::kNow - hours(2),
                  .reason = RevocationReason::key_compromise}},
                test::kNow, test::kNow + hours(1), test::kNow, nonce)
        .value();
  }
  // Signature and delegation by OCSP_basic_verify, trusting the root alone.
  bool openssl_verifies(std::string_view der) const {
    const auto response = test::decode_whole<ResponseOwned>(der, d2i_OCSP_RESPONSE);
    if (!response || OCSP_response_status(response.get()) != OCSP_RESPONSE_STATUS_SUCCESSFUL) return false;
    const BasicOwned basic(OCSP_response_get1_basic(response.get()));
    const Owned<X509_STORE_free, X509_STORE> store(X509_STORE_new());
    X509_STORE_add_cert(store.get(), test::decode_x509(ca.root->der()).get());
    X509_VERIFY_PARAM* parameters = X509_STORE_get0_param(store.get());
    X509_VERIFY_PARAM_set_time(parameters, static_cast<time_t>(test::kNow.seconds()));
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_X509_STRICT);
    STACK_OF(X509)* others = sk_X509_new_null();
    const auto issuing = test::decode_x509(ca.issuing->der());
    sk_X509_push(others, issuing.get());
    const int verified = OCSP_basic_verify(basic.get(), others, store.get(), 0);
    sk_X509_free(others);
    ERR_clear_error();
    return verified == 1;
  }
  int openssl_status(std::string_view der, const EVP_MD* hash = EVP_sha1()) const {
    const auto response = test::decode_whole<ResponseOwned>(der, d2i_OCSP_RESPONSE);
    const BasicOwned basic(OCSP_response_get1_basic(response.get()));
    const CertIdOwned wanted(OCSP_cert_to_id(hash, test::decode_x509(leaf.der()).get(), test::decode_x509(ca.issuing->der()).get()));
    int status = -1, reason = -1;
    ASN1_GENERALIZEDTIME *revoked = nullptr, *from = nullptr, *until = nullptr;
    if (OCSP_resp_find_status(basic.get(), wanted.get(), &status, &reason, &revoked, &from, &until) != 1) return -1;
    EXPECT_TRUE(from != nullptr && until != nullptr);
    if (status == V_OCSP_CERTSTATUS_REVOKED) {
      EXPECT_EQ(reason, OCSP_REVOKED_STATUS_KEYCOMPROMISE);
      EXPECT_TRUE(revoked != nullptr);
    }
    return status;
  }
  std::string openssl_request(const EVP_MD* hash, int nonce_size) const {
    const RequestOwned request(OCSP_REQUEST_new());
    OCSP_request_add0_id(request.get(),
                         OCSP_cert_to_id(hash, test::decode_x509(leaf.der()).get(), test::decode_x509(ca.issuing->der()).get()));
    if (nonce_size > 0) OCSP_request_add1_nonce(request.get(), nullptr, nonce_size);
    unsigned char* der = nullptr;
    const int size = i2d_OCSP_REQUEST(request.get(), &der);
    std::string bytes(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return bytes;
  }
};
using OcspRequests = Fixture;
using OcspAnswers = Fixture;

TEST_F(OcspRequests, ReadsWhatOpensslAsks) {
  const OcspIssuer issuer = OcspIssuer::of(*ca.issuing);
  for (const auto& [md, hash] : {std::pair(EVP_sha1(), OcspHash::sha1), std::pair(EVP_sha256(), OcspHash::sha256)}) {
    for (const int nonce : {0, 1, 16, 23, 128}) {
      const auto request = OcspRequest::parse(openssl_request(md, nonce));
      ASSERT_TRUE(request.has_value()) << request.error().detail;
      ASSERT_EQ(request->cert_ids.size(), 1U);
      EXPECT_EQ(request->cert_ids[0].hash, hash);
      EXPECT_EQ(request->cert_ids[0].serial, leaf.serial());
      EXPECT_TRUE(issuer.matches(request->cert_ids[0]));
      EXPECT_FALSE(OcspIssuer::of(*ca.root).matches(request->cert_ids[0]));
      EXPECT_EQ(request->nonce.size(), static_cast<std::size_t>(nonce == 0 ? 0 : nonce == 128 ? 131 : nonce + 2)) << "as it came";
    }
    EXPECT_EQ(OcspRequest::make(*ca.issuing, leaf.serial(), hash, ""), openssl_request(md, 0));
  }
  EXPECT_FALSE(OcspRequest::parse(openssl_request(EVP_sha1(), 129)).has_value()) << "RFC 9654: at most 128 octets";
  for (const auto* md : {EVP_sha384(), EVP_sha512()}) {
    const auto request = OcspRequest::parse(openssl_request(md, 0));
    ASSERT_TRUE(request.has_value()) << request.error().detail;
    EXPECT_EQ(request->cert_ids[0].hash, OcspHash::other);
    EXPECT_FALSE(issuer.matches(request->cert_ids[0])) << "well-formed, and of nobody here";
  }
}

TEST_F(OcspRequests, ReadsTheCommandLinesSignedRequest) {
  const test::Workshop shop;
  shop.write("issuing.pem", pem_encode("CERTIFICATE", ca.issuing->der()));
  shop.write("leaf.pem", pem_encode("CERTIFICATE", leaf.der()));
  shop.write("key.pem", ca.leaf_key.to_pem()->reveal());
  const std::string plain = "ocsp -issuer issuing.pem -cert leaf.pem -serial 0x1234 -reqout request.der ";
  for (const std::string& arguments : {plain, plain + "-no_nonce", plain + "-signer leaf.pem -signkey key.pem"}) {
    ASSERT_EQ(shop.openssl(arguments).status, 0) << shop.openssl(arguments).text;
    const auto request = OcspRequest::parse(shop.read("request.der"));
    ASSERT_TRUE(request.has_value()) << arguments << request.error().detail;
    EXPECT_EQ(request->cert_ids.size(), 2U);
    EXPECT_EQ(request->cert_ids[1].serial.hex(), "1234");
  }
}

// An OCSPRequest in parts that a test may bend.
struct RequestParts {
  std::string before_list{};
  std::string requests;
  std::string extensions{};  // content of Extensions
  std::string after{};

  std::string bytes() const {
    std::string body = before_list + der(Tag::sequence, requests);
    if (!extensions.empty()) append_der(body, context_constructed(2), der(Tag::sequence, extensions));
    return der(Tag::sequence, der(Tag::sequence, body) + after);
  }
  static std::string extension(std::string_view identifier, Critical critical, std::string_view value) {
    std::string out;
    append_extension(out, identifier, critical, value);
    return out;
  }
};

TEST_F(OcspRequests, PartsThatMayStandInThem) {
  const std::string one = der(Tag::sequence, id.encoded);
  EXPECT_TRUE(OcspRequest::parse(RequestParts{.requests = one}.bytes()).has_value());
  EXPECT_TRUE(
      OcspRequest::parse(RequestParts{.before_list = der(context_constructed(0), der_integer(0)), .requests = one}.bytes()).has_value());
  const std::string requestor = der(context_constructed(1), der(context_constructed(4), Name::common_name("x").der()));
  EXPECT_TRUE(OcspRequest::parse(RequestParts{.before_list = requestor, .requests = one}.bytes()).has_value());
  // NSS sends AcceptableResponses
  const std::string acceptable = RequestParts::extension(oid_octets::ocsp_response, Critical::no,
                                                         der(Tag::sequence, der(Tag::object_identifier, oid_octets::ocsp_basic)));
  EXPECT_TRUE(OcspRequest::parse(RequestParts{.requests = one, .extensions = acceptable}.bytes()).has_value());
  EXPECT_TRUE(
      OcspRequest::parse(RequestParts{.requests = one, .extensions = RequestParts::extension("\x2A\x03", Critical::no, "x")}.bytes())
          .has_value());
  std::string many;
  for (int i = 0; i < 32; ++i) many += one;
  EXPECT_EQ(OcspRequest::parse(RequestParts{.requests = many}.bytes())->cert_ids.size(), 32U);
  EXPECT_FALSE(OcspRequest::parse(RequestParts{.requests = many + one}.bytes()).has_value());
}

TEST_F(OcspRequests, RefusesWhatIsNotWellFormed) {
  const std::string one = der(Tag::sequence, id.encoded);
  const auto nonce = [](std::string_view value) { return RequestParts::extension(oid_octets::ocsp_nonce, Critical::no, value); };
  const auto cert_id = [](std::string_view algorithm, std::size_t name, std::size_t key, std::string_view serial) {
    return der(Tag::sequence, der(Tag::sequence, der(Tag::sequence, der(Tag::object_identifier, algorithm)) +
                                                     der(Tag::octet_string, std::string(name, 'n')) +
                                                     der(Tag::octet_string, std::string(key, 'k')) + std::string(serial)));
  };
  ASSERT_TRUE(OcspRequest::parse(RequestParts{.requests = cert_id(oid_octets::sha1, 20, 20, der_integer(1))}.bytes()).has_value())
      << "parameters may be absent";
  const std::pair<const char*, RequestParts> cases[] = {
      {"no request", {.requests = ""}},
      {"version 2", {.before_list = der(context_constructed(0), der_integer(1)), .requests = one}},
      {"empty nonce", {.requests = one, .extensions = nonce(der(Tag::octet_string, ""))}},
      {"nonce of 129 octets", {.requests = one, .extensions = nonce(der(Tag::octet_string, std::string(129, 'n')))}},
      {"bare nonce of 129 octets", {.requests = one, .extensions = nonce(std::string(129, 'n'))}},
      {"two nonces", {.requests = one, .extensions = nonce(der(Tag::octet_string, "a")) + nonce(der(Tag::octet_string, "b"))}},
      {"unknown critical extension", {.requests = one, .extensions = RequestParts::extension("\x2A\x03", Critical::yes, "x")}},
      {"something behind the signature", {.requests = one, .after = "x"}},
      {"an empty signature", {.requests = one, .after = der(context_constructed(0), "")}},
      {"a short name hash", {.requests = cert_id(oid_octets::sha1, 19, 20, der_integer(1))}},
      {"a long key hash", {.requests = cert_id(oid_octets::sha1, 20, 32, der_integer(1))}},
      {"SHA-256 with hashes of SHA-1", {.requests = cert_id(oid_octets::sha256, 20, 20, der_integer(1))}},
      {"serial 0", {.requests = cert_id(oid_octets::sha1, 20, 20, der_integer(0))}},
      {"a negative serial", {.requests = cert_id(oid_octets::sha1, 20, 20, der(Tag::integer, "\x80"))}},
      {"a serial of 21 octets", {.requests = cert_id(oid_octets::sha1, 20, 20, der_integer(std::string(21, 's')))}},
      {"a serial with leading zeros", {.requests = cert_id(oid_octets::sha1, 20, 20, der(Tag::integer, "\0\1"s))}},
      {"critical unknown extension of one request",
       {.requests = der(Tag::sequence, id.encoded + der(context_constructed(0),
                                                        der(Tag::sequence, RequestParts::extension("\x2A\x03", Critical::yes, "x"))))}},
  };
  for (const auto& [what, parts] : cases) {
    const auto request = OcspRequest::parse(parts.bytes());
    ASSERT_FALSE(request.has_value()) << what;
    EXPECT_EQ(request.error().reason, "ocsp-malformed") << what;
  }
  const std::string good = openssl_request(EVP_sha256(), 16);
  for (std::size_t i = 0; i < good.size(); ++i) EXPECT_FALSE(OcspRequest::parse(std::string_view(good).substr(0, i)).has_value());
  EXPECT_FALSE(OcspRequest::parse(good + "\0"s).has_value());
  EXPECT_FALSE(OcspRequest::parse(std::string(100'000, '\x30')).has_value());
}

TEST_F(OcspRequests, OpensslReadsWhateverWeAccept) {
  const std::string good = openssl_request(EVP_sha1(), 16);
  int accepted = 0;
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string bent = good;
      bent[i] = static_cast<char>(bent[i] ^ (1U << bit));
      if (!OcspRequest::parse(bent)) continue;
      ++accepted;
      EXPECT_TRUE(test::decode_whole<RequestOwned>(bent, d2i_OCSP_REQUEST)) << i;
    }
  }
  EXPECT_GT(accepted, 100);
}

TEST_F(OcspAnswers, OpensslVerifiesADelegatedResponder) {
  for (const auto& [status, expected] :
       {std::pair(CertificateStatus::good, V_OCSP_CERTSTATUS_GOOD), std::pair(CertificateStatus::revoked, V_OCSP_CERTSTATUS_REVOKED),
        std::pair(CertificateStatus::unknown, V_OCSP_CERTSTATUS_UNKNOWN)}) {
    const std::string der = answer(delegated.responder(), status);
    EXPECT_TRUE(openssl_verifies(der));
    EXPECT_EQ(openssl_status(der), expected);
    const auto ours = parse_ocsp_answer(der, *ca.issuing, leaf.serial());
    ASSERT_TRUE(ours.has_value()) << ours.error().detail;
    EXPECT_EQ(ours->status, status);
    EXPECT_EQ(ours->this_update, test::kNow);
    EXPECT_EQ(ours->next_update, test::kNow + hours(1));
    if (status == CertificateStatus::revoked) {
      EXPECT_EQ(ours->reason, RevocationReason::key_compromise);
      EXPECT_EQ(ours->revocation_date, test::kNow - hours(2));
    }
  }
}

TEST_F(OcspAnswers, TheIssuerMayAnswerItself) {
  const OcspResponder issuer(*ca.issuing, std::make_shared<crypto::KeySigner>(ca.signer));
  EXPECT_TRUE(openssl_verifies(answer(issuer, CertificateStatus::good)));
  EXPECT_TRUE(parse_ocsp_answer(answer(issuer, CertificateStatus::good), *ca.issuing, leaf.serial()).has_value());
}

TEST_F(OcspAnswers, ReasonUnspecifiedIsLeftOut) {
  const auto der =
      delegated.responder().answer({{.cert_id = id.encoded, .status = CertificateStatus::revoked, .revocation_date = test::kNow}},
                                   test::kNow, test::kNow + hours(1), test::kNow, "");
  const auto ours = parse_ocsp_answer(*der, *ca.issuing, leaf.serial());
  EXPECT_EQ(ours->reason, RevocationReason::unspecified);
  EXPECT_TRUE(openssl_verifies(*der));
  EXPECT_EQ(der->find("\xA0\x03\x0A\x01\x00"s), std::string::npos);
}

TEST_F(OcspAnswers, TheNonceComesBackAndOpensslChecksIt) {
  const auto request_der = openssl_request(EVP_sha256(), 32);
  const auto asked = OcspRequest::parse(request_der);
  id = asked->cert_ids[0];
  const auto request = test::decode_whole<RequestOwned>(request_der, d2i_OCSP_REQUEST);
  const auto check = [&](std::string_view nonce) {
    const std::string der = answer(delegated.responder(), CertificateStatus::good, nonce);
    const auto response = test::decode_whole<ResponseOwned>(der, d2i_OCSP_RESPONSE);
    const BasicOwned basic(OCSP_response_get1_basic(response.get()));
    EXPECT_TRUE(openssl_verifies(der));
    EXPECT_EQ(openssl_status(der, EVP_sha256()), V_OCSP_CERTSTATUS_GOOD) << "a SHA-256 CertID is answered in kind";
    return OCSP_check_nonce(request.get(), basic.get());
  };
  EXPECT_EQ(check(asked->nonce), 1);
  EXPECT_EQ(check(pki::der(Tag::octet_string, "another")), 0);
  EXPECT_EQ(check(""), -1) << "asked, and none came back";
}

TEST_F(OcspAnswers, ManyCertificatesInOneAnswer) {
  const Certificate other = ca.leaf().value();
  const auto other_id = OcspRequest::parse(OcspRequest::make(*ca.issuing, other.serial(), OcspHash::sha256, ""))->cert_ids.at(0);
  const auto der =
      delegated.responder().answer({{.cert_id = id.encoded, .status = CertificateStatus::good},
                                    {.cert_id = other_id.encoded, .status = CertificateStatus::revoked, .revocation_date = test::kNow}},
                                   test::kNow, test::kNow + hours(1), test::kNow, "");
  EXPECT_TRUE(openssl_verifies(*der));
  EXPECT_EQ(parse_ocsp_answer(*der, *ca.issuing, leaf.serial())->status, CertificateStatus::good);
  EXPECT_EQ(parse_ocsp_answer(*der, *ca.issuing, other.serial())->status, CertificateStatus::revoked);
  EXPECT_EQ(parse_ocsp_answer(*der, *ca.issuing, SerialNumber::from_hex("01").value()).error().reason, "ocsp-other-certificate");
  EXPECT_EQ(parse_ocsp_answer(*der, *ca.root, leaf.serial()).error().reason, "ocsp-untrusted");
}

TEST_F(OcspAnswers, NeverOutliveTheirSigner) {
  const Responder brief(ca, {std::string(oid::ocsp_signing)}, nullptr, test::kNow + std::chrono::minutes(10));
  EXPECT_EQ(brief.responder().not_after(), test::kNow + std::chrono::minutes(10));
  EXPECT_EQ(parse_ocsp_answer(answer(brief.responder(), CertificateStatus::good), *ca.issuing, leaf.serial())->next_update,
            test::kNow + std::chrono::minutes(10));
}

// The table of the judges: what OpenSSL refuses of these, so do we.
TEST_F(OcspAnswers, UntrustedRespondersAreRefused) {
  const auto refused_by_both = [&](const OcspResponder& responder) {
    const std::string der = answer(responder, CertificateStatus::good);
    EXPECT_FALSE(openssl_verifies(der));
    const auto ours = parse_ocsp_answer(der, *ca.issuing, leaf.serial());
    return !ours && ours.error().reason == "ocsp-untrusted";
  };
  EXPECT_TRUE(refused_by_both(Responder(ca, {std::string(oid::server_auth)}).responder())) << "without OCSPSigning";
  EXPECT_TRUE(refused_by_both(Responder(ca, {std::string(oid::ocsp_signing)}, &ca.root_signer).responder())) << "issued by the root";
  EXPECT_TRUE(refused_by_both(Responder(ca, {std::string(oid::ocsp_signing)}, nullptr, test::kNow - std::chrono::minutes(1)).responder()))
      << "expired";
  const auto stranger = std::make_shared<crypto::KeySigner>(crypto::PrivateKey::generate(crypto::KeyKind::p256).value());
  EXPECT_TRUE(refused_by_both(OcspResponder(*delegated.certificate, stranger))) << "another key than the certificate's";
}

TEST_F(OcspAnswers, OnlyAnAnswerOfNowToThisQuestionIsProof) {
  const auto parsed = parse_ocsp_answer(answer(delegated.responder(), CertificateStatus::good, der(Tag::octet_string, "asked")),
                                        *ca.issuing, leaf.serial());
  ASSERT_TRUE(parsed.has_value()) << parsed.error().detail;
  const auto reason = [&](Instant now, std::string_view nonce) {
    const auto current = parsed->is_current(now, nonce);
    return current ? "current" : current.error().reason;
  };
  using std::chrono::minutes;
  EXPECT_EQ(reason(test::kNow, "asked"), "current");
  EXPECT_EQ(reason(test::kNow, "other"), "ocsp-replayed");
  EXPECT_EQ(reason(test::kNow, ""), "ocsp-replayed");
  EXPECT_EQ(reason(test::kNow + hours(1) + minutes(4), "asked"), "current") << "clocks differ a little";
  EXPECT_EQ(reason(test::kNow + hours(1) + minutes(6), "asked"), "ocsp-not-current");
  EXPECT_EQ(reason(test::kNow - minutes(4), "asked"), "current");
  EXPECT_EQ(reason(test::kNow - minutes(6), "asked"), "ocsp-not-current");
  const auto without = parse_ocsp_answer(answer(delegated.responder(), CertificateStatus::good), *ca.issuing, leaf.serial());
  EXPECT_EQ(without->is_current(test::kNow, "asked").error().reason, "ocsp-replayed");
}

TEST_F(OcspAnswers, NoByteCanBeChanged) {
  const std::string good = answer(delegated.responder(), CertificateStatus::good, "nonce");
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bent = good;
    bent[i] = static_cast<char>(bent[i] ^ 1);
    // The last octets are the responder's certificate, whose own signature is looked at too.
    EXPECT_FALSE(parse_ocsp_answer(bent, *ca.issuing, leaf.serial()).has_value()) << i;
    EXPECT_FALSE(parse_ocsp_answer(std::string_view(good).substr(0, i), *ca.issuing, leaf.serial()).has_value());
  }
  EXPECT_EQ(parse_ocsp_answer(good + "\0"s, *ca.issuing, leaf.serial()).error().reason, "ocsp-malformed");
}

TEST(OcspErrors, OpensslReadsThem) {
  for (const auto status :
       {OcspError::malformed_request, OcspError::internal_error, OcspError::try_later, OcspError::sig_required, OcspError::unauthorized}) {
    const auto response = test::decode_whole<ResponseOwned>(ocsp_error(status), d2i_OCSP_RESPONSE);
    ASSERT_TRUE(response);
    EXPECT_EQ(OCSP_response_status(response.get()), static_cast<int>(status));
    const Hierarchy ca;
    const auto answer = parse_ocsp_answer(ocsp_error(status), *ca.issuing, SerialNumber::from_hex("01").value());
    EXPECT_EQ(answer.error().reason, "ocsp-refused");
  }
}

}  // namespace
}  // namespace quicklime::pki
