#pragma once
// Internal: one response out of the bytes of a connection, for the client.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/message.hpp"

namespace quicklime::http {

class ResponseReader {
 public:
  // The answer to HEAD has no body. No limit: for who takes the body as it comes.
  ResponseReader(Method asked, std::optional<std::size_t> body_limit);
  ~ResponseReader();

  // Takes what it can and says how many bytes that is; what it leaves must come again, with more behind
  // it. "response-malformed", "response-too-large".
  Result<std::size_t> feed(std::string_view bytes);
  Result<void> end_of_stream();  // what ends some bodies, and cuts others short ("response-malformed")

  bool has_headers() const;
  bool complete() const;
  std::string take_body();  // what has come of it since it was taken last
  bool keep_alive() const;
  Response& response();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace quicklime::http
