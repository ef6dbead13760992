#pragma once
// Who guesses passwords is stopped, and whom he guesses about is not: nothing is locked, names that nobody has are counted like all others,
// and a device that signed in before is let try although others failed.

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "identity/device_cookie.hpp"

namespace quicklime::identity {

struct GuessingLimits {
  std::size_t failures = 5;              // of one name, one address (an IPv6 network of 64 bits being one) or one known device, ...
  std::chrono::seconds window{15 * 60};  // ... and nothing more is tried until so long after the last of them
};

// One per process, in fixed memory: n replicas allow n times as much. Names and addresses that hash to one place share its count; which do
// is not known outside, so nobody can choose whom to keep out. Any thread.
class Guessing {
 public:
  using MonotonicSeconds = std::function<std::uint64_t()>;
  Guessing(GuessingLimits limits, const Secret& access_key, MonotonicSeconds seconds = {});  // of the steady clock

  struct Success {
    std::string device_cookie;   // for the next time
    std::uint32_t failures = 0;  // of this name since its last success, as far as this process knows
  };
  // A password that is about to be checked. One of failed() and succeeded(), or neither: nothing was checked (a directory that does not
  // answer, too many at once). It does not outlive its Guessing.
  class Attempt {
   public:
    Attempt(Attempt&& other) noexcept;
    Attempt& operator=(Attempt&&) = delete;
    ~Attempt();
    void failed();
    Success succeeded();

   private:
    friend class Guessing;
    Attempt(Guessing& guessing, std::string name) : guessing_(&guessing), name_(std::move(name)) {}
    Guessing* guessing_;  // nullptr: its end is known
    std::string name_;    // folded
    std::size_t name_place_ = 0, address_place_ = 0, device_place_ = 0;
    bool has_address_ = false, is_known_device_ = false, has_other_letters_ = false;
  };
  // Before anything is looked up. name: as it was typed, with its provider where that was given; address: of who asks, with or without a
  // port,
  // "": the control socket; device_cookie: what he shows, or "". "sign-in-limited" says when to come again.
  Result<Attempt> may_try(std::string_view name, std::string_view address, std::string_view device_cookie);

 private:
  static constexpr std::size_t kPlaces = 65'536;
  static constexpr std::uint32_t kAtOnce = 32;  // of one name while none has failed
  // A directory may map very many letters other than ASCII to one, so that one person has very many names: as often as this together may
  // all names that have such letters fail for each time that one of them may.
  static constexpr std::size_t kOtherLetters = 20;
  struct Place {
    std::uint64_t last_failure = 0;  // seconds
    std::uint32_t failures = 0;      // none of them older than the window was when the next came
    std::uint32_t being_tried = 0;
    std::uint32_t since_success = 0;
  };
  using Places = std::array<Place, kPlaces>;

  std::size_t place_of(std::string_view kind, std::string_view key) const;
  std::uint32_t wait_of(Place& place, bool one_by_one) const;  // seconds; 0: none
  std::uint32_t wait_of(Place& place, bool one_by_one, std::size_t failures) const;
  Place& other_letters() { return (*names_)[place_of("letters", "other")]; }
  void note_failure(Place& place) const;
  void end(Attempt& attempt, bool failed);
  Success note_success(Attempt& attempt);

  const GuessingLimits limits_;
  const Secret seed_;  // of places
  const DeviceCookies devices_;
  const MonotonicSeconds seconds_;
  std::mutex mutex_;
  std::unique_ptr<Places> names_, addresses_, known_devices_;
};

// What a directory may take for the same is the same: lower case, without blanks. Letters other than ASCII stand as they are.
std::string folded_name(std::string_view name);

}  // namespace quicklime::identity
