#pragma once
// One role in one process, without sockets: the log and the view in memory, the real runner, access and router. A test says
// what has happened (given), asks as somebody (ask), and looks at the answer and at what was written (written).

#include <unistd.h>

#include <atomic>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "access/token.hpp"
#include "base/encoding.hpp"
#include "eventlog/memory_log.hpp"
#include "events/codec.hpp"
#include "http/trace_context.hpp"
#include "runtime/process_settings.hpp"
#include "runtime/site.hpp"
#include "support/event_schema.hpp"
#include "support/log_contents.hpp"
#include "views/memory_store.hpp"

namespace quicklime::test {

using Json = nlohmann::json;

// Stands still until told.
class ManualClock final : public Clock {
 public:
  Instant now() const override { return Instant::from_milliseconds(now_.load()); }
  void advance(Milliseconds by) { now_ += by.count(); }

 private:
  std::atomic<std::int64_t> now_ = Instant::parse("2026-11-21T12:00:00Z")->milliseconds();
};

struct Answer {
  unsigned status;
  http::Headers headers;
  std::string body;
  std::shared_ptr<http::BodyStream> stream{};  // in place of body

  Json json() const { return Json::parse(body); }
  std::string header(std::string_view name) const { return std::string(headers.get(name).value_or("")); }
  // The next piece of a stream; "the end" behind the last, or the slug of what has cut it off.
  std::string next_piece() const {
    auto piece = async::run_to_end(stream->next());
    if (!piece) return piece.error().reason;
    return *piece ? **std::move(piece) : "the end";
  }
  // All pieces to the end, which is put behind them when it is not "the end".
  std::string all_pieces() const {
    std::string all;
    for (;;) {
      auto piece = async::run_to_end(stream->next());
      if (!piece) return all + piece.error().reason;
      if (!*piece) return all;
      all += **piece;
    }
  }
  // The slug of the problem; the whole body where there is none, so that a failed comparison shows it.
  std::string reason() const {
    const Json problem = Json::parse(body, nullptr, false);
    const std::string type = problem.is_object() ? problem.value("type", body) : body;
    return type.substr(type.find('#') + 1);
  }
};

// An event of issuing; its DER is no certificate, which no view looks into.
inline events::CertificateIssued an_issued(const std::string& serial, std::vector<std::string> names = {"DNS:api.internal"}) {
  return {.authority = AuthorityId("issuing-1"),
          .serial = *SerialNumber::from_hex(serial),
          .certificate = "DER of " + serial,
          .profile = "tls-server",
          .profile_sha256 = std::string(64, 'a'),
          .names = std::move(names),
          .not_before = *Instant::parse("2026-11-21T11:59:00Z"),
          .not_after = *Instant::parse("2027-02-19T12:00:00Z"),
          .key_sha256 = hex_encode(crypto::view(crypto::sha256(serial))),
          .service = std::nullopt,
          .node = std::nullopt,
          .renewal_challenge = "challenge-of-" + serial,
          .revocation_key = "12345678",
          .replaces = std::nullopt};
}

class Role {
 public:
  using Make = std::function<runtime::Service(api::ServiceContext)>;

  // beside: another process of the same installation, with a view of its own over the same log.
  explicit Role(views::Projection projection, Role* beside = nullptr)
      : log_(beside ? beside->log_ : eventlog::make_memory_log(kLogId, log_created())),
        store_(views::make_memory_store(projection.spaces, clock_).release()),
        site_({.projection = projection, .make = [this](runtime::Site& site) -> Result<runtime::Service> { return make_(site.context()); }},
              std::unique_ptr<views::ViewStore>(store_), views::View::Notified::by_runner),
        runner_(*log_, {{std::move(projection), store_}}, {.freshness_interval = Milliseconds(20)}, metrics_) {
    site_.surround({directory_, getuid(), authorities_, validating_, writer_, denials_, clocks_, responders_, failures_, identities_,
                    clock_, pools_, metrics_, configuration_, site_.view()});
    runner_.on_applied([this](const views::Applied& applied) { view().applied(applied.meta); });
    runner_.start();
    settle();
  }
  ~Role() {
    runner_.stop();
    site_.end_service();
  }

  // Once, after what `make` needs has been given.
  void serve(const Make& make) {
    make_ = make;
    if (auto made = site_.make_service(); !made) throw std::runtime_error(made.error().detail);
    const auto guarded = site_.guarded();
    router_.add(guarded.routes);
    router_.add(guarded.public_routes);
  }
  const api::ServiceContext& context() const { return site_.context(); }

