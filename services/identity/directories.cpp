#include "identity/directories.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <utility>

#include "async/completion.hpp"
#include "async/offload.hpp"
#include "base/logging.hpp"

namespace quicklime::identity {
namespace {

constexpr unsigned kAtATime = 2;  // questions to one directory
constexpr unsigned kInAll = 2 + 32;

using FoundPerson = Result<std::optional<Person>>;
using Question = std::function<FoundPerson(const Directory& directory)>;

Failure unreachable(const std::string& provider, const std::string& why) {
  return fail(ErrorCode::unavailable, "directory-unreachable", "the directory " + provider + " " + why);
}

// What it says of itself is for whoever runs the CA: who asks is anybody.
FoundPerson for_strangers(const std::string& provider, FoundPerson answer) {
  if (answer || answer.error().code != ErrorCode::unavailable) return answer;
  log::warning("a directory cannot be asked",
               {{"provider", provider}, {"reason", answer.error().reason}, {"detail", answer.error().detail}});
  Error error = std::move(answer).error();
  error.detail = "the directory " + provider + " cannot be asked now; its people can sign in when it can, those of this CA at any time";
  error.retry_after_seconds = 5;
  return fail(std::move(error));
}

}  // namespace

struct Directories::Asked {
  Asked(Directory of, Milliseconds within) : directory(std::move(of)), deadline(within) {}

  async::Task<FoundPerson> ask(std::string provider, Question question) {
    if (under_way.fetch_add(1) >= kInAll) {
      under_way.fetch_sub(1);
      Error busy{ErrorCode::unavailable, "sign-in-busy", "too many sign in at once; ask again", {}, 1};
      co_return fail(std::move(busy));
    }
    const async::Completion<FoundPerson> done;
    const auto since = std::chrono::steady_clock::now();
    pool.post([this, done, since, provider, question = std::move(question)] {
      const bool in_time = std::chrono::steady_clock::now() - since <= deadline;
      auto answer = in_time ? question(directory) : unreachable(provider, "has kept others waiting for too long");
      under_way.fetch_sub(1);
      done.complete(std::move(answer));
    });
    auto answer = co_await done.wait_for(3 * deadline);
    if (!answer) answer.emplace(unreachable(provider, "did not answer in time"));
    co_return for_strangers(provider, std::move(*answer));
  }

  const Directory directory;
  const Milliseconds deadline;
  std::atomic<unsigned> under_way = 0;
  async::OffloadPool pool{kAtATime, "ldap"};  // last: its threads use the others
};

Directories::Directories() = default;
Directories::~Directories() = default;
Directories::Directories(Directories&& other) noexcept = default;

Result<Directories> Directories::make(const std::map<std::string, DirectorySettings>& settings, Milliseconds deadline) {
  Directories directories;
  for (const auto& [name, one] : settings) {
    auto directory = Directory::make(name, one, deadline);
    if (!directory) return forward(std::move(directory));
    directories.asked_.emplace(name, std::make_unique<Asked>(std::move(*directory), deadline));
  }
  return directories;
}

std::vector<std::string> Directories::names() const {
  std::vector<std::string> all;
  for (const auto& [name, asked] : asked_) all.push_back(name);
  return all;
}

bool Directories::has(const std::string& provider) const { return asked_.contains(provider); }
bool Directories::has_service_account(const std::string& provider) const { return asked_.at(provider)->directory.has_service_account(); }

async::Task<FoundPerson> Directories::sign_in(std::string provider, std::string name, Secret password) const {
  Asked& asked = *asked_.at(provider);
  Question question = [name = std::move(name), password = std::make_shared<Secret>(std::move(password))](const Directory& directory) {
    return directory.sign_in(name, *password);
  };
  co_return co_await asked.ask(std::move(provider), std::move(question));
}

async::Task<FoundPerson> Directories::sign_in_anywhere(std::string name, Secret password) const {
  FoundPerson nobody = std::optional<Person>();
  for (const auto& [provider, asked] : asked_) {
    Secret shown = Secret::copy_of(password.reveal());
    auto answer = co_await sign_in(provider, name, std::move(shown));
    if (answer && !*answer) continue;
    if (answer || answer.error().code != ErrorCode::unavailable) co_return answer;
    nobody = std::move(answer);
  }
  co_return nobody;
}

async::Task<FoundPerson> Directories::look_up(std::string provider, std::string subject) const {
  Asked& asked = *asked_.at(provider);
  Question question = [subject = std::move(subject)](const Directory& directory) { return directory.look_up(subject); };
  co_return co_await asked.ask(std::move(provider), std::move(question));
}

}  // namespace quicklime::identity
