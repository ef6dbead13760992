#include "identity/service.hpp"

#include <mutex>

#include "ca/decisions.hpp"
#include "identity/routes.hpp"
#include "identity/token_list.hpp"

namespace quicklime::identity {
namespace {

// Whose dates this role alone knows in every shape. Any thread.
class BootstrapTokens {
 public:
  std::vector<runtime::Expiry> expiries() const {
    const std::lock_guard lock(mutex_);
    return expiries_;
  }
  static async::Task<void> keep_looking(std::shared_ptr<BootstrapTokens> self, views::View& view) {
    for (;;) {
      if (const auto list = co_await newest_tokens(view)) {
        auto expiries = bootstrap_token_expiries(list->tokens);
        const std::lock_guard lock(self->mutex_);
        self->expiries_ = std::move(expiries);
      }
      co_await async::sleep_for(kLookInterval);
    }
  }

 private:
  static constexpr Milliseconds kLookInterval = std::chrono::minutes(1);
  mutable std::mutex mutex_;
  std::vector<runtime::Expiry> expiries_;
};

async::Task<void> keep_rechecking(std::shared_ptr<SignIn> sign_in) {
  for (;;) {
    co_await async::sleep_for(sign_in->settings().recheck);
    co_await sign_in->recheck();
  }
}

void append(std::vector<api::Route>& routes, std::vector<api::Route> more) {
  routes.insert(routes.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

Result<runtime::Service> make_service(const api::ServiceContext& context, Secret access_key) {
  const auto& settings = context.configuration.of<Settings>();
  auto made = SignIn::make(context, std::move(access_key));
  if (!made) return forward(made);
  const std::shared_ptr<SignIn> sign_in = *std::move(made);
  runtime::Service service;
  const auto watch = std::make_shared<BootstrapTokens>();
  service.background.push_back([watch, &view = context.view] { return BootstrapTokens::keep_looking(watch, view); });
  service.expiries = [watch] { return watch->expiries(); };
  if (!settings.ldap.empty()) service.background.push_back([sign_in] { return keep_rechecking(sign_in); });
  service.exchange = exchange_of(sign_in, context.clock);
  append(service.routes, sign_in_routes(context, sign_in));
  append(service.routes, session_routes(context, sign_in));
  append(service.routes, user_routes(context, sign_in));
  append(service.routes, rule_routes(context));
  append(service.routes, token_routes(context, sign_in));
  service.certificate_status = {[](const AuthorityId&, const SerialNumber& serial) { return ca::certificate_key(serial); },
                                [](std::string_view value) -> Result<ca::Status> {
                                  const auto certificate = ca::decode_certificate_record(value);
                                  if (!certificate) return forward(certificate);
                                  return certificate->status;
                                }};
  return service;
}

}  // namespace quicklime::identity
