#include "ca/key_proof.hpp"

#include <gtest/gtest.h>

namespace quicklime::ca {
namespace {

const SerialNumber kSerial = SerialNumber::from_hex("0a0b").value();
// Of nothing, by sha256sum.
const std::string kEmptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

TEST(ProofTexts, AreLinesThatAShellCanWrite) {
  EXPECT_EQ(renewal_proof_text(kSerial, "challenge", ""), "quicklime-renew-v1\n0a0b\nchallenge\n" + kEmptySha256 + "\n");
  EXPECT_EQ(renewal_proof_text(kSerial, "challenge", "", std::chrono::hours(1)),
            "quicklime-renew-v2\n0a0b\nchallenge\n" + kEmptySha256 + "\n3600\n");
  EXPECT_EQ(revocation_proof_text(kSerial, pki::RevocationReason::key_compromise), "quicklime-revoke-v1\n0a0b\nkeyCompromise\n");
}

}  // namespace
}  // namespace quicklime::ca
