#pragma once
// Whatever is shown (a password, a one-time URL, a client certificate, the assertion of a provider) is exchanged for a session: one event,
// and a secret that is shown once.
//
//   who is it     a local account, a directory, a provider, a certificate of this CA
//   what may he   of a local account as it says; of everybody else by the rules of his provider
//   session       session.created, which names the versions of user and rules that it was judged by (access/session.hpp)
//   the verdict   by this role's own view: it is given out only when it stands

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "access/exchange.hpp"
#include "access/session.hpp"
#include "api/context.hpp"
#include "identity/directories.hpp"
#include "identity/guessing.hpp"
#include "identity/password.hpp"
#include "identity/person.hpp"
#include "identity/provider.hpp"
#include "identity/settings.hpp"
#include "identity/user_id.hpp"
#include "identity/view.hpp"
#include "pki/certificate.hpp"

namespace quicklime::identity {

struct SignedIn {
  access::SessionRecord session;
  Secret text;
  Position position;
  std::string device_cookie{};  // of a password: this device is not kept out by what others guess
};

// One for each process. Any loop.
class SignIn {
 public:
  // What every way needs to know of the request.
  struct Request {
    eventlog::Cause cause;
    std::string address{};                  // of the client; "": the control socket
    std::string device_cookie{};            // what he shows
    std::optional<SerialNumber> voucher{};  // of the peer that saw his client certificate: it lets him in
    bool in_browser = false;                // the session ends when nothing is done (access.idle), unless the page extends it
  };

  // "setting-invalid", naming the connection that is wrong.
  static Result<std::shared_ptr<SignIn>> make(const api::ServiceContext& context, Secret access_key);
  ~SignIn();
  SignIn(const SignIn&) = delete;
  SignIn& operator=(const SignIn&) = delete;

  // user: as it was typed: "alice", "local:alice", "acme:alice". "sign-in-failed" (401), alike for whatever reason and not before
  // access.failure_floor after his password was looked at; "sign-in-limited" (429), "sign-in-busy" (503); "no-rule-matches",
  // "roles-exclude" (403) of who is known and may nothing.
  async::Task<Result<SignedIn>> by_password(std::string user, Secret password, Request request);
  // Of somebody who is signed in: asked once more, for a stolen session is not to guess at the password either. "sign-in-limited".
  async::Task<Result<bool>> is_password_of(const Account& account, const Secret& password, Request request);
  // Of a token that is for this alone (token.created, single_use). "one-time-used" (409), "sign-in-failed".
  async::Task<Result<SignedIn>> by_one_time(Secret token, Request request);
  // DER, possession proved, to this process or to a peer that is live: a live certificate of this CA. "client-certificate-refused" (401).
  async::Task<Result<SignedIn>> by_certificate(std::string certificate, std::optional<pki::Certificate> voucher, Request request);
  // A JWT of a provider: a person's ID token, or that of a program. The same one gives the same session as long as the rules of its
  // provider stand (`once`), and no new one is made. "assertion-refused" (401), and what Provider::verify says.
  async::Task<Result<SignedIn>> by_assertion(std::string assertion, Request request);
  // Somebody who is signed in lets a command line be him: id and hash are the command line's, who alone has the secret.
  async::Task<Result<SignedIn>> approve(access::Identity who, SessionId session, std::string secret_sha256, Request request);
  // Whom the rules of his provider admit, whoever showed him. "no-rule-matches", "roles-exclude".
  async::Task<Result<SignedIn>> admit_person(Person person, std::string method, Request request);

  const Directories& directories() const { return directories_; }
  // nullptr: there is none of this name.
  Provider* provider(const std::string& name) const;
  std::vector<std::string> browser_providers() const;
  const Secret& access_key() const { return access_key_; }
  // Sessions of people of directories, whom their directory does not know any more or knows otherwise: ended (access.recheck).
  async::Task<void> recheck();

  Passwords& passwords() { return *passwords_; }
  const Settings& settings() const { return settings_; }
  std::optional<std::string> banner() const { return banner_; }

 private:
  struct Admitted {  // as session.created has it
    UserId user;
    std::string name;
    std::string method;
    std::string role;
    std::vector<std::string> profiles;
    std::vector<std::string> names;
    std::uint64_t user_version;
    std::uint64_t provider_version;
    Instant until;  // it ends then at the latest
    std::uint64_t failures = 0;
    std::vector<std::string> once{};
  };
  // by: who lets him in; of all ways but approve() this role itself.
  async::Task<Result<SignedIn>> admit(Admitted admitted, access::NewSession session, Request request, events::Actor by);
  static events::Actor by_itself();
  async::Task<Result<void>> end(SessionId session, UserId user, std::string why, eventlog::Cause cause);
  async::Task<Result<SignedIn>> admit_account(KnownUser user, std::string method, Instant until, std::uint64_t failures,
                                              std::vector<std::string> once, Request request);
  SignIn(const api::ServiceContext& context, Secret access_key, Directories directories,
         std::map<std::string, std::unique_ptr<Provider>> providers);
  async::Task<Result<SignedIn>> admit_person_as(Person person, std::string method, access::NewSession session,
                                                std::vector<std::string> once, Request request);
  // nullopt: the directories that were asked know nobody by this name and password.
  async::Task<Result<std::optional<Person>>> of_directories(const UserId& typed, const Secret& password);
  async::Task<Result<void>> recheck(access::SessionRecord session);
  struct Local {
    KnownUser known;
    bool in;  // it is his password, and he is enabled
  };
  async::Task<Result<Local>> local_by_password(const std::string& name, const Secret& password);
  async::Task<Result<SignedIn>> admit_known(KnownUser local, std::optional<Person> person, std::uint64_t failures, Request request);
  Result<void> not_too_often(const UserId& user);
  async::Task<void> wait_for_floor(std::chrono::steady_clock::time_point began) const;

  const api::ServiceContext context_;
  const Settings& settings_;
  const Secret access_key_;
  const std::optional<std::string> banner_;
  const Directories directories_;
  const std::map<std::string, std::unique_ptr<Provider>> providers_;
  std::unique_ptr<Passwords> passwords_;
  std::unique_ptr<Guessing> guessing_;
  struct {
    metrics::Counter &succeeded, &failed, &limited;
  } counts_;
  std::mutex mutex_;
  std::int64_t minute_ = 0;
  std::unordered_map<std::string, unsigned> in_this_minute_;  // sessions of a user
};

// What the other roles ask. clock: for the ids of requests that have none.
std::shared_ptr<access::Exchange> exchange_of(std::shared_ptr<SignIn> sign_in, const Clock& clock);

}  // namespace quicklime::identity
