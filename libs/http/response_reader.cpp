#define BOOST_DISABLE_ASSERTS  // for the reason that request_reader.cpp gives
#include "http/response_reader.hpp"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <optional>
#include <utility>

namespace quicklime::http {
namespace {

namespace beast = boost::beast::http;
using boost::beast::error_code;

constexpr std::size_t kHeaderLimit = 64 * 1024;

class ResponseParser final : public beast::basic_parser<false> {
 public:
  Response response;
  bool limited = true;

 private:
  void on_response_impl(int code, boost::beast::string_view, int, error_code&) override { response.status = static_cast<unsigned>(code); }
  void on_field_impl(beast::field, boost::beast::string_view name, boost::beast::string_view value, error_code&) override {
    if (!header_done_) response.headers.add(std::string_view(name.data(), name.size()), std::string(value.data(), value.size()));
  }
  void on_header_impl(error_code&) override { header_done_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    if (length && limited) response.body.reserve(static_cast<std::size_t>(*length));  // within the limit: checked before
  }
  std::size_t on_body_impl(boost::beast::string_view body, error_code&) override {
    response.body.append(body.data(), body.size());
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, boost::beast::string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, boost::beast::string_view body, error_code&) override {
    response.body.append(body.data(), body.size());
    return body.size();
  }
  void on_finish_impl(error_code&) override {}
  void on_request_impl(beast::verb, boost::beast::string_view, boost::beast::string_view, int, error_code&) override {}

  bool header_done_ = false;
};

}  // namespace

struct ResponseReader::Implementation {
  Method asked;
  std::optional<std::size_t> body_limit;
  std::optional<ResponseParser> parser{};

  void begin() {
    parser.emplace();
    parser->header_limit(kHeaderLimit);
    parser->limited = body_limit.has_value();
    if (body_limit) {
      parser->body_limit(*body_limit);
    } else {
      parser->body_limit(boost::none);
    }
    parser->eager(true);
    if (asked == Method::head) parser->skip(true);
  }

  Failure failure(const error_code& code) const {
    if (code == beast::error::body_limit) {
      return fail(ErrorCode::too_large, "response-too-large",
                  "the answer is longer than " + std::to_string(body_limit.value_or(0)) + " octets");
    }
    return fail(ErrorCode::unavailable, "response-malformed", "the answer is not HTTP: " + code.message());
  }
};

ResponseReader::ResponseReader(Method asked, std::optional<std::size_t> body_limit)
    : implementation_(new Implementation{.asked = asked, .body_limit = body_limit}) {
  implementation_->begin();
}
ResponseReader::~ResponseReader() = default;

Result<std::size_t> ResponseReader::feed(std::string_view bytes) {
  Implementation& self = *implementation_;
  std::size_t used = 0;
  while (used < bytes.size() && !complete()) {
    error_code code;
    used += self.parser->put(boost::beast::net::const_buffer(bytes.data() + used, bytes.size() - used), code);
    const std::size_t left = bytes.size() - used;
    if (code == beast::error::need_more && left < kHeaderLimit) break;
    if (code) return self.failure(code);
    // RFC 9110 section 15.2: interim answers come before the real one.
    if (self.parser->is_done() && self.parser->response.status / 100 == 1) self.begin();
  }
  return used;
}

Result<void> ResponseReader::end_of_stream() {
  Implementation& self = *implementation_;
  error_code code = beast::error::end_of_stream;
  if (self.parser->got_some()) self.parser->put_eof(code);
  if (code) return self.failure(code);
  return {};
}

// An interim answer is begun anew as soon as it is whole.
bool ResponseReader::has_headers() const { return implementation_->parser->is_header_done(); }
std::string ResponseReader::take_body() { return std::exchange(implementation_->parser->response.body, {}); }
bool ResponseReader::complete() const { return implementation_->parser->is_done(); }
bool ResponseReader::keep_alive() const { return implementation_->parser->keep_alive(); }
Response& ResponseReader::response() { return implementation_->parser->response; }

}  // namespace quicklime::http
