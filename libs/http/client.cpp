#include "http/client.hpp"

#include <atomic>
#include <charconv>
#include <optional>
#include <span>
#include <utility>

#include "async/stream.hpp"
#include "http/response_reader.hpp"
#include "http/status.hpp"

namespace quicklime::http {
namespace {

using std::chrono::steady_clock;

// "https://ca.internal:8443/base" in parts (RFC 3986).
struct Place {
  bool tls = false;
  std::string host;
  std::uint16_t port = 0;
  std::string authority;  // for the Host header
  std::string base;       // before every target, without a slash at its end
};

Failure bad_url(const std::string& url) {
  return fail(ErrorCode::invalid, "url-invalid", "\"" + url + "\" is not a URL like https://ca.internal:8443", "url");
}

Result<Place> parse_url(const std::string& url) {
  Place place;
  std::string_view rest = url;
  if (rest.starts_with("https://")) {
    place.tls = true;
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    return bad_url(url);
  }
  const std::string_view authority = rest.substr(0, rest.find('/'));
  place.base = rest.substr(authority.size());
  while (place.base.ends_with('/')) place.base.pop_back();
  place.authority = authority;
  const std::size_t host_end = authority.starts_with('[') ? authority.find(']') : authority.find(':');
  if (authority.starts_with('[')) {
    if (host_end == std::string_view::npos) return bad_url(url);
    place.host = authority.substr(1, host_end - 1);
    rest = authority.substr(host_end + 1);
  } else {
    place.host = authority.substr(0, host_end);
    rest = authority.substr(place.host.size());
  }
  place.port = place.tls ? 443 : 80;
  if (!rest.empty()) {
    const auto [end, error] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), place.port);
    if (rest.front() != ':' || error != std::errc() || end != rest.data() + rest.size()) return bad_url(url);
  }
  if (place.host.empty() || place.base.find_first_of("?# ") != std::string::npos) return bad_url(url);
  return place;
}

std::string request_text(const Request& request, const Place& place) {
  std::string text;
  text.reserve(512 + request.body.size());
  text += name(request.method);
  text += " " + place.base + request.target + " HTTP/1.1\r\n";
  append_header(text, "Host", place.authority);
  for (const auto& [name, value] : request.headers.all()) append_header(text, name, value);
  if (!request.id.text().empty()) append_header(text, "X-Request-Id", request.id.text());
  if (!request.traceparent.empty()) append_header(text, "traceparent", request.traceparent);
  const bool may_have_body = request.method != Method::get && request.method != Method::head;
  if (may_have_body || !request.body.empty()) append_header(text, "Content-Length", std::to_string(request.body.size()));
  return text + "\r\n" + request.body;
}

// One request under way, and what has come of its answer.
class Exchange {
 public:
  Exchange(std::unique_ptr<async::Stream> stream, Method method, std::optional<std::size_t> body_limit)
      : stream(std::move(stream)), reader(method, body_limit) {}

  std::unique_ptr<async::Stream> stream;
  ResponseReader reader;
  Result<void> written{};

  // Takes what comes next. false: the end of the connection is the end of the answer.
  async::Task<Result<bool>> more() {
    if (begin_ == end_) begin_ = end_ = 0;
    if (end_ == buffer_.size()) buffer_.resize(2 * end_);
    auto count = co_await stream->read_some(std::span(buffer_).subspan(end_));
    if (!count) {
      const bool closed = count.error().reason == "stream-closed" && written;
      const Result<void> ended = closed ? reader.end_of_stream() : Result<void>(forward(count));
      if (!ended) co_return fail(written ? ended.error() : written.error());
      co_return false;
    }
    end_ += *count;
    const auto used = reader.feed(std::string_view(buffer_).substr(begin_, end_ - begin_));
    if (!used) co_return forward(used);
    begin_ += *used;
    co_return true;
  }

  // The whole answer is here.
  async::Task<void> end(const std::string& key) {
    if (written && reader.complete() && begin_ == end_ && reader.keep_alive()) {
      async::park(key, std::move(stream));
    } else {
      co_await stream->shutdown();
    }
  }

 private:
  static constexpr std::size_t kBuffer = 16 * 1024;
  std::string buffer_ = std::string(kBuffer, '\0');
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace

struct Client::Implementation {
  Options options;
  Place place;
  std::string key;    // of its parked connections: no two clients share any, their TLS identities differ
  std::string where;  // for errors

  async::Task<Result<std::unique_ptr<async::Stream>>> connect(steady_clock::time_point deadline) const {
    if (!options.unix_socket.empty()) return async::connect_unix(options.unix_socket, deadline);
    if (place.tls) return async::connect_tls(place.host, place.port, *options.tls, deadline);
    return async::connect_tcp(place.host, place.port, deadline);
  }

  async::Task<Result<std::unique_ptr<Exchange>>> begin(const Request& request, std::optional<std::size_t> body_limit,
                                                       steady_clock::time_point deadline) const;

