#include "identity/guessing.hpp"

#include <algorithm>
#include <utility>

#include "api/failure_limit.hpp"
#include "crypto/hash.hpp"
#include "crypto/random.hpp"

namespace quicklime::identity {
namespace {

std::uint64_t steady_seconds() {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now().time_since_epoch()).count());
}

bool is_other_letter(char c) { return static_cast<unsigned char>(c) >= 0x80U; }

Failure limited(std::uint32_t seconds) {
  return fail(Error{ErrorCode::too_many,
                    "sign-in-limited",
                    "too many sign-ins failed for this name or from this address: come again in " + std::to_string(seconds) +
                        " s. Who has signed in here before, from this browser, is not kept out",
                    {},
                    seconds});
}

}  // namespace

std::string folded_name(std::string_view name) {
  std::string folded;
  for (const char c : name) {
    const bool is_shown = is_other_letter(c) || (c > ' ' && c < '\x7F');
    if (is_shown) folded += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return folded;
}

Guessing::Guessing(GuessingLimits limits, const Secret& access_key, MonotonicSeconds seconds)
    : limits_(limits),
      seed_(crypto::random_secret(32)),
      devices_(access_key),
      seconds_(seconds ? std::move(seconds) : MonotonicSeconds(steady_seconds)),
      names_(std::make_unique<Places>()),
      addresses_(std::make_unique<Places>()),
      known_devices_(std::make_unique<Places>()) {}

std::size_t Guessing::place_of(std::string_view kind, std::string_view key) const {
  const auto digest = crypto::hmac_sha256(seed_, std::string(kind) + ":" + std::string(key));
  const auto octet = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(digest[i])); };
  return (octet(0) << 8U | octet(1)) % kPlaces;
}

std::uint32_t Guessing::wait_of(Place& place, bool one_by_one) const { return wait_of(place, one_by_one, limits_.failures); }

std::uint32_t Guessing::wait_of(Place& place, bool one_by_one, std::size_t failures) const {
  const std::uint64_t now = seconds_();
  const auto window = static_cast<std::uint64_t>(limits_.window.count());
  if (place.failures > 0 && now - place.last_failure >= window) place.failures = 0;
  if (place.failures >= failures) return static_cast<std::uint32_t>(place.last_failure + window - now);
  if (!one_by_one) return 0;
  // What is being tried may fail: no more at once than may.
  const auto at_once = place.failures == 0 ? kAtOnce : static_cast<std::uint32_t>(failures) - place.failures;
  return place.being_tried < at_once ? 0 : 1;
}

Result<Guessing::Attempt> Guessing::may_try(std::string_view name, std::string_view address, std::string_view device_cookie) {
  Attempt attempt(*this, folded_name(name));
  attempt.is_known_device_ = devices_.knows(attempt.name_, device_cookie);
  attempt.has_address_ = !address.empty();
  attempt.has_other_letters_ = std::any_of(name.begin(), name.end(), is_other_letter);
  attempt.name_place_ = place_of("name", attempt.name_);
  attempt.address_place_ = place_of("address", api::subscriber(address));
  attempt.device_place_ = place_of("device", device_cookie);

  const std::lock_guard lock(mutex_);
  // A device that failed too often itself is one like any other.
  if (attempt.is_known_device_ && wait_of((*known_devices_)[attempt.device_place_], true) > 0) attempt.is_known_device_ = false;
  Place& counted = attempt.is_known_device_ ? (*known_devices_)[attempt.device_place_] : (*names_)[attempt.name_place_];
  std::uint32_t wait = attempt.is_known_device_ ? 0 : wait_of(counted, true);
  if (!attempt.is_known_device_ && attempt.has_address_) wait = std::max(wait, wait_of((*addresses_)[attempt.address_place_], false));
  if (!attempt.is_known_device_ && attempt.has_other_letters_)
    wait = std::max(wait, wait_of(other_letters(), false, limits_.failures * kOtherLetters));
  if (wait > 0) {
    attempt.guessing_ = nullptr;
    return limited(wait);
  }
  ++counted.being_tried;
  return attempt;
}

void Guessing::note_failure(Place& place) const {
  ++place.failures;
  place.last_failure = seconds_();
}

void Guessing::end(Attempt& attempt, bool failed) {
  const std::lock_guard lock(mutex_);
  Place& name = (*names_)[attempt.name_place_];
  Place& counted = attempt.is_known_device_ ? (*known_devices_)[attempt.device_place_] : name;
  --counted.being_tried;
  if (!failed) return;
  ++name.since_success;
  note_failure(counted);
  if (!attempt.is_known_device_ && attempt.has_other_letters_) note_failure(other_letters());
  if (!attempt.is_known_device_ && attempt.has_address_) note_failure((*addresses_)[attempt.address_place_]);
}

// The address is not forgiven: who guesses at others' names may have one of his own. Nor is the name, where a known device was let in
// beside the guessing.
Guessing::Success Guessing::note_success(Attempt& attempt) {
  end(attempt, false);
  const std::lock_guard lock(mutex_);
  Place& name = (*names_)[attempt.name_place_];
  (attempt.is_known_device_ ? (*known_devices_)[attempt.device_place_] : name).failures = 0;
  return {devices_.make(attempt.name_), std::exchange(name.since_success, 0)};
}

Guessing::Attempt::Attempt(Attempt&& other) noexcept
    : guessing_(std::exchange(other.guessing_, nullptr)),
      name_(std::move(other.name_)),
      name_place_(other.name_place_),
      address_place_(other.address_place_),
      device_place_(other.device_place_),
      has_address_(other.has_address_),
      is_known_device_(other.is_known_device_),
      has_other_letters_(other.has_other_letters_) {}

Guessing::Attempt::~Attempt() {
  if (guessing_ != nullptr) guessing_->end(*this, false);
}

void Guessing::Attempt::failed() {
  if (Guessing* guessing = std::exchange(guessing_, nullptr)) guessing->end(*this, true);
}

Guessing::Success Guessing::Attempt::succeeded() {
  Guessing* guessing = std::exchange(guessing_, nullptr);
  return guessing == nullptr ? Success{} : guessing->note_success(*this);
}

}  // namespace quicklime::identity
