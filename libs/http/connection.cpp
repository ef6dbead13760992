#include "http/connection.hpp"

#include <algorithm>
#include <exception>
#include <utility>
#include <vector>

#include "async/completion.hpp"
#include "base/logging.hpp"
#include "http/problem.hpp"
#include "http/status.hpp"

namespace quicklime::http {
namespace {

constexpr std::size_t kSmallBuffer = 2 * 1024;  // what an idle connection keeps; most requests fit
constexpr std::size_t kLargeBuffer = 16 * 1024;
constexpr std::size_t kLargeBody = 64 * 1024;  // copied behind its header up to here, then written from where it is
constexpr std::size_t kPiece = 256 * 1024;     // of a large body: each has its own deadline
constexpr std::size_t kStreamPiece = 16 * 1024;
constexpr std::size_t kPendingAnswers = 64 * 1024;
constexpr std::size_t kLingerBytes = 1024 * 1024;
constexpr auto kLinger = std::chrono::seconds(1);
constexpr auto kInThePast = SteadyClock::time_point();

async::Task<void> deliver(const Router& router, Request request, async::Completion<std::shared_ptr<Response>> done) {
  done.complete(std::make_shared<Response>(co_await router.dispatch(std::move(request))));
}

}  // namespace

void ConnectionTable::drain() {
  draining = true;
  const std::vector<Connection*> waiting(idle.begin(), idle.end());
  for (Connection* connection : waiting) connection->close_soon();
  const std::vector<Connection*> young(fresh.begin(), fresh.end());
  for (Connection* connection : young) {
    if (connection->is_quiet()) connection->close_soon();
  }
  for (Connection* connection : streaming) connection->stop_stream();
  left();
}

Connection* ConnectionTable::least_missed(bool for_operator) const {
  for (const auto* list : {&idle, &fresh}) {
    const auto found =
        std::find_if(list->begin(), list->end(), [&](const Connection* connection) { return connection->of_operator() == for_operator; });
    if (found != list->end()) return *found;
  }
  return nullptr;
}

bool ConnectionTable::make_room(bool for_operator) {
  const std::size_t count = for_operator ? of_operator : size() - of_operator;
  if (count < (for_operator ? limits.connections_of_operator_per_loop : limits.connections_per_loop)) return true;
  Connection* const least = least_missed(for_operator);
  if (least == nullptr) return false;
  least->close_soon();
  return true;
}

void ConnectionTable::close_some_idle() {
  constexpr int kSome = 16;
  for (int closed = 0; closed < kSome; ++closed) {
    Connection* const least = least_missed(false);
    if (least == nullptr) return;
    least->close_soon();
  }
}

void ConnectionTable::left() {
  if (!draining || size() != 0) return;
  if (const auto tell = std::exchange(on_empty, nullptr)) tell();
}

void ConnectionTable::cut() {
  std::vector<Connection*> all;
  for (const auto* list : {&fresh, &idle, &handling, &streaming, &busy}) all.insert(all.end(), list->begin(), list->end());
  for (Connection* connection : all) connection->close_soon();
}

// One timer for all connections: handlers are as old as their place in the list says.
async::Task<void> ConnectionTable::watch_handlers() {
  const auto period = std::clamp(limits.handler / 8, Milliseconds(10), Milliseconds(1000));
  for (;;) {
    co_await async::sleep_for(period);
    const auto oldest_allowed = SteadyClock::now() - limits.handler;
    while (!handling.empty() && handling.front()->handling_since_before(oldest_allowed)) handling.front()->give_up_on_handler();
  }
}

Connection::Connection(ConnectionTable& table, std::unique_ptr<async::Stream> stream, std::shared_ptr<const Router> router,
                       bool of_operator)
    : table_(table),
      stream_(std::move(stream)),
      router_(std::move(router)),
      reader_(table.limits.header_bytes, table.limits.body_bytes),
      of_operator_(of_operator),
      list_(&table.fresh),
      place_(table.fresh.insert(table.fresh.end(), this)) {
  if (of_operator_) ++table_.of_operator;
}

Connection::~Connection() {
  list_->erase(place_);
  if (of_operator_) --table_.of_operator;
  table_.left();
}

void Connection::join(std::list<Connection*>& list) {
  list.splice(list.end(), *list_, place_);
  list_ = &list;
}

void Connection::allow(std::chrono::milliseconds time) {
  if (!closing_) stream_->set_deadline(SteadyClock::now() + time);
}

// Out of the lists of those who may be closed: once is enough.
void Connection::close_soon() {
  closing_ = true;
  join(table_.busy);
  if (stream_) stream_->set_deadline(kInThePast);
}

async::Task<void> Connection::serve(std::shared_ptr<Connection> self) {
  Connection& c = *self;
  c.stream_->set_deadline(SteadyClock::now() + c.table_.limits.handshake);
  const auto shaken = co_await c.stream_->handshake();
  if (!shaken) co_return;
  // A new connection has as long for its first request as any other for its headers.
  c.stream_->set_deadline(SteadyClock::now() + c.table_.limits.header);
  c.stage_ = State::idle;

  for (;;) {
    // 1. A whole request, out of what is here already (pipelining) or of the stream.
    Incoming incoming = Incoming::request;
    for (;;) {
      if (c.begin_ < c.end_) c.begin_ += c.reader_.feed(c.unread());
      if (c.reader_.state() >= State::complete) break;
      incoming = co_await c.more_bytes();
      if (incoming != Incoming::request) break;
    }
    if (incoming == Incoming::closed) co_return;
    if (incoming == Incoming::too_slow) {
      const RequestReader::Rejection slow{408, {ErrorCode::invalid, "request-too-slow", "The request took too long to arrive."}};
      co_return co_await c.refuse(slow);
    }
    if (c.reader_.state() == State::failed) co_return co_await c.refuse(c.reader_.rejection());

    // 2. Its answer. From here on watch_handlers() may take over.
    Request& request = c.reader_.request();
    request.peer = c.stream_->peer();
    c.id_ = request.id;
    c.head_ = request.method == Method::head;
    c.keep_alive_ = c.reader_.keep_alive();
    c.stage_ = State::complete;
    c.handling_since_ = SteadyClock::now();
    c.join(c.table_.handling);
    Response response;
    if (c.out_.empty()) {
      response = co_await c.router_->dispatch(std::move(request));
    } else {
      response = co_await c.ask_router(std::move(request));
    }
    if (c.abandoned_) co_return;
    c.join(c.table_.busy);

    // 3. Out with it, or into the buffer when another request is here already.
    if (c.table_.draining) c.keep_alive_ = false;
    if (response.stream && !c.head_) co_return co_await c.send_stream(std::move(response));
    const bool answered = co_await c.answer(response);
    if (!answered) co_return;
    if (!c.keep_alive_) co_return;
    c.reader_.next();
  }
}

// Answers of before wait in the buffer: they leave together with this one when its handler never
// suspends, and at once when it does.
async::Task<Response> Connection::ask_router(Request request) {
  const async::Completion<std::shared_ptr<Response>> done;
  table_.loop->spawn(deliver(*router_, std::move(request), done));
  if (!done.completed()) co_await flush();
  const auto response = co_await done.wait();
  co_return std::move(*response);
}

async::Task<Connection::Incoming> Connection::more_bytes() {
  if (reader_.take_continue()) out_ += "HTTP/1.1 100 Continue\r\n\r\n";
  if (!out_.empty()) {
    const bool flushed = co_await flush();
    if (!flushed) co_return Incoming::closed;
  }
  const State stage = reader_.state();
  if (stage == State::idle && table_.draining) {
    co_await stream_->shutdown();
    co_return Incoming::closed;
  }
  begin_stage(stage);
  auto count = co_await stream_->read_some(space());
  if (count) {
    end_ += *count;
    if (list_ != &table_.fresh) join(table_.busy);
    co_return Incoming::request;
  }
  const bool too_late = count.error().reason == "stream-deadline";
  if (too_late && stage == State::idle) co_await stream_->shutdown();
  co_return too_late&& stage != State::idle && !closing_ ? Incoming::too_slow : Incoming::closed;
}

// A request that came in one piece sets no deadline of its own.
void Connection::begin_stage(State stage) {
  if (stage == State::idle && list_ != &table_.fresh) join(table_.idle);
  if (stage == stage_) return;
  stage_ = stage;
  const Limits& limits = table_.limits;
  const auto time = stage == State::idle ? limits.idle : stage == State::header ? limits.header : limits.body;
  allow(time);
}

// Room to read into. The reader leaves at most an unfinished header behind.
std::span<char> Connection::space() {
  if (begin_ == end_) {
    begin_ = end_ = 0;
    const std::size_t size = stage_ == State::body ? kLargeBuffer : kSmallBuffer;
    if (in_.size() != size) std::string(size, '\0').swap(in_);
  } else if (end_ == in_.size()) {
    in_.erase(0, begin_);
    end_ -= begin_;
    begin_ = 0;
    in_.resize(std::max(2 * end_, kSmallBuffer));
  }
  return std::span(in_).subspan(end_);
}

async::Task<bool> Connection::flush() {
  allow(table_.limits.body);
  writing_ = true;
  const bool written = (co_await stream_->write_all(out_)).has_value();
  writing_ = false;
  out_.clear();
  out_.swap(table_.spare);
  co_return written && !abandoned_;
}

async::Task<bool> Connection::answer(const Response& response) {
  if (out_.empty()) out_.swap(table_.spare);
  const auto connection = !keep_alive_ ? Persistence::close : reader_.old_version() ? Persistence::keep_and_say : Persistence::keep;
  const bool large = response.body.size() > kLargeBody;
  const Body framing = response.stream ? framing_of_stream() : head_ || large ? Body::omit : Body::send;
  append_response(out_, response, id_, connection, framing);
  if (large && !head_) {
    const bool begun = co_await flush();
    if (!begun) co_return false;
    const bool written = co_await write_large(response.body, kPiece);
    if (!written) co_return false;
  }
  if (!keep_alive_) {
    const bool flushed = co_await flush();
    if (!flushed) co_return false;
    if (begin_ < end_ || table_.draining) {
      co_await linger();
    } else {
      co_await stream_->shutdown();
    }
  } else if (out_.size() > kPendingAnswers) {
    co_return co_await flush();
  }
  co_return true;
}

// Each piece has the whole time: a slow client may fetch a large CRL, one that stands still may not.
async::Task<bool> Connection::write_large(std::string_view body, std::size_t piece) {
  while (!body.empty()) {
    const std::string_view next = body.substr(0, piece);
    body.remove_prefix(next.size());
    allow(table_.limits.body);
    const auto written = co_await stream_->write_all(next);
    if (!written) co_return false;
  }
  co_return true;
}

// The last answer of its connection: whoever reads may go away at any time, which only reading tells, and what is read is of no use then.
async::Task<void> Connection::send_stream(Response response) {
  streaming_ = std::move(response.stream);
  join(table_.streaming);
  if (out_.empty()) out_.swap(table_.spare);
  append_response(out_, response, id_, Persistence::close, framing_of_stream());
  const bool begun = co_await flush();
  if (!begun) co_return;
  table_.loop->spawn(watch_reader(shared_from_this()));
  if (table_.draining) streaming_->stop();
  const bool whole = co_await send_pieces();
  if (whole && !reader_gone_) streaming_->sent();
  join(table_.busy);
  streaming_.reset();
  if (whole) co_await stream_->shutdown();
  // watch_reader goes on for as long as linger() would, or ends at once.
  stream_->set_deadline(whole && !closing_ ? SteadyClock::now() + kLinger : kInThePast);
}

// Whether the body went out whole.
async::Task<bool> Connection::send_pieces() {
  std::string chunk;
  for (;;) {
    allow(table_.limits.handler);
    auto piece = co_await next_piece();
    if (reader_gone_) co_return false;
    if (!piece) {
      log::warning("an answer was cut off", {{"request", id_.text()}, {"detail", piece.error().detail}});
      co_return false;
    }
    const bool last = !piece->has_value();
    chunk.clear();
    if (framing_of_stream() == Body::in_chunks) {
      append_chunk(chunk, last ? std::string_view() : std::string_view(**piece));
    } else if (!last) {
      chunk = *std::move(*piece);
    }
    const bool written = co_await write_large(chunk, kStreamPiece);
    if (!written) co_return false;
    if (last) co_return true;
  }
}

async::Task<Result<std::optional<std::string>>> Connection::next_piece() {
  std::string thrown;
  try {
    co_return co_await streaming_->next();
  } catch (const std::exception& error) {
    thrown = error.what();
  }
  co_return fail(ErrorCode::internal, "exception", thrown);
}

// What is sent behind the request of a stream is dropped, so much of it; then only a failed write tells that nobody reads.
async::Task<void> Connection::watch_reader(std::shared_ptr<Connection> self) {
  Connection& c = *self;
  c.in_.resize(kSmallBuffer);
  for (std::size_t discarded = 0; discarded < kLingerBytes;) {
    const auto count = co_await c.stream_->read_some(c.in_);
    if (!count) break;
    discarded += *count;
    if (discarded >= kLingerBytes) co_return;
  }
  c.reader_gone_ = true;
  if (c.streaming_) c.streaming_->stop();
}

async::Task<void> Connection::refuse(const RequestReader::Rejection& rejection) {
  Request& request = reader_.request();
  if (request.id.text().empty()) request.id = new_request_id();
  const Response response = problem(rejection.status, rejection.error, request);
  append_response(out_, response, request.id, Persistence::close, request.method == Method::head ? Body::omit : Body::send);
  const bool flushed = co_await flush();
  if (flushed) co_await linger();
}

// RFC 9112 section 9.6: closing while the client still sends would reset the connection and may
// take the answer away from it.
async::Task<void> Connection::linger() {
  co_await stream_->shutdown();
  allow(kLinger);
  in_.resize(kLargeBuffer);
  for (std::size_t discarded = 0; discarded < kLingerBytes;) {
    const auto count = co_await stream_->read_some(in_);
    if (!count) co_return;
    discarded += *count;
  }
}

void Connection::give_up_on_handler() {
  abandoned_ = true;
  join(table_.busy);
  if (writing_) {
    close_soon();
    return;
  }
  Request request;
  request.id = id_;
  const Error error{ErrorCode::unavailable, "handler-too-slow", "The answer took too long. What was asked for may still happen."};
  append_response(out_, problem(error, request), id_, Persistence::close, head_ ? Body::omit : Body::send);
  table_.loop->spawn(finish_without_handler(shared_from_this()));
}

async::Task<void> Connection::finish_without_handler(std::shared_ptr<Connection> self) {
  self->stream_->set_deadline(SteadyClock::now() + self->table_.limits.body);
  (void)co_await self->stream_->write_all(self->out_);
  co_await self->stream_->shutdown();
  self->stream_.reset();  // serve() does not touch it again
}

}  // namespace quicklime::http
