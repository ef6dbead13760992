#include "crypto/random.hpp"
#include "identity/auth_key.hpp"
#include "identity/sign_in.hpp"

// What the other roles of this process ask, as a call.
namespace quicklime::identity {
namespace {

class OwnExchange final : public access::Exchange {
 public:
  OwnExchange(std::shared_ptr<SignIn> sign_in, const Clock& clock) : sign_in_(std::move(sign_in)), clock_(clock) {}

  async::Task<std::optional<Result<access::Exchanged>>> exchange(const access::Credentials& credentials) override {
    SignIn::Request request{.cause = {RequestId(crypto::uuid_v7(clock_.now()))}, .address = credentials.address};
    if (credentials.password && sign_in_->settings().basic) {
      co_return exchanged(co_await sign_in_->by_password(credentials.password->user,
                                                         Secret::copy_of(credentials.password->password.reveal()), std::move(request)));
    }
    if (credentials.bearer)
      co_return exchanged(co_await sign_in_->by_assertion(std::string(credentials.bearer->reveal()), std::move(request)));
    if (credentials.client_certificate && sign_in_->settings().client_certificates) {
      auto signed_in =
          exchanged(co_await sign_in_->by_certificate(*credentials.client_certificate, credentials.voucher, std::move(request)));
      if (access::is_nobody(signed_in)) co_return std::nullopt;
      co_return signed_in;
    }
    co_return std::nullopt;
  }

  async::Task<Result<bool>> is_by_auth_key(const access::SignedRequest& request) override {
    co_return identity::is_by_auth_key(sign_in_->access_key(), request);
  }

 private:
  static Result<access::Exchanged> exchanged(Result<SignedIn> signed_in) {
    if (!signed_in) return forward(signed_in);
    return access::Exchanged{std::move(signed_in->text), signed_in->position};
  }

  std::shared_ptr<SignIn> sign_in_;
  const Clock& clock_;
};

}  // namespace

std::shared_ptr<access::Exchange> exchange_of(std::shared_ptr<SignIn> sign_in, const Clock& clock) {
  return std::make_shared<OwnExchange>(std::move(sign_in), clock);
}

}  // namespace quicklime::identity
