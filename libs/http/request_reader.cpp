// Beast's parser asserts that the last chunk never arrives in pieces shorter than five octets; it may,
// and the code behind the assertion copes.
#define BOOST_DISABLE_ASSERTS
#include "http/request_reader.hpp"

#include <algorithm>
#include <array>
#include <boost/beast/http/basic_parser.hpp>
#include <charconv>
#include <cstring>
#include <functional>
#include <optional>
#include <utility>

#include "base/encoding.hpp"
#include "base/printable.hpp"
#include "crypto/random.hpp"
#include "http/trace_context.hpp"

namespace quicklime::http {
namespace {

namespace beast = boost::beast::http;
using boost::beast::error_code;

std::string_view standard(boost::beast::string_view text) { return {text.data(), text.size()}; }

Method method_of(beast::verb verb) {
  switch (verb) {
    case beast::verb::get: return Method::get;
    case beast::verb::head: return Method::head;
    case beast::verb::post: return Method::post;
    case beast::verb::put: return Method::put;
    case beast::verb::patch: return Method::patch;
    case beast::verb::delete_: return Method::delete_;
    default: return Method::other;
  }
}

bool usable_as_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 && !shows_a_secret(text) && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
}

}  // namespace

RequestId new_request_id() {
  thread_local const std::string prefix = hex_encode(crypto::random_bytes(6)) + "-";
  thread_local std::uint64_t count = 0;
  std::array<char, 32> text{};
  std::memcpy(text.data(), prefix.data(), prefix.size());
  const auto end = std::to_chars(text.data() + prefix.size(), text.data() + text.size(), ++count, 16).ptr;
  return RequestId(std::string(text.data(), end));
}

// Beast's parser with our own message behind it: no container of fields in between. What Beast
// tolerates and a front server may read differently (request smuggling) is refused here.
class RequestParser final : public beast::basic_parser<true> {
 public:
  Request request;
  std::optional<RequestReader::Rejection> rejection;
  bool expects_continue = false;
  bool old_version = false;

  // The bytes that put() gets next: a value outside them was unfolded.
  void look_at(std::string_view input) { input_ = input; }

 private:
  void reject(error_code& code, unsigned status, std::string reason, std::string detail, std::string field = {}) {
    rejection = {status, {ErrorCode::invalid, std::move(reason), std::move(detail), std::move(field)}};
    code = beast::error::bad_field;
  }

  void on_request_impl(beast::verb verb, boost::beast::string_view, boost::beast::string_view target, int version,
                       error_code& code) override {
    request.method = method_of(verb);
    request.target = standard(target);
    old_version = version < 11;
    request.headers.reserve(12);
    if (auto split = split_target(request); !split) {
      rejection = {400, std::move(split.error())};
      code = beast::error::bad_field;
    }
  }

  void on_field_impl(beast::field field, boost::beast::string_view name, boost::beast::string_view value, error_code& code) override {
    if (header_done_) return;  // trailers (RFC 9110 section 6.5) are nobody's business here
    if (folded(name, value))
      return reject(code, 400, "header-folded", "A header goes on in a second line, which RFC 9112 section 5.2 forbids.");
    switch (field) {
      case beast::field::host:
        if (++hosts_ > 1) return reject(code, 400, "host-repeated", "A request has one Host header (RFC 9112 section 3.2).");
        break;
      case beast::field::content_length:
        if (++lengths_ > 1 || !std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; })) {
          return reject(code, 400, "content-length-repeated", "A request has one Content-Length, a number.", "Content-Length");
        }
        break;
      case beast::field::transfer_encoding:
        if (old_version)
          return reject(code, 400, "transfer-encoding-unexpected", "HTTP/1.0 has no Transfer-Encoding.", "Transfer-Encoding");
        if (!boost::beast::iequals(value, "chunked")) {
          return reject(code, 501, "transfer-encoding-unknown", "The only Transfer-Encoding known here is chunked.", "Transfer-Encoding");
        }
        break;
      case beast::field::expect:
        if (!boost::beast::iequals(value, "100-continue")) {
          return reject(code, 417, "expectation-unknown", "The only expectation known here is 100-continue.", "Expect");
        }
        expects_continue = !old_version;
        break;
      default: break;
    }
    if (name.size() == 12 && boost::beast::iequals(name, "X-Request-Id") && usable_as_id(standard(value))) {
      request.id = RequestId(std::string(standard(value)));
    }
    if (name.size() == 11 && boost::beast::iequals(name, "traceparent"))
      request.traceparent = ++traces_ == 1 ? read_traceparent(standard(value)) : "";  // two contradict each other
    request.headers.add(standard(name), std::string(standard(value)));
  }

  void on_header_impl(error_code& code) override {
    header_done_ = true;
    if (hosts_ == 0 && !old_version) reject(code, 400, "host-missing", "A request of HTTP/1.1 has a Host header (RFC 9112 section 3.2).");
    if (request.id.text().empty()) request.id = new_request_id();
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    if (length) request.body.reserve(static_cast<std::size_t>(*length));  // within the limit: checked before
  }
  std::size_t on_body_impl(boost::beast::string_view body, error_code&) override {
    request.body.append(body.data(), body.size());
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, boost::beast::string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, boost::beast::string_view body, error_code&) override {
    request.body.append(body.data(), body.size());
    return body.size();
  }
  void on_finish_impl(error_code&) override {}
  void on_response_impl(int, boost::beast::string_view, int, error_code&) override {}

  // Beast joins folded lines in a buffer of its own, or skips an empty first line.
  bool folded(boost::beast::string_view name, boost::beast::string_view value) const {
    const std::less<> before;
    const char* const name_end = name.data() + name.size();
    if (before(value.data(), name_end) || before(input_.data() + input_.size(), value.data() + value.size())) return true;
    return std::memchr(name_end, '\n', static_cast<std::size_t>(value.data() - name_end)) != nullptr;
  }

  std::string_view input_;
  unsigned hosts_ = 0;
  unsigned lengths_ = 0;
  unsigned traces_ = 0;
  bool header_done_ = false;
};

