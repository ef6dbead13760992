#include "pki/chain.hpp"

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <memory>

#include "base/work.hpp"
#include "crypto/openssl.hpp"

namespace quicklime::pki {
namespace {
using X509Pointer = std::unique_ptr<X509, crypto::Deleter<X509_free>>;
using CrlPointer = std::unique_ptr<X509_CRL, crypto::Deleter<X509_CRL_free>>;
using Store = std::unique_ptr<X509_STORE, crypto::Deleter<X509_STORE_free>>;
using StoreContext = std::unique_ptr<X509_STORE_CTX, crypto::Deleter<X509_STORE_CTX_free>>;

struct FreeStack {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_pop_free(stack, X509_free); }
};
using Stack = std::unique_ptr<STACK_OF(X509), FreeStack>;

X509Pointer load(const Certificate& certificate) {
  const auto* at = reinterpret_cast<const unsigned char*>(certificate.der().data());
  return X509Pointer(d2i_X509(nullptr, &at, static_cast<long>(certificate.der().size())));
}

CrlPointer load(const Crl& crl) {
  const auto* at = reinterpret_cast<const unsigned char*>(crl.der().data());
  return CrlPointer(d2i_X509_CRL(nullptr, &at, static_cast<long>(crl.der().size())));
}

const char* reason_of(int error) {
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED: return "certificate-expired";
    case X509_V_ERR_CERT_NOT_YET_VALID: return "certificate-not-yet-valid";
    case X509_V_ERR_CERT_REVOKED: return "certificate-revoked";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN: return "certificate-foreign";
    default: return "chain-wrong";
  }
}

Failure failure_of(X509_STORE_CTX* context, const Certificate& leaf, const std::vector<Certificate>& all) {
  const int error = X509_STORE_CTX_get_error(context);
  std::string subject = leaf.subject().text();
  if (X509* at = X509_STORE_CTX_get_current_cert(context); at != nullptr) {
    for (const Certificate& certificate : all) {
      const X509Pointer loaded = load(certificate);
      if (loaded && X509_cmp(loaded.get(), at) == 0) subject = certificate.subject().text();
    }
  }
  crypto::drain_errors();
  return fail(ErrorCode::verification_failed, reason_of(error), subject + ": " + X509_verify_cert_error_string(error), "certificate");
}
}  // namespace

Result<void> verify_chain(const Certificate& leaf, const std::vector<Certificate>& intermediates, const std::vector<Certificate>& roots,
                          Instant at, const std::vector<Crl>& crls) {
  crypto::drain_errors();
  const Store store(X509_STORE_new());
  const StoreContext context(X509_STORE_CTX_new());
  const Stack untrusted(sk_X509_new_null());
  const X509Pointer target = load(leaf);
  crypto::require(store && context && untrusted, "no certificate store");

  bool loaded = target != nullptr;
  for (const Certificate& root : roots) {
    const X509Pointer x509 = load(root);
    loaded = loaded && x509 && X509_STORE_add_cert(store.get(), x509.get()) == 1;
  }
  for (const Certificate& intermediate : intermediates) {
    X509Pointer x509 = load(intermediate);
    loaded = loaded && x509 && sk_X509_push(untrusted.get(), x509.get()) > 0;
    if (loaded) (void)x509.release();  // the stack owns it
  }
  for (const Crl& crl : crls) {
    const CrlPointer x509 = load(crl);
    loaded = loaded && x509 && X509_STORE_add_crl(store.get(), x509.get()) == 1;
  }
  if (!loaded || X509_STORE_CTX_init(context.get(), store.get(), target.get(), untrusted.get()) != 1) {
    return fail(ErrorCode::verification_failed, "chain-wrong", "OpenSSL cannot read the chain: " + crypto::drain_errors(), "certificate");
  }
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(parameters, static_cast<time_t>(at.seconds()));
  unsigned long flags = X509_V_FLAG_X509_STRICT;
  if (!crls.empty()) flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
  X509_VERIFY_PARAM_set_flags(parameters, flags);
  work::count(work::Kind::signature_checked);
  if (X509_verify_cert(context.get()) == 1) return {};
  std::vector<Certificate> all = intermediates;
  all.insert(all.end(), roots.begin(), roots.end());
  return failure_of(context.get(), leaf, all);
}

}  // namespace quicklime::pki
