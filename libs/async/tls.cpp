// The one place that speaks TLS: OpenSSL's SSL on a non-blocking socket. Not asio::ssl, whose two BIO
// buffers keep some 70 KB for every idle connection; this way it is what OpenSSL itself needs (16 KB).
#include "async/tls.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "async/address.hpp"
#include "async/socket.hpp"
#include "crypto/openssl.hpp"

namespace quicklime::async {
namespace {

using crypto::Deleter;
using crypto::drain_errors;
using ContextPointer = std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>>;
using CertificatePointer = std::unique_ptr<X509, Deleter<X509_free>>;
using BioPointer = std::unique_ptr<BIO, Deleter<BIO_free_all>>;

// A socket BIO whose writes raise no SIGPIPE, which OpenSSL's own do.
int bio_write(BIO* bio, const char* bytes, int count) {
  BIO_clear_retry_flags(bio);
  const ssize_t sent =
      ::send(static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))), bytes, static_cast<std::size_t>(count), MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int bio_read(BIO* bio, char* into, int count) {
  BIO_clear_retry_flags(bio);
  const ssize_t got =
      ::recv(static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))), into, static_cast<std::size_t>(count), 0);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) BIO_set_retry_read(bio);
  return static_cast<int>(got);
}

long bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

BIO* new_bio(int descriptor) {
  static const std::unique_ptr<BIO_METHOD, Deleter<BIO_meth_free>> method = [] {
    std::unique_ptr<BIO_METHOD, Deleter<BIO_meth_free>> made(
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without SIGPIPE"));
    crypto::require(made != nullptr, "BIO_meth_new");
    BIO_meth_set_write(made.get(), bio_write);
    BIO_meth_set_read(made.get(), bio_read);
    BIO_meth_set_ctrl(made.get(), bio_control);
    return made;
  }();
  BIO* bio = BIO_new(method.get());
  crypto::require(bio != nullptr, "BIO_new");
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(descriptor)));
  BIO_set_init(bio, 1);
  return bio;
}

ContextPointer new_context(const SSL_METHOD* method) {
  ContextPointer context(SSL_CTX_new(method));
  crypto::require(context != nullptr, "SSL_CTX_new");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context.get(), 1);  // a record in one recv, not two
  return context;
}

Result<std::vector<CertificatePointer>> parse_certificates(const std::string& pem) {
  const BioPointer bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  crypto::require(bio != nullptr, "BIO_new_mem_buf");
  std::vector<CertificatePointer> certificates;
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) certificates.emplace_back(certificate);
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  const std::string cause = drain_errors();
  if (!at_end || certificates.empty()) {
    return fail(ErrorCode::invalid, "tls-certificate-invalid", "not certificates in PEM" + (cause.empty() ? "" : ": " + cause));
  }
  return certificates;
}

Result<void> use(SSL_CTX* context, const std::string& chain_pem, const crypto::PrivateKey& key) {
  auto chain = parse_certificates(chain_pem);
  if (!chain) return forward(chain);
  if (SSL_CTX_use_certificate(context, chain->front().get()) != 1) {
    return fail(ErrorCode::invalid, "tls-certificate-invalid", "the certificate cannot serve TLS: " + drain_errors());
  }
  for (std::size_t i = 1; i < chain->size(); ++i)
    crypto::require(SSL_CTX_add1_chain_cert(context, (*chain)[i].get()) == 1, "SSL_CTX_add1_chain_cert");
  if (SSL_CTX_use_PrivateKey(context, key.handle().key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return fail(ErrorCode::invalid, "tls-key-mismatch", "the key does not belong to the first certificate of the chain: " + drain_errors());
  }
  return {};
}

// Client certificates: CertificateVerify has proved possession of the key; expiry, issuer and
// revocation are judged per request, with better answers than a TLS alert.
int accept_any_certificate(X509_STORE_CTX* store, void*) {
  X509_STORE_CTX_set_error(store, X509_V_OK);
  return 1;
}

class TlsStream final : public SocketStream {
 public:
  enum class Side : std::uint8_t { server, client };

  TlsStream(Loop::Implementation& loop, Descriptor socket, Peer peer, SSL_CTX* context, Side side)
      : SocketStream(loop, std::move(socket), std::move(peer)), ssl_(SSL_new(context)), side_(side) {
    crypto::require(ssl_ != nullptr, "SSL_new");
    BIO* bio = new_bio(descriptor());
    SSL_set_bio(ssl_.get(), bio, bio);
    side == Side::server ? SSL_set_accept_state(ssl_.get()) : SSL_set_connect_state(ssl_.get());
  }

  // RFC 6066 section 3: SNI holds DNS names only. The certificate must name what was asked for.
  void expect_server(const std::string& host) {
    SSL_set_verify(ssl_.get(), SSL_VERIFY_PEER, nullptr);
    if (numeric_addresses(host, 0, false)) {
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), host.c_str());
    } else {
      SSL_set_tlsext_host_name(ssl_.get(), host.c_str());
      SSL_set_hostflags(ssl_.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
      crypto::require(SSL_set1_host(ssl_.get(), host.c_str()) == 1, "SSL_set1_host");
    }
  }

  Task<Result<void>> handshake() override;
  Task<Result<std::size_t>> read_some(std::span<char> into) override;
  Task<Result<void>> write_all(std::string_view bytes) override;
  Task<void> shutdown() override;
  bool usable() override;

 private:
  Task<Result<void>> after(int outcome);
  std::string handshake_failure() const;

  std::unique_ptr<SSL, Deleter<SSL_free>> ssl_;
  Side side_;
  bool handshaken_ = false;
  bool broken_ = false;  // SSL_shutdown is not allowed any more
  unsigned without_waiting_ = 0;
};

