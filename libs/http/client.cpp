#include "http/client.hpp"

#include <array>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <charconv>

#include "async/stream.hpp"

namespace quicklime::http {
namespace {

namespace beast = boost::beast::http;
using std::chrono::steady_clock;

struct Address {
  std::string authority;  // for the Host header
  std::string host;
  std::uint16_t port;
  bool tls;
};

Failure malformed(const std::string& url) {
  return fail(ErrorCode::invalid, "url-malformed", "'" + url + "' is no server address; write https://ca.internal:8443");
}

// scheme://host[:port], RFC 3986 section 3.2; a path would be ours to add.
Result<Address> parse_url(const std::string& url) {
  const std::size_t scheme_end = url.find("://");
  const std::string scheme = url.substr(0, scheme_end == std::string::npos ? 0 : scheme_end);
  if (scheme != "https" && scheme != "http") return malformed(url);
  std::string authority = url.substr(scheme_end + 3);
  while (authority.ends_with('/')) authority.pop_back();
  Address address{authority, authority, static_cast<std::uint16_t>(scheme == "https" ? 443 : 80), scheme == "https"};
  const std::size_t colon = authority.rfind(':');
  const std::size_t bracket = authority.rfind(']');
  if (colon != std::string::npos && (bracket == std::string::npos || bracket < colon)) {
    address.host = authority.substr(0, colon);
    const char* end = authority.data() + authority.size();
    const auto port = std::from_chars(authority.data() + colon + 1, end, address.port);
    if (port.ec != std::errc{} || port.ptr != end || address.port == 0) return malformed(url);
  }
  if (address.host.starts_with('[') && address.host.ends_with(']')) address.host = address.host.substr(1, address.host.size() - 2);
  if (address.host.empty() || address.host.find_first_of("/?#@ ") != std::string::npos) return malformed(url);
  return address;
}

std::string serialize(const Request& request, const std::string& host) {
  std::string bytes = std::string(name(request.method)) + " " + request.target + " HTTP/1.1\r\nHost: " + host + "\r\n";
  for (const auto& [field, value] : request.headers.all()) bytes += field + ": " + value + "\r\n";
  if (!request.body.empty() || request.method == Method::post || request.method == Method::put || request.method == Method::patch) {
    bytes += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  }
  return bytes + "\r\n" + request.body;
}

struct Answer {
  Response response;
  bool keep_alive;
};

async::Task<Result<Answer>> read_answer(async::Stream& stream, Method method, std::size_t body_limit) {
  beast::response_parser<beast::string_body> parser;
  parser.body_limit(body_limit);
  parser.skip(method == Method::head);
  std::string pending;
  std::array<char, 16 * 1024> chunk{};
  for (;;) {
    boost::system::error_code error;
    while (!pending.empty() && !parser.is_done()) {
      const std::size_t used = parser.put(boost::asio::const_buffer(pending.data(), pending.size()), error);
      pending.erase(0, used);
      if (error == beast::error::need_more) break;
      if (error) {
        co_return fail(ErrorCode::unavailable, "answer-malformed", "what the server sent is not an HTTP answer: " + error.message());
      }
      if (parser.is_done() || used == 0) break;
    }
    if (parser.is_done()) break;
    const auto got = co_await stream.read_some(chunk);
    if (!got) {
      if (got.error().reason != "stream-closed") co_return forward(got);
      parser.put_eof(error);  // an answer without a length ends with the connection
      if (error || !parser.is_done()) co_return forward(got);
      break;
    }
    pending.append(chunk.data(), *got);
  }
  auto message = parser.release();
  Answer answer{Response{.status = message.result_int()}, message.keep_alive()};
  for (const auto& field : message) answer.response.headers.add(std::string_view(field.name_string()), std::string(field.value()));
  answer.response.body = std::move(message.body());
  co_return answer;
}

}  // namespace

struct Client::Implementation {
  Options options;
  std::optional<Address> address;  // none: the unix socket
  std::string key;                 // of parked connections

  async::Task<Result<std::unique_ptr<async::Stream>>> connect(steady_clock::time_point deadline) const {
    if (!address) return async::connect_unix(options.unix_socket, deadline);
    if (address->tls) return async::connect_tls(address->host, address->port, *options.tls, deadline);
    return async::connect_tcp(address->host, address->port, deadline);
  }
};

Result<std::unique_ptr<Client>> Client::make(Options options) {
  auto implementation = std::make_unique<Implementation>();
  if (options.unix_socket.empty()) {
    auto address = parse_url(options.url);
    if (!address) return forward(address);
    if (address->tls && !options.tls) {
      auto tls = async::TlsClient::make("");
      if (!tls) return forward(tls);
      options.tls = *tls;
    }
    implementation->address = *std::move(address);
    // Whom a connection trusts is part of what it is.
    implementation->key = options.url + " " + std::to_string(reinterpret_cast<std::uintptr_t>(options.tls.get()));
  } else {
    implementation->key = options.unix_socket;
  }
  implementation->options = std::move(options);
  return std::unique_ptr<Client>(new Client(std::move(implementation)));
}

Client::Client(std::unique_ptr<Implementation> implementation) : implementation_(std::move(implementation)) {}
Client::~Client() = default;

async::Task<Result<Response>> Client::send(Request request) {
  const Implementation& self = *implementation_;
  const auto deadline = steady_clock::now() + self.options.timeout;
  std::unique_ptr<async::Stream> stream = async::unpark(self.key);
  if (!stream) {
    auto connected = co_await self.connect(deadline);
    if (!connected) co_return forward(connected);
    stream = *std::move(connected);
  }
  stream->set_deadline(deadline);
  const std::string bytes = serialize(request, self.address ? self.address->authority : "localhost");
  if (const auto written = co_await stream->write_all(bytes); !written) co_return forward(written);
  auto answer = co_await read_answer(*stream, request.method, self.options.body_limit);
  if (!answer) co_return forward(answer);
  if (answer->keep_alive) async::park(self.key, std::move(stream));
  co_return std::move(answer->response);
}

}  // namespace quicklime::http
