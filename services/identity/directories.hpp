#pragma once
// All [ldap.NAME], asked from coroutines. Each has threads and a queue of its own: one that is silent stops nobody else, nor another.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "identity/directory.hpp"

namespace quicklime::identity {

class Directories {
 public:
  // What is wrong in the files that the settings name.
  static Result<Directories> make(const std::map<std::string, DirectorySettings>& settings,
                                  Milliseconds deadline = std::chrono::seconds(3));
  // Waits for the questions under way, `deadline` at most; destroy it after the loops.
  ~Directories();
  Directories(Directories&& other) noexcept;

  std::vector<std::string> names() const;
  bool has(const std::string& provider) const;
  bool has_service_account(const std::string& provider) const;  // of one that it has

  // As Directory's, for a provider that it has. Answered within three deadlines: a question that has waited for one is not asked any more.
  // Whoever asks is told only that the directory cannot be asked ("directory-unreachable", "directory-refused"); why is a line of the
  // process's log. "sign-in-busy": as many as it takes are waiting.
  async::Task<Result<std::optional<Person>>> sign_in(std::string provider, std::string name, Secret password) const;
  // Of the first that knows him, by their names; an error is why it cannot be said: one of them is away, and no other has him.
  async::Task<Result<std::optional<Person>>> sign_in_anywhere(std::string name, Secret password) const;
  async::Task<Result<std::optional<Person>>> look_up(std::string provider, std::string subject) const;

 private:
  struct Asked;
  Directories();

  std::map<std::string, std::unique_ptr<Asked>> asked_;
};

}  // namespace quicklime::identity