  // ---- what has happened
  Position given(events::Data data, events::Actor actor = {events::Actor::Kind::control, "tester"}) {
    const Position position = given_unseen(std::move(data), std::move(actor));
    settle();
    return position;
  }
  // In the log; the view has perhaps not heard of it.
  Position given_unseen(events::Data data, events::Actor actor = {events::Actor::Kind::control, "tester"}) {
    eventlog::Draft draft{.actor = std::move(actor), .cause = {RequestId("given")}, .data = std::move(data)};
    auto appended = async::run_to_end(writer_.append(std::move(draft)));
    if (!appended) throw std::runtime_error(appended.error().detail);
    return appended->position;
  }
  // The same, not validated, which takes milliseconds: for thousands of them.
  void given_unchecked(events::Data data) {
    eventlog::Draft draft{
        .actor = {events::Actor::Kind::control, "tester"}, .cause = {.request = RequestId("given")}, .data = std::move(data)};
    if (auto appended = async::run_to_end(unchecked_.append(std::move(draft))); !appended)
      throw std::runtime_error(appended.error().detail);
  }
  // An API token; its text is what `as` takes.
  std::string given_token(access::Role role, std::vector<std::string> names = {"*"}, std::vector<std::string> profiles = {"tls-server"}) {
    auto made = access::make_token();
    given(events::TokenCreated{.token = made.id,
                               .name = "test",
                               .secret_sha256 = made.secret_sha256,
                               .role = std::string(access::name(role)),
                               .profiles = std::move(profiles),
                               .names = std::move(names),
                               .not_after = clock_.now() + std::chrono::hours(24)});
    return std::string(made.text.reveal());
  }
  static TokenId id_of(const std::string& token) { return access::parse_token(token)->id; }

