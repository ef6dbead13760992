#pragma once
// TLS 1.2 and 1.3 settings for streams.

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "crypto/key.hpp"

namespace quicklime::async {

// Between daemons a client without a certificate is refused in the handshake; elsewhere it is only asked for one.
enum class ClientCertificate : std::uint8_t { asked_for, required };

// A server's certificate, replaceable while it serves: handshakes under way keep the old one.
// Any client certificate is let through the handshake, because expiry, issuer and revocation are judged per request
// (architecture section 7), only possession of the key is proved here.
class TlsServer {
 public:
  // chain: PEM, leaf first. Fails when key and leaf do not belong together.
  static Result<std::shared_ptr<TlsServer>> make(const std::string& chain_pem, const crypto::PrivateKey& key,
                                                 ClientCertificate client = ClientCertificate::asked_for);
  Result<void> replace(const std::string& chain_pem, const crypto::PrivateKey& key);  // any thread
  ~TlsServer();

  struct Implementation;
  Implementation& implementation() { return *implementation_; }

 private:
  TlsServer();
  std::unique_ptr<Implementation> implementation_;
};

// Whom a client trusts and who it is. The server's name is checked against the host it connects to.
class TlsClient {
 public:
  // roots: PEM; empty means the system's trust store.
  static Result<std::shared_ptr<TlsClient>> make(const std::string& roots_pem);
  Result<void> present(const std::string& chain_pem, const crypto::PrivateKey& key);
  ~TlsClient();

  struct Implementation;
  Implementation& implementation() const { return *implementation_; }

 private:
  TlsClient();
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace quicklime::async
