#pragma once
// The only way the CA signs anything: certificates, CRLs, OCSP answers.

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "crypto/key.hpp"

namespace quicklime::crypto {

// A second implementation is the tests' counting fake; PKCS#11 comes as a third.
class Signer {
 public:
  virtual ~Signer() = default;
  virtual SignatureAlgorithm algorithm() const = 0;
  virtual const PublicKey& public_key() const = 0;
  // Signs the message, which most algorithms hash first. Any thread. May take milliseconds (RSA, tokens):
  // slow() says whether an I/O thread must hand it to a pool of threads.
  virtual Result<std::string> sign(std::string_view message) const = 0;
  virtual bool slow() const = 0;
};

class KeySigner final : public Signer {
 public:
  explicit KeySigner(PrivateKey key) : key_(std::move(key)) {}
  SignatureAlgorithm algorithm() const override { return key_.signature_algorithm(); }
  const PublicKey& public_key() const override { return key_.public_key(); }
  Result<std::string> sign(std::string_view message) const override { return key_.sign(message); }
  bool slow() const override { return row(key_.kind()).slow; }

 private:
  PrivateKey key_;
};

}  // namespace quicklime::crypto
