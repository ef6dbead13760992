#include "identity/password.hpp"

#include <argon2.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "base/encoding.hpp"
#include "base/logging.hpp"
#include "base/printable.hpp"
#include "crypto/hash.hpp"
#include "crypto/random.hpp"
#include "crypto/sealing.hpp"

namespace quicklime::identity {
namespace {

constexpr std::size_t kShortest = 8;  // characters
constexpr std::size_t kLongest = 256;
constexpr std::size_t kSaltSize = 16;  // octets
constexpr std::size_t kHashSize = 32;
constexpr std::uint32_t kLanes = 1;  // threads of one password: more gain nothing where many sign in
constexpr int kNiceness = 5;         // issuing and OCSP go first
constexpr const char* kPurpose = "password";

std::size_t count_of_characters(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool same_but_for_case(std::string_view left, std::string_view right) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), [&](char a, char b) { return lower(a) == lower(b); });
}

Failure busy(const char* detail) { return fail(Error{ErrorCode::unavailable, "sign-in-busy", detail, {}, 1}); }
constexpr const char* kNoMemory = "the server has no memory for checking a password right now: ask again";
constexpr const char* kNoPlace = "more people sign in than the server can check passwords of: ask again";

// "$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>": what it was made with stands in it.
Result<Secret> argon2id(const PasswordCost& cost, std::string_view password) {
  const auto passes = static_cast<std::uint32_t>(cost.passes);
  const auto memory = static_cast<std::uint32_t>(cost.memory);
  const std::string salt = crypto::random_bytes(kSaltSize);
  std::string text(argon2_encodedlen(passes, memory, kLanes, kSaltSize, kHashSize, Argon2_id), '\0');
  const int done = argon2id_hash_encoded(passes, memory, kLanes, password.data(), password.size(), salt.data(), salt.size(), kHashSize,
                                         text.data(), text.size());
  if (done == ARGON2_MEMORY_ALLOCATION_ERROR) return busy(kNoMemory);
  if (done != ARGON2_OK) throw std::logic_error(std::string("argon2: ") + argon2_error_message(done));
  text.resize(text.find('\0'));
  return Secret(std::move(text));
}

Result<bool> matches(const std::string& hash, std::string_view password) {
  const int done = argon2id_verify(hash.c_str(), password.data(), password.size());
  if (done == ARGON2_MEMORY_ALLOCATION_ERROR) return busy(kNoMemory);
  return done == ARGON2_OK;
}

std::string id_of(const Secret& access_key) {
  return hex_encode(crypto::view(crypto::sha256_of_parts({"quicklime access key", access_key.reveal()}))).substr(0, 8);
}

std::string hash_of_nobody(const PasswordCost& cost) {
  const auto hash = argon2id(cost, Passwords::kNobodysPassword);
  if (!hash) throw std::bad_alloc();
  return std::string(hash->reveal());
}

}  // namespace

Result<void> check_password(std::string_view user, const Secret& password) {
  const std::string_view text = password.reveal();
  if (!is_printable(text)) {
    return fail(ErrorCode::invalid, "password-not-text",
                "a password is text (UTF-8) without control characters or characters that nobody sees", "password");
  }
  const std::size_t characters = count_of_characters(text);
  if (characters < kShortest) {
    return fail(ErrorCode::invalid, "password-too-short",
                "a password has at least " + std::to_string(kShortest) + " characters, this one has " + std::to_string(characters),
                "password");
  }
  if (characters > kLongest) {
    return fail(ErrorCode::invalid, "password-too-long", "a password has at most " + std::to_string(kLongest) + " characters", "password");
  }
  if (same_but_for_case(text, user) || same_but_for_case(text, user.substr(user.find(':') + 1))) {
    return fail(ErrorCode::invalid, "password-is-name", "a password is not the user's name", "password");
  }
  return {};
}

Passwords::Passwords(PasswordCost cost, Secret access_key)
    : cost_(cost),
      access_key_(std::move(access_key)),
      key_id_(id_of(access_key_)),
      nobody_(hash_of_nobody(cost)),
      pool_(static_cast<unsigned>(cost.threads), "passwords", [] { [[maybe_unused]] const int ignored = ::nice(kNiceness); }) {}

std::shared_ptr<void> Passwords::place() {
  std::size_t taken = places_taken_.load();
  do {
    if (taken >= cost_.threads + kWaiting) return nullptr;
  } while (!places_taken_.compare_exchange_weak(taken, taken + 1));
  return {this, [](Passwords* self) { --self->places_taken_; }};
}

async::Task<Result<std::string>> Passwords::sealed(std::string user, const Secret& password) {
  auto taken = place();
  if (!taken) co_return busy(kNoPlace);
  const auto text = std::make_shared<const Secret>(Secret::copy_of(password.reveal()));
  auto work = [this, taken = std::move(taken), text, user = std::move(user)]() -> Result<std::string> {
    const auto hash = argon2id(cost_, text->reveal());
    if (!hash) return forward(hash);
    return crypto::seal(access_key_, kPurpose, user, hash->reveal());
  };
  co_return co_await pool_.run(std::move(work));
}

async::Task<Result<bool>> Passwords::verify(std::string user, std::optional<std::string> sealed, const Secret& password) {
  auto taken = place();
  if (!taken) co_return busy(kNoPlace);
  const auto text = std::make_shared<const Secret>(Secret::copy_of(password.reveal()));
  auto work = [this, taken = std::move(taken), text, user = std::move(user), sealed = std::move(sealed)]() -> Result<bool> {
    bool has_one = false;
    std::string hash = nobody_;
    if (sealed) {
      const auto opened = crypto::unseal(access_key_, kPurpose, user, *sealed);
      has_one = opened.has_value();
      if (opened) hash = opened->reveal();
      if (!opened) log::error("a password does not open", {{"user", user}, {"reason", opened.error().reason}});
    }
    const auto matched = matches(hash, text->reveal());
    wipe(hash);
    if (!matched) return forward(matched);
    return *matched && has_one;
  };
  co_return co_await pool_.run(std::move(work));
}

}  // namespace quicklime::identity
