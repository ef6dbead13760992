#include "identity/provider_keys.hpp"

#include <mutex>

#include "async/completion.hpp"
#include "base/file.hpp"
#include "http/client.hpp"

namespace quicklime::identity {
namespace {

using Arrived = async::Completion<Result<void>>;

constexpr Milliseconds kProviderTimeout = std::chrono::seconds(5);  // of one request to the provider
constexpr Milliseconds kFetchPatience = std::chrono::seconds(15);   // for a fetch, which is two of them
constexpr Milliseconds kKeysOld = std::chrono::minutes(15);
constexpr Milliseconds kBetweenFetches = std::chrono::seconds(30);
constexpr Milliseconds kAfterFailedFetch = std::chrono::seconds(1);
constexpr std::size_t kLongestProviderAnswer = 1024 * 1024;

// A clock that was set back does not stop anything for long.
bool is_over(Instant since, Milliseconds duration, Instant now) { return now < since || now - since >= duration; }

Failure provider_unreachable(const std::string& detail) {
  return fail(Error{ErrorCode::unavailable, "provider-unreachable", detail, {}, 5});
}

}  // namespace

struct ProviderKeys::Known {
  Instant since;
  std::vector<crypto::JwsKey> keys;
  std::optional<ProviderMetadata> metadata{};
};

struct ProviderKeys::State {
  std::mutex mutex;
  std::shared_ptr<const Known> known;
  std::optional<Arrived> under_way;
  std::optional<Instant> asked_for_newer;  // last, because a token named a key that is not known
  std::optional<Error> failure;            // of the last fetch, at failed_at
  Instant failed_at = Instant::from_milliseconds(0);

  void arrived(const Result<std::shared_ptr<const Known>>& fetched, Instant now) {
    std::optional<Arrived> waited_for;
    {
      const std::lock_guard lock(mutex);
      failure.reset();
      if (fetched) {
        known = *fetched;
      } else {
        failed_at = now;
        failure = fetched.error();
      }
      waited_for.swap(under_way);
    }
    if (waited_for) waited_for->complete(fetched ? Result<void>() : Result<void>(forward(fetched)));
  }
};

// Ends a fetch even if the coroutine that made it is destroyed with its loop: others wait for it on other loops.
struct ProviderKeys::Flight {
  std::shared_ptr<State> state;
  const Clock& clock;
  bool over = false;

