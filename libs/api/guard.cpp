#include "api/guard.hpp"

#include <algorithm>
#include <atomic>

#include "api/requests.hpp"
#include "base/printable.hpp"

namespace quicklime::api {

struct Guard::State {
  const ServiceContext& context;
  const Guard::Parts parts;
  std::atomic<unsigned> waiting_strangers{0};
};

namespace {

constexpr std::string_view kOnBehalfOf = "Quicklime-On-Behalf-Of";
constexpr std::size_t kLongestOnBehalfOf = 256;

Failure not_for_others(const std::string& who) {
  return fail(ErrorCode::denied, "on-behalf-of-denied",
              who +
                  " may not say for whom he asks: only a token of a requester or an administrator may, where it is asked for; send the "
                  "request without Quicklime-On-Behalf-Of",
              std::string(kOnBehalfOf));
}

}  // namespace

access::Credentials Call::credentials() const {
  auto shown = credentials_of(request, context_.vouching);
  shown.address = address;
  return shown;
}

async::Task<Result<void>> Call::identify(std::vector<access::Role> any_of) {
  const access::Credentials shown = credentials();
  auto recognised = co_await context_.access.recognise(shown);
  somebody_ = std::move(recognised.somebody);
  if (!recognised.identity) co_return forward(recognised.identity);
  who_ = *std::move(recognised.identity);
  somebody_ = who_->actor;
  if (auto allowed = access::require(*who_, any_of); !allowed) co_return allowed;
  co_return accept();
}

Result<void> Call::proved_to_be(access::Identity who) {
  who_ = std::move(who);
  somebody_ = who_->actor;
  return accept();
}

Result<void> Call::accept() {
  if (auto read = read_on_behalf_of(); !read) return read;
  if (limit_ == nullptr || counted_) return {};
  counted_ = true;
  return limit_->admit(who_->actor, on_behalf_of_);
}

Result<void> Call::read_on_behalf_of() {
  const auto text = request.headers.get(kOnBehalfOf);
  if (!text) return {};
  if (!access::speaks_for_others(*who_)) return not_for_others(who_->name);
  if (text->empty() || text->size() > kLongestOnBehalfOf || !is_printable(*text) || shows_a_secret(*text)) {
    return fail(ErrorCode::invalid, "on-behalf-of-malformed",
                "Quicklime-On-Behalf-Of is 1 to 256 bytes of printable text, and no token or secret", std::string(kOnBehalfOf));
  }
  on_behalf_of_ = std::string(*text);
  return {};
}

namespace {

// Asked of the view only where there is something to wait for.
bool may_say_who(const http::Request& request) {
  return request.headers.get("Quicklime-Min-Position") &&
         (request.peer.transport == async::Peer::Transport::unix_socket || request.headers.get("Authorization"));
}

Failure key_refused(const Route& route) {
  return fail(ErrorCode::invalid, "idempotency-key-refused",
              std::string(http::name(route.method)) + " " + route.path +
                  " would be done again under the same Idempotency-Key: send it without, and look at what is there before you repeat it",
              "Idempotency-Key");
}

struct Guarded {
  std::shared_ptr<Guard::State> state;
  Route route;
};

// Leaves when the wait is over.
class OneMore {
 public:
  explicit OneMore(std::atomic<unsigned>& count) : count_(count), fits_(count.fetch_add(1) < kWaitingStrangers) {}
  ~OneMore() { count_.fetch_sub(1); }
  OneMore(const OneMore&) = delete;
  OneMore& operator=(const OneMore&) = delete;
  bool fits() const { return fits_; }