struct RequestReader::Implementation {
  const std::size_t header_limit;
  const std::size_t body_limit;
  std::optional<RequestParser> parser{};
  std::size_t header_bytes = 0;
  State state = State::idle;

  void fail(const error_code& code) {
    state = State::failed;
    if (parser->request.id.text().empty()) parser->request.id = new_request_id();
    if (parser->rejection) return;
    auto& rejection = parser->rejection;
    if (code == beast::error::header_limit) {
      rejection = {431,
                   {ErrorCode::invalid, "header-too-large",
                    "The request line and headers are longer than " + std::to_string(header_limit) + " octets."}};
    } else if (code == beast::error::body_limit) {
      rejection = {413, {ErrorCode::too_large, "body-too-large", "The body is longer than " + std::to_string(body_limit) + " octets."}};
    } else if (code == beast::error::bad_version) {
      rejection = {505, {ErrorCode::invalid, "version-unknown", "This server speaks HTTP/1.1 and HTTP/1.0."}};
    } else {
      rejection = {400, {ErrorCode::invalid, "request-malformed", "This is not an HTTP request: " + code.message() + "."}};
    }
  }

  void begin() {
    parser.emplace();
    parser->header_limit(static_cast<std::uint32_t>(header_limit));
    parser->body_limit(body_limit);
    header_bytes = 0;
    state = State::idle;
  }

  // One step of the parser.
  std::size_t put(std::string_view bytes, error_code& code) {
    parser->look_at(bytes);
    parser->eager(parser->is_header_done());  // the header alone first: its octets are counted
    const std::size_t taken = parser->put(boost::beast::net::const_buffer(bytes.data(), bytes.size()), code);
    if (state < State::body) {
      // Beast limits what it holds at a time, not what came in pieces.
      header_bytes += taken;
      const std::size_t unread = parser->is_header_done() ? 0 : bytes.size() - taken;
      if (header_bytes + unread > header_limit && (!code || code == beast::error::need_more)) code = beast::error::header_limit;
    } else if (code == beast::error::need_more && bytes.size() - taken >= header_limit) {
      code = beast::error::bad_chunk;  // a chunk's header or trailers without end
    }
    return taken;
  }
};

RequestReader::RequestReader(std::size_t header_limit, std::size_t body_limit)
    : implementation_(new Implementation{.header_limit = header_limit, .body_limit = body_limit}) {
  implementation_->begin();
}
RequestReader::~RequestReader() = default;

std::size_t RequestReader::feed(std::string_view bytes) {
  Implementation& self = *implementation_;
  std::size_t used = 0;
  // RFC 9112 section 2.2: empty lines before a request are ignored.
  while (self.state == State::idle && bytes.substr(used).starts_with("\r\n")) used += 2;
  while (used < bytes.size() && self.state < State::complete) {
    if (self.state == State::idle && bytes.substr(used) == "\r") break;
    error_code code;
    if (self.state == State::idle) self.state = State::header;
    used += self.put(bytes.substr(used), code);
    if (code == beast::error::need_more) break;
    if (code) {
      self.fail(code);
    } else if (self.parser->is_done()) {
      self.state = State::complete;
    } else if (self.parser->is_header_done()) {
      self.state = State::body;
    }
  }
  return used;
}

RequestReader::State RequestReader::state() const { return implementation_->state; }
void RequestReader::next() { implementation_->begin(); }
Request& RequestReader::request() { return implementation_->parser->request; }
bool RequestReader::take_continue() {
  return implementation_->state == State::body && std::exchange(implementation_->parser->expects_continue, false);
}
bool RequestReader::keep_alive() const { return implementation_->parser->keep_alive(); }
bool RequestReader::old_version() const { return implementation_->parser->old_version; }
const RequestReader::Rejection& RequestReader::rejection() const { return *implementation_->parser->rejection; }

}  // namespace quicklime::http