// What to do after a call that did not succeed: wait for the socket, or fail.
Task<Result<void>> TlsStream::after(int outcome) {
  const int number = errno;
  switch (SSL_get_error(ssl_.get(), outcome)) {
    case SSL_ERROR_WANT_READ: co_return co_await ready(asio::socket_base::wait_read);
    case SSL_ERROR_WANT_WRITE: co_return co_await ready(asio::socket_base::wait_write);
    case SSL_ERROR_ZERO_RETURN: co_return stream_closed();
    case SSL_ERROR_SYSCALL:
      broken_ = true;
      drain_errors();
      if (number == 0)
        co_return fail(ErrorCode::unavailable, "stream-error", "the connection was cut: it ended without a TLS close_notify");
      co_return failure(boost::system::error_code(number, boost::system::system_category()));
    default:
      broken_ = true;
      const std::string cause = handshaken_ ? drain_errors() : handshake_failure();
      co_return fail(ErrorCode::unavailable, "stream-error", cause);
  }
}

std::string TlsStream::handshake_failure() const {
  const long verified = SSL_get_verify_result(ssl_.get());
  const std::string cause = drain_errors();
  if (side_ == Side::client && verified != X509_V_OK) {
    return std::string("the server's certificate is not accepted: ") + X509_verify_cert_error_string(verified);
  }
  return "the TLS handshake failed: " + cause;
}

Task<Result<void>> TlsStream::handshake() {
  while (!handshaken_) {
    if (expired()) co_return stream_deadline();
    ERR_clear_error();
    errno = 0;
    const int outcome = SSL_do_handshake(ssl_.get());
    if (outcome == 1) {
      handshaken_ = true;
      if (side_ == Side::server) {
        if (X509* certificate = SSL_get0_peer_certificate(ssl_.get())) {
          unsigned char* der = nullptr;
          const int size = i2d_X509(certificate, &der);
          if (size > 0) peer_.certificate.emplace(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
          OPENSSL_free(der);
        }
      }
    } else if (auto waited = co_await after(outcome); !waited) {
      co_return forward(waited);
    }
  }
  co_return Result<void>();
}

Task<Result<std::size_t>> TlsStream::read_some(std::span<char> into) {
  if (auto done = co_await handshake(); !done) co_return forward(done);
  for (;;) {
    if (expired()) co_return stream_deadline();
    ERR_clear_error();
    errno = 0;
    std::size_t count = 0;
    const int outcome = SSL_read_ex(ssl_.get(), into.data(), into.size(), &count);
    if (outcome == 1) {
      // Other connections have their turn even when this one always has something to read.
      if (++without_waiting_ % 64 == 0) co_await yield();
      co_return count;
    }
    if (auto waited = co_await after(outcome); !waited) co_return forward(waited);
  }
}

Task<Result<void>> TlsStream::write_all(std::string_view bytes) {
  if (auto done = co_await handshake(); !done) co_return forward(done);
  while (!bytes.empty()) {
    if (expired()) co_return stream_deadline();
    ERR_clear_error();
    errno = 0;
    std::size_t count = 0;
    const int outcome = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count);
    if (outcome == 1) {
      bytes.remove_prefix(count);
    } else if (auto waited = co_await after(outcome); !waited) {
      co_return forward(waited);
    }
  }
  co_return Result<void>();
}