 private:
  std::atomic<unsigned>& count_;
  const bool fits_;
};

async::Task<Result<void>> reach_position(Guard::State& state, Call& call) {
  if (call.at_least || !call.request.headers.get("Quicklime-Min-Position")) co_return Result<void>();
  std::optional<OneMore> stranger;
  if (!call.is_known()) stranger.emplace(state.waiting_strangers);
  // Whoever may not wait is told whether the view is there already.
  const bool waits = !stranger || stranger->fits();
  auto reached = co_await at_least_min_position(state.context, call.request, waits ? kPositionWait : Milliseconds(0));
  if (!reached) co_return forward(reached);
  call.at_least = *reached;
  co_return Result<void>();
}

// Somebody whose token is newer than the view says at which position it is.
async::Task<Result<void>> identify(Guard::State& state, const Route& route, Call& call) {
  if (route.access.kind != Access::Kind::identified) co_return Result<void>();
  auto known = co_await call.identify(route.access.roles);
  if (known || known.error().code != ErrorCode::unauthenticated || !call.request.headers.get("Quicklime-Min-Position")) co_return known;
  if (call.credentials().password) co_return known;  // which no position makes right: it is tried once
  if (auto reached = co_await reach_position(state, call); !reached) co_return forward(reached);
  co_return co_await call.identify(route.access.roles);
}

async::Task<Answer> pass(Guard::State& state, const Guarded& guarded, Call& call) {
  if (guarded.route.access.kind == Access::Kind::anyone && call.request.headers.get(kOnBehalfOf)) {
    co_return fail(ErrorCode::denied, "on-behalf-of-denied",
                   "here nobody is asked who he is, and so not for whom: send the request without Quicklime-On-Behalf-Of",
                   std::string(kOnBehalfOf));
  }
  if (auto known = co_await identify(state, guarded.route, call); !known) co_return forward(known);
  if (guarded.route.repeated == Repeated::happens_again && call.request.headers.get("Idempotency-Key")) {
    co_return key_refused(guarded.route);
  }
  if (guarded.route.access.kind == Access::Kind::proof && may_say_who(call.request)) {
    std::vector<access::Role> any;
    (void)co_await call.identify(std::move(any));  // whoever is known need not wait as a stranger
  }
  if (auto reached = co_await reach_position(state, call); !reached) co_return forward(reached);
  if (call.at_least && guarded.route.access.kind == Access::Kind::identified) {
    // Once more, by the view at that position: what had ended by then has ended here.
    if (auto still = co_await call.identify(guarded.route.access.roles); !still) co_return forward(still);
  }
  if (!state.parts.admission || !may_write(guarded.route.method)) co_return co_await guarded.route.handler(call);
  const auto permit = co_await state.parts.admission->admit();
  if (!permit) co_return forward(permit);
  co_return co_await guarded.route.handler(call);
}

std::string address_of(const Guard::State& state, const http::Request& request) {
  if (request.peer.transport == async::Peer::Transport::unix_socket) return {};
  if (state.parts.behind_gateway && request.peer.transport == async::Peer::Transport::tls) {
    // The last is the gateway's own word; what stands before may be the client's.
    if (const auto clients = request.headers.get("X-Forwarded-For")) {
      std::string_view client = clients->substr(clients->rfind(',') + 1);
      client.remove_prefix(std::min(client.find_first_not_of(' '), client.size()));
      return std::string(client);
    }
  }
  return request.peer.address;
}

Answer stream(Guard::State& state, const Route& route, const http::Request& request, http::Response response) {
  StreamLimit::Asker asker;
  if (route.access.kind == Access::Kind::identified)
    asker = {&state.context.access, credentials_of(request, state.context.vouching), route.access.roles};
  auto admitted = state.parts.streams->admit(address_of(state, request), std::move(asker), std::move(response.stream));
  if (!admitted) return forward(admitted);
  response.stream = *std::move(admitted);
  return response;
}

async::Task<Answer> answer(std::shared_ptr<const Guarded> guarded, const http::Request& request) {
  if (guarded->state->parts.ready && guarded->route.needs_view) {
    if (auto ready = guarded->state->parts.ready(); !ready) co_return forward(ready);
  }
  const ServiceContext& context = guarded->state->context;
  FailureLimit* const failures = guarded->route.access.kind == Access::Kind::anyone ? nullptr : guarded->state->parts.failures;
  const std::string address = address_of(*guarded->state, request);
  if (failures != nullptr && failures->stops(address)) {
    co_return fail(Error{ErrorCode::too_many, "authentication-limited",
                         "too many requests of " + address + " failed to say who asks; nothing was looked at, ask again in a second", "",
                         1});
  }
  Call call(context, request, guarded->state->parts.identities);
  call.address = address;
  auto answered = co_await pass(*guarded->state, *guarded, call);
  if (!answered && call.somebody() && is_recorded(answered.error(), request.method)) {
    events::Actor somebody = *call.somebody();
    auto refusal = refusal_of(request, answered.error());
    co_await context.denials.record(std::move(somebody), call.cause(), std::move(refusal));
  }
  if (failures != nullptr && !answered && answered.error().code == ErrorCode::unauthenticated) failures->note_failure(address);
  if (answered && answered->stream && guarded->state->parts.streams != nullptr)
    co_return stream(*guarded->state, guarded->route, request, *std::move(answered));
  co_return answered;
}

}  // namespace

Guard::Guard(const ServiceContext& context, Parts parts) : state_(new State{.context = context, .parts = std::move(parts)}) {}

std::vector<http::Route> Guard::before(const std::vector<Route>& routes) const {
  std::vector<http::Route> guarded;
  for (const Route& route : routes) {
    const auto shared = std::make_shared<const Guarded>(Guarded{state_, route});
    guarded.push_back({route.method, route.path, [shared](const http::Request& request) { return answer(shared, request); }});
  }
  return guarded;
}

}  // namespace quicklime::api