  // Until the view has applied everything that is in the log.
  void settle() {
    const auto end = log_->end();
    const Position last{end->epoch, end->offset - 1};
    if (auto reached = async::run_to_end(view().reached(last, Milliseconds(60'000))); !reached)
      throw std::runtime_error(reached.error().detail);
    // At the log's end is not yet known to be there: until then nothing is written by it.
    while (!runner_.status().front().caught_up && runner_.status().front().stopped.empty()) std::this_thread::sleep_for(Milliseconds(1));
  }
  // Time goes on, and the view has been compared with the log's end since.
  void advance(Milliseconds by) {
    clock_.advance(by);
    for (;;) {
      const auto points = async::run_to_end(view().get({}));
      if (points && points->meta.caught_up_at >= clock_.now()) return;
      std::this_thread::sleep_for(Milliseconds(5));
    }
  }
  // The projection rests and time goes on: the view is as old as this afterwards.
  void let_the_view_age(Milliseconds age) {
    runner_.pause_for_test(true);
    clock_.advance(age);
  }
  void let_the_view_go_on() { runner_.pause_for_test(false); }
  // What is asked while the view rests, which goes on once this has been written.
  Answer judged_late(const std::function<Answer()>& ask) {
    const std::size_t before = log_length();
    std::thread later([&] {
      while (log_length() == before) std::this_thread::sleep_for(Milliseconds(5));
      let_the_view_go_on();
    });
    Answer answer = ask();
    later.join();
    return answer;
  }

  // ---- what is asked
  class Ask {
   public:
    Ask(Role& role, http::Method method, const std::string& target) : role_(role) {
      request_.method = method;
      request_.target = target;
      const auto question = target.find('?');
      request_.path = target.substr(0, question);
      if (question != std::string::npos) read_query(target.substr(question + 1));
      request_.id = RequestId("asked");
    }
    Ask& as_administrator() {
      request_.peer.transport = async::Peer::Transport::unix_socket;
      request_.peer.uid = getuid();
      return *this;
    }
    // Over TLS, as a client that has proved to hold this certificate's key.
    Ask& presenting(const std::string& certificate_der) {
      request_.peer.transport = async::Peer::Transport::tls;
      request_.peer.certificate = certificate_der;
      return *this;
    }
    Ask& from(const std::string& address) {
      request_.peer.address = address;
      return *this;
    }
    Ask& as(const std::string& token) { return header("Authorization", "Bearer " + token); }
    Ask& as_user(const std::string& name, const std::string& password) {
      return header("Authorization", "Basic " + base64_encode(name + ":" + password));
    }
    // A browser that is signed in.
    Ask& with_cookie(const std::string& session) {
      request_.peer.transport = async::Peer::Transport::tls;
      return header("Cookie", "theme=dark; __Host-quicklime=" + session);
    }
    Ask& over_tls() {
      request_.peer.transport = async::Peer::Transport::tls;
      return *this;
    }
    Ask& header(std::string_view name, const std::string& value) {
      request_.headers.set(name, value);
      if (name == "traceparent") request_.traceparent = http::read_traceparent(value);
      return *this;
    }
    Ask& body(const std::string& type, const std::string& content) {
      if (!type.empty()) header("Content-Type", type);
      request_.body = content;
      return *this;
    }
    Ask& json(const Json& content) { return body("application/json", content.dump()); }
    Answer send() {
      auto response = async::run_to_end(role_.router_.dispatch(request_));
      return {response.status, std::move(response.headers), std::move(response.body), std::move(response.stream)};
    }

   private:
    void read_query(std::string_view query) {
      while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        const auto equals = pair.find('=');
        request_.query[*http::percent_decode(pair.substr(0, equals))] =
            equals == std::string_view::npos ? "" : *http::percent_decode(pair.substr(equals + 1));
      }
    }
    Role& role_;
    http::Request request_;
  };
  Ask get(const std::string& target) { return {*this, http::Method::get, target}; }
  Ask post(const std::string& target) { return {*this, http::Method::post, target}; }
  Ask put(const std::string& target) { return {*this, http::Method::put, target}; }
  Ask del(const std::string& target) { return {*this, http::Method::delete_, target}; }

  // ---- what is in the log
  std::vector<events::Event> written() {
    std::vector<events::Event> all;
    const auto end = log_->end();
    for (std::uint64_t offset = 0; offset < end->offset; ++offset) {
      const auto record = log_->read_one(offset);
      if (!record) throw std::runtime_error(record.error().detail);
      all.push_back(*events::decode(record->bytes));
    }
    return all;
  }
  template <class E>
  std::vector<E> written_of() {
    std::vector<E> chosen;
    for (const auto& event : written()) {
      if (const auto* data = std::get_if<E>(&event.data)) chosen.push_back(*data);
    }
    return chosen;
  }
  std::size_t log_length() { return log_->end()->offset; }
  std::size_t changes() { return changes_in(*log_); }

  ManualClock& clock() { return clock_; }
  eventlog::MemoryLog& log() { return *log_; }
  eventlog::EventWriter& writer() { return writer_; }
  views::View& view() { return site_.view(); }
  views::MemoryStore& store() { return *store_; }
  const runtime::Service& service() const { return site_.service(); }
  async::Pools& pools() { return pools_; }
  settings::Configuration& configuration() { return configuration_; }

 private:
  inline static const LogId kLogId{"0193a0e0-0000-7000-8000-000000000001"};

  std::string log_created() const {
    return events::encode(events::Event{.id = EventId("0193a0e0-0000-7000-8000-000000000000"),
                                        .time = clock_.now(),
                                        .writer = {"test", 1},
                                        .actor = {events::Actor::Kind::control, "tester"},
                                        .request = RequestId("created"),
                                        .data = events::LogCreated{kLogId}});
  }
  ManualClock clock_;
  metrics::Registry metrics_;
  settings::Configuration configuration_;
  std::shared_ptr<eventlog::MemoryLog> log_;
  Make make_;
  views::MemoryStore* store_;
  runtime::Site site_;
  ValidatingLog validating_{*log_};
  eventlog::EventWriter writer_{validating_, clock_};
  eventlog::EventWriter unchecked_{*log_, clock_};
  access::Denials denials_{writer_, clock_};
  async::Pools pools_;
  runtime::ClockWatch clocks_{validating_, site_.view(), clock_,
                              pools_.log,  metrics_,     configuration_.of<runtime::ProcessSettings>().clock_tolerance};
  runtime::Responders responders_;
  api::FailureLimit failures_{configuration_.of<runtime::ProcessSettings>().authentication_failures, metrics_};
  api::IdentityLimit identities_{configuration_.of<runtime::ProcessSettings>().requests_per_identity, metrics_};
  installation::DataDirectory directory_;  // of no keys: who serves brings his own
  ca::Authorities authorities_;
  http::Router router_;
  views::Runner runner_;
};

}  // namespace quicklime::test
