#pragma once
// Internal: one connection of the server, and what the connections of one loop share.

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "async/stream.hpp"
#include "async/task.hpp"
#include "http/request_reader.hpp"
#include "http/server.hpp"
#include "http/status.hpp"

namespace quicklime::http {

class Connection;
using SteadyClock = std::chrono::steady_clock;

// Touched by the loop's thread only (and by who destroys the loop, after that thread).
// Each connection is in one of the lists; each list is in the order in which they joined it.
struct ConnectionTable {
  const Limits& limits;
  std::function<void()> on_empty;  // once, while draining: the last connection is gone
  async::Loop* loop = nullptr;
  std::list<Connection*> fresh{};      // no request has come whole yet
  std::list<Connection*> idle{};       // between requests
  std::list<Connection*> handling{};   // a handler is at work
  std::list<Connection*> streaming{};  // sending a body that is made meanwhile
  std::list<Connection*> busy{};       // reading or writing
  bool draining = false;
  std::string spare{};  // the output buffer of whoever writes: idle connections hold none

  std::size_t of_operator = 0;  // how many of all are the operator's

  std::size_t size() const { return fresh.size() + idle.size() + handling.size() + streaming.size() + busy.size(); }
  // Who is missed least: the longest idle, else the oldest that has not asked anything yet.
  Connection* least_missed(bool of_operator) const;
  // Whether one more may come: at the limit the least missed one makes room; when all are at work there is none.
  bool make_room(bool of_operator);
  void close_some_idle();              // descriptors have run out
  void drain();                        // idle connections close now, streams are told to stop, the others close with their next answer
  void cut();                          // all close now
  void left();                         // a connection is gone
  async::Task<void> watch_handlers();  // 503 for who waits too long; never ends
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(ConnectionTable& table, std::unique_ptr<async::Stream> stream, std::shared_ptr<const Router> router, bool of_operator);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  static async::Task<void> serve(std::shared_ptr<Connection> self);

  void close_soon();  // whatever it reads or writes fails at once
  bool of_operator() const { return of_operator_; }
  bool is_quiet() const { return reader_.state() == State::idle && begin_ == end_; }
  bool handling_since_before(SteadyClock::time_point limit) const { return handling_since_ < limit; }
  void stop_stream() { streaming_->stop(); }
  // Answers 503 in place of the handler, which goes on for nobody.
  void give_up_on_handler();

 private:
  using State = RequestReader::State;
  enum class Incoming { request, rejected, too_slow, closed };

  async::Task<Incoming> more_bytes();
  async::Task<Response> ask_router(Request request);
  async::Task<bool> answer(const Response& response);
  async::Task<void> refuse(const RequestReader::Rejection& rejection);
  async::Task<bool> flush();
  async::Task<bool> write_large(std::string_view body, std::size_t piece);
  async::Task<void> send_stream(Response response);
  async::Task<bool> send_pieces();
  async::Task<Result<std::optional<std::string>>> next_piece();
  static async::Task<void> watch_reader(std::shared_ptr<Connection> self);
  async::Task<void> linger();
  static async::Task<void> finish_without_handler(std::shared_ptr<Connection> self);

  void join(std::list<Connection*>& list);
  Body framing_of_stream() const { return reader_.old_version() ? Body::until_close : Body::in_chunks; }
  void allow(std::chrono::milliseconds time);  // for what comes next; nothing any more when this is to close soon
  void begin_stage(State stage);
  std::span<char> space();
  std::string_view unread() const { return std::string_view(in_).substr(begin_, end_ - begin_); }

  ConnectionTable& table_;
  std::unique_ptr<async::Stream> stream_;
  std::shared_ptr<const Router> router_;
  RequestReader reader_;

  std::string in_;  // what was read; begin_..end_ not yet taken by the reader
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::string out_;  // answers not yet written

  // Of the request at hand, which the handler has:
  RequestId id_{""};
  bool head_ = false;
  bool keep_alive_ = true;

  // Of the answer, when it is a stream:
  std::shared_ptr<BodyStream> streaming_{};
  bool reader_gone_ = false;

  State stage_ = State::complete;  // for which the deadline was set
  bool writing_ = false;
  bool abandoned_ = false;
  bool closing_ = false;  // makes room for others: no last words
  const bool of_operator_;
  SteadyClock::time_point handling_since_{};
  std::list<Connection*>* list_;
  std::list<Connection*>::iterator place_;
};

}  // namespace quicklime::http