  // Once the request may have arrived, nobody here knows whether it was carried out.
  Failure no_answer(const Request& request, const Error& cause) const {
    const bool harmless = request.method == Method::get || request.method == Method::head;
    const bool late = cause.reason == "stream-deadline";
    const ErrorCode code = cause.code == ErrorCode::too_large ? cause.code : harmless ? ErrorCode::unavailable : ErrorCode::outcome_unknown;
    const std::string what = late ? "did not answer within " + duration_text(options.timeout) : "gave no answer: " + cause.detail;
    return fail(code, late ? "stream-deadline" : "server-unreachable", where + " " + what);
  }
};

namespace {

// What a server sends for as long as it sends it.
class AnswerStream final : public BodyStream {
 public:
  AnswerStream(const std::string& key, const std::string& where, std::unique_ptr<Exchange> exchange, std::string come,
               std::chrono::milliseconds between)
      : key_(key), where_(where), exchange_(std::move(exchange)), come_(std::move(come)), between_(between) {}

  async::Task<Result<std::optional<std::string>>> next() override {
    while (come_.empty()) {
      if (over_) co_return std::nullopt;
      if (exchange_->reader.complete()) {
        over_ = true;
        co_await exchange_->end(key_);
        continue;
      }
      if (!stopped_) exchange_->stream->set_deadline(steady_clock::now() + between_);
      const auto more = co_await exchange_->more();
      if (!more) co_return cut(more.error());
      come_ = exchange_->reader.take_body();
      over_ = !*more;
    }
    co_return std::exchange(come_, {});
  }

  void stop() override {
    stopped_ = true;
    if (exchange_->stream) exchange_->stream->set_deadline({});
  }

 private:
  Failure cut(const Error& cause) const {
    const bool late = cause.reason == "stream-deadline" && !stopped_;
    return fail(
        ErrorCode::unavailable, "answer-cut",
        where_ + (late ? " has sent nothing for " + duration_text(between_) : " did not send its answer to the end: " + cause.detail));
  }

  const std::string key_, where_;
  const std::unique_ptr<Exchange> exchange_;
  std::string come_;
  const std::chrono::milliseconds between_;
  bool over_ = false;
  bool stopped_ = false;
};

}  // namespace

Client::Client(std::unique_ptr<Implementation> implementation) : implementation_(std::move(implementation)) {}
Client::~Client() = default;

Result<std::unique_ptr<Client>> Client::make(Options options) {
  static std::atomic<unsigned> clients = 0;
  auto made = std::make_unique<Implementation>();
  made->options = std::move(options);
  made->key = "http client " + std::to_string(++clients);
  if (!made->options.unix_socket.empty()) {
    made->where = made->options.unix_socket;
    made->place.authority = "localhost";
  } else {
    auto place = parse_url(made->options.url);
    if (!place) return forward(place);
    made->place = std::move(*place);
    made->where = made->options.url;
    if (made->place.tls && !made->options.tls) {
      auto tls = async::TlsClient::make("");
      if (!tls) return forward(tls);
      made->options.tls = std::move(*tls);
    }
  }
  return std::unique_ptr<Client>(new Client(std::move(made)));
}

async::Task<Result<std::unique_ptr<Exchange>>> Client::Implementation::begin(const Request& request, std::optional<std::size_t> body_limit,
                                                                             steady_clock::time_point deadline) const {
  if (!request.target.starts_with('/') || request.target.find_first_of(" \r\n") != std::string::npos) {
    co_return fail(ErrorCode::invalid, "target-malformed", "a request target is a path without spaces: " + request.target);
  }
  std::unique_ptr<async::Stream> stream = async::unpark(key);
  if (stream) {
    stream->set_deadline(deadline);
  } else {
    auto connected = co_await connect(deadline);
    if (!connected) co_return forward(connected);
    stream = std::move(*connected);
  }
  auto exchange = std::make_unique<Exchange>(std::move(stream), request.method, body_limit);
  // A server may answer and close before it has read everything (413): the answer counts, not the failed write.
  exchange->written = co_await exchange->stream->write_all(request_text(request, place));
  co_return exchange;
}

async::Task<Result<Response>> Client::send(Request request) {
  const Implementation& self = *implementation_;
  auto exchange = co_await self.begin(request, self.options.body_limit, steady_clock::now() + self.options.timeout);
  if (!exchange) co_return forward(exchange);
  Exchange& e = **exchange;
  while (!e.reader.complete()) {
    const auto more = co_await e.more();
    if (!more) co_return self.no_answer(request, more.error());
    if (!*more) break;
  }
  co_await e.end(self.key);
  co_return std::move(e.reader.response());
}

async::Task<Result<Response>> Client::open(Request request, std::chrono::milliseconds between) {
  const Implementation& self = *implementation_;
  auto exchange = co_await self.begin(request, std::nullopt, steady_clock::now() + self.options.timeout);
  if (!exchange) co_return forward(exchange);
  Exchange& e = **exchange;
  while (!e.reader.has_headers()) {
    const auto more = co_await e.more();
    if (!more) co_return self.no_answer(request, more.error());
  }
  std::string body = e.reader.take_body();
  Response response = e.reader.response();
  response.stream = std::make_shared<AnswerStream>(self.key, self.where, *std::move(exchange), std::move(body), between);
  co_return response;
}

}  // namespace quicklime::http
