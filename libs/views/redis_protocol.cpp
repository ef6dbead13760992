#include "views/redis_protocol.hpp"

#include <hiredis/hiredis.h>
#include <string.h>

#include <new>

namespace quicklime::views {
namespace {

Reply take(const redisReply& from) {
  Reply reply;
  switch (from.type) {
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS: reply.kind = Reply::Kind::text; break;
    case REDIS_REPLY_ERROR: reply.kind = Reply::Kind::error; break;
    case REDIS_REPLY_INTEGER:
      reply.kind = Reply::Kind::integer;
      reply.integer = from.integer;
      return reply;
    case REDIS_REPLY_ARRAY:
      reply.kind = Reply::Kind::list;
      reply.list.reserve(from.elements);
      for (std::size_t i = 0; i < from.elements; ++i) reply.list.push_back(take(*from.element[i]));
      return reply;
    default: return reply;
  }
  reply.text.assign(from.str, from.len);
  return reply;
}

}  // namespace

void Commands::add(const std::vector<std::string_view>& words) {
  std::vector<const char*> starts;
  std::vector<std::size_t> sizes;
  starts.reserve(words.size());
  sizes.reserve(words.size());
  for (const std::string_view word : words) {
    starts.push_back(word.data() == nullptr ? "" : word.data());
    sizes.push_back(word.size());
  }
  char* formatted = nullptr;
  const auto size = redisFormatCommandArgv(&formatted, static_cast<int>(words.size()), starts.data(), sizes.data());
  if (size < 0) throw std::bad_alloc();
  bytes_.append(formatted, static_cast<std::size_t>(size));
  ::explicit_bzero(formatted, static_cast<std::size_t>(size));  // it may have held a password
  redisFreeCommand(formatted);
  ++count_;
}

struct ReplyReader::Implementation {
  redisReader* reader = redisReaderCreate();
  ~Implementation() { redisReaderFree(reader); }
};

ReplyReader::ReplyReader() : implementation_(std::make_unique<Implementation>()) {
  if (implementation_->reader == nullptr) throw std::bad_alloc();
}
ReplyReader::~ReplyReader() = default;

Result<void> ReplyReader::feed(std::string_view bytes, std::vector<Reply>& replies) {
  redisReader* const reader = implementation_->reader;
  if (redisReaderFeed(reader, bytes.data(), bytes.size()) != REDIS_OK) return redis_refused(reader->errstr);
  for (;;) {
    void* whole = nullptr;
    if (redisReaderGetReply(reader, &whole) != REDIS_OK) return redis_refused(reader->errstr);
    if (whole == nullptr) return {};
    replies.push_back(take(*static_cast<redisReply*>(whole)));
    freeReplyObject(whole);
  }
}

Failure redis_refused(std::string_view words) {
  return fail(Error{ErrorCode::unavailable, "redis-refused", "Redis refuses: " + std::string(words), "", 1});
}

}  // namespace quicklime::views