// One close_notify, if the socket takes it at once: nobody waits for a peer's goodbye.
Task<void> TlsStream::shutdown() {
  if (handshaken_ && !broken_) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    drain_errors();
  }
  send_fin();
  co_return;
}

// Peeking also swallows session tickets (RFC 8446 section 4.6.1), which come unasked.
bool TlsStream::usable() {
  if (broken_) return false;
  ERR_clear_error();
  char octet = 0;
  std::size_t count = 0;
  const int outcome = SSL_peek_ex(ssl_.get(), &octet, 1, &count);
  const bool nothing_yet = outcome != 1 && SSL_get_error(ssl_.get(), outcome) == SSL_ERROR_WANT_READ;
  drain_errors();
  return nothing_yet;
}

}  // namespace

struct TlsServer::Implementation {
  ClientCertificate client = ClientCertificate::asked_for;
  std::mutex mutex;
  ContextPointer context;
};

struct TlsClient::Implementation {
  ContextPointer context;
};

TlsServer::TlsServer() : implementation_(std::make_unique<Implementation>()) {}
TlsServer::~TlsServer() = default;

Result<std::shared_ptr<TlsServer>> TlsServer::make(const std::string& chain_pem, const crypto::PrivateKey& key, ClientCertificate client) {
  std::shared_ptr<TlsServer> server(new TlsServer);
  server->implementation_->client = client;
  if (auto used = server->replace(chain_pem, key); !used) return forward(used);
  return server;
}

Result<void> TlsServer::replace(const std::string& chain_pem, const crypto::PrivateKey& key) {
  ContextPointer context = new_context(TLS_server_method());
  if (auto used = use(context.get(), chain_pem, key); !used) return forward(used);
  const bool required = implementation_->client == ClientCertificate::required;
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr);
  SSL_CTX_set_cert_verify_callback(context.get(), accept_any_certificate, nullptr);
  // Resumption by tickets only; their keys go with this context, so no ticket outlives its certificate.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  constexpr std::string_view name = "quicklime";
  SSL_CTX_set_session_id_context(context.get(), reinterpret_cast<const unsigned char*>(name.data()), name.size());
  const std::lock_guard lock(implementation_->mutex);
  implementation_->context.swap(context);
  return {};
}

TlsClient::TlsClient() : implementation_(std::make_unique<Implementation>()) {}
TlsClient::~TlsClient() = default;

Result<std::shared_ptr<TlsClient>> TlsClient::make(const std::string& roots_pem) {
  std::shared_ptr<TlsClient> client(new TlsClient);
  ContextPointer context = new_context(TLS_client_method());
  if (roots_pem.empty()) {
    crypto::require(SSL_CTX_set_default_verify_paths(context.get()) == 1, "SSL_CTX_set_default_verify_paths");
  } else {
    auto roots = parse_certificates(roots_pem);
    if (!roots) return forward(roots);
    for (const auto& root : *roots) X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), root.get());
    drain_errors();
  }
  client->implementation_->context = std::move(context);
  return client;
}

Result<void> TlsClient::present(const std::string& chain_pem, const crypto::PrivateKey& key) {
  return use(implementation_->context.get(), chain_pem, key);
}

std::unique_ptr<Stream> accept_tls(Loop::Implementation& loop, Descriptor descriptor, Peer peer, TlsServer& tls) {
  peer.transport = Peer::Transport::tls;
  TlsServer::Implementation& server = tls.implementation();
  const std::lock_guard lock(server.mutex);
  return std::make_unique<TlsStream>(loop, std::move(descriptor), std::move(peer), server.context.get(), TlsStream::Side::server);
}

std::unique_ptr<SocketStream> connect_tls_over(Loop::Implementation& loop, Descriptor descriptor, Peer peer, const TlsClient& tls,
                                               const std::string& host) {
  auto stream = std::make_unique<TlsStream>(loop, std::move(descriptor), std::move(peer), tls.implementation().context.get(),
                                            TlsStream::Side::client);
  stream->expect_server(host);
  return stream;
}

}  // namespace quicklime::async