  Flight(std::shared_ptr<State> state, const Clock& clock) : state(std::move(state)), clock(clock) {}
  Flight(const Flight&) = delete;
  Flight& operator=(const Flight&) = delete;
  ~Flight() {
    if (!over) state->arrived(provider_unreachable("this process is about to end"), clock.now());
  }
};

ProviderKeys::ProviderKeys(const ProviderSettings& settings, const Clock& clock)
    : settings_(settings), clock_(clock), state_(std::make_shared<State>()) {}
ProviderKeys::~ProviderKeys() = default;

std::shared_ptr<const ProviderKeys::Known> ProviderKeys::known() const {
  const std::lock_guard lock(state_->mutex);
  return state_->known;
}

async::Task<Result<void>> ProviderKeys::fetch_for(Why why, std::shared_ptr<const Known> seen) {
  std::optional<Arrived> others;
  std::optional<Flight> own;
  {
    const Instant now = clock_.now();
    const std::lock_guard lock(state_->mutex);
    State& state = *state_;
    const bool is_soon = state.asked_for_newer && !is_over(*state.asked_for_newer, kBetweenFetches, now);
    if (state.known != seen) co_return Result<void>();  // others have fetched since
    if (state.under_way) {
      if (why == Why::old) co_return Result<void>();
      others = state.under_way;
    } else if (why == Why::none && state.failure && !is_over(state.failed_at, kAfterFailedFetch, now)) {
      co_return fail(*state.failure);
    } else if (why == Why::old && state.failure && !is_over(state.failed_at, kBetweenFetches, now)) {
      co_return Result<void>();
    } else if (why == Why::unknown && is_soon) {
      const auto wait = kBetweenFetches - (now - *state.asked_for_newer);
      Error error = state.failure.value_or(Error{ErrorCode::unauthenticated, "jws-key-unknown", {}});
      error.retry_after_seconds = static_cast<std::uint32_t>((wait.count() + 999) / 1000);
      error.detail += "; newer keys are asked for in " + std::to_string(error.retry_after_seconds) + " s at the earliest";
      co_return fail(std::move(error));
    } else {
      if (why == Why::unknown) state.asked_for_newer = now;
      state.under_way.emplace();
      own.emplace(state_, clock_);
    }
  }
  if (others) {
    const auto arrived = co_await others->wait_for(kFetchPatience);
    if (arrived) co_return *arrived;
    co_return provider_unreachable(settings_.issuer + " does not answer");
  }
  const auto fetched = co_await fetch();
  own->over = true;
  state_->arrived(fetched, clock_.now());
  if (!fetched) co_return forward(fetched);
  co_return Result<void>();
}

async::Task<Result<std::shared_ptr<const ProviderKeys::Known>>> ProviderKeys::fetch() const {
  auto fetched = std::make_shared<Known>(Known{clock_.now(), {}});
  std::string text;
  if (!settings_.keys_file.empty()) {
    auto read = read_file(settings_.keys_file);
    if (!read) co_return provider_unreachable(read.error().detail);
    text = *std::move(read);
  } else {
    std::string base = settings_.issuer;
    if (base.ends_with('/')) base.pop_back();
    const auto said = co_await get(base + "/.well-known/openid-configuration");
    if (!said) co_return forward(said);
    auto metadata = read_provider_metadata(*said, settings_.issuer);
    if (!metadata) co_return forward(metadata);
    auto got = co_await get(metadata->keys_url);
    if (!got) co_return forward(got);
    fetched->metadata = *std::move(metadata);
    text = *std::move(got);
  }
  auto keys = crypto::read_jwks(text);
  if (!keys) co_return fail(ErrorCode::unavailable, "provider-answer", "the keys of " + settings_.issuer + ": " + keys.error().detail);
  fetched->keys = *std::move(keys);
  co_return fetched;
}

async::Task<Result<std::string>> ProviderKeys::get(std::string url) const {
  http::Request request;
  request.headers.set("Accept", "application/json");
  auto response = co_await ask(url, std::move(request));
  if (!response) co_return forward(response);
  if (response->status != 200) {
    co_return fail(ErrorCode::unavailable, "provider-answer", url + " answers with status " + std::to_string(response->status));
  }
  co_return std::move(response->body);
}

async::Task<Result<http::Response>> ProviderKeys::ask(std::string url, http::Request request) const {
  // Once in minutes: what is in the file now is who is trusted now.
  std::string roots;
  if (!settings_.roots.empty()) {
    auto read = read_file(settings_.roots);
    if (!read) co_return provider_unreachable(read.error().detail);
    roots = *std::move(read);
  }
  auto tls = async::TlsClient::make(roots);
  if (!tls) co_return provider_unreachable(settings_.roots + ": " + tls.error().detail);
  const std::size_t path = std::min(url.find_first_of("/?", url.find("://") + 3), url.size());
  auto client = http::Client::make({.url = url.substr(0, path),
                                    .unix_socket = {},
                                    .tls = *std::move(tls),
                                    .timeout = kProviderTimeout,
                                    .body_limit = kLongestProviderAnswer});
  if (!client) co_return provider_unreachable(settings_.issuer + ": " + client.error().detail);
  request.target = url.substr(path);
  if (!request.target.starts_with('/')) request.target.insert(0, "/");
  request.headers.set("Connection", "close");
  auto response = co_await (*client)->send(std::move(request));
  if (!response) co_return provider_unreachable(settings_.issuer + ": " + response.error().detail);
  co_return response;
}

async::Task<Result<std::shared_ptr<const ProviderKeys::Known>>> ProviderKeys::fresh() {
  const auto seen = known();
  if (seen && !is_over(seen->since, kKeysOld, clock_.now())) co_return seen;
  const auto fetched = co_await fetch_for(seen ? Why::old : Why::none, seen);
  if (!fetched && !seen) co_return forward(fetched);
  co_return known();
}

async::Task<Result<std::string>> ProviderKeys::verified(const crypto::Jws& jws) {
  const auto seen = co_await fresh();
  if (!seen) co_return forward(seen);
  auto payload = jws.verified((*seen)->keys);
  if (payload) co_return payload;
  // Without a key id a new key looks like a bad signature.
  if (payload.error().reason != "jws-key-unknown" && jws.header().key_id) co_return payload;
  const auto fetched = co_await fetch_for(Why::unknown, *seen);
  if (fetched) co_return jws.verified(known()->keys);
  if (fetched.error().code != ErrorCode::unauthenticated) co_return forward(fetched);
  Error error = payload.error();
  error.retry_after_seconds = fetched.error().retry_after_seconds;
  error.detail += fetched.error().detail;
  co_return fail(std::move(error));
}

async::Task<Result<ProviderMetadata>> ProviderKeys::metadata() {
  if (!settings_.keys_file.empty()) {
    co_return fail(ErrorCode::invalid, "provider-without-browser",
                   "nobody signs in at " + settings_.issuer + " by a browser: this CA knows its keys from a file and does not ask it");
  }
  const auto seen = co_await fresh();
  if (!seen) co_return forward(seen);
  co_return *(*seen)->metadata;
}

}  // namespace quicklime::identity
