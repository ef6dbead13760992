#include "identity/directory_connection.hpp"

#include <ldap.h>
#include <openldap.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

#include "base/printable.hpp"

namespace quicklime::identity {
namespace {

constexpr const char* kRootsOfTheSystem = "/etc/ssl/certs/ca-certificates.crt";

template <auto release>
struct Releaser {
  template <class T>
  void operator()(T* what) const {
    release(what);
  }
};
template <class T, auto release>
using Owned = std::unique_ptr<T, Releaser<release>>;

void unbind(LDAP* ldap) { ::ldap_unbind_ext_s(ldap, nullptr, nullptr); }
void free_texts(char** texts) { ::ldap_memvfree(reinterpret_cast<void**>(texts)); }
using Message = Owned<LDAPMessage, ::ldap_msgfree>;
using LdapText = Owned<char, ::ldap_memfree>;
using LdapTexts = Owned<char*, free_texts>;

std::vector<std::string> texts_of(char** texts) {
  std::vector<std::string> all;
  for (; texts != nullptr && *texts != nullptr; ++texts) all.push_back(printable(*texts));
  return all;
}

class LibldapConnection : public DirectoryConnection {
 public:
  LibldapConnection(std::string url, std::string roots)
      : url_(std::move(url)), roots_(roots.empty() ? kRootsOfTheSystem : std::move(roots)) {}

  Result<void> begin(WatchedSocket::Deadline deadline) {
    LDAPURLDesc* parsed = nullptr;
    if (::ldap_url_parse(url_.c_str(), &parsed) != LDAP_URL_SUCCESS) return refused("is no URL of a directory");
    const Owned<LDAPURLDesc, ::ldap_free_urldesc> url(parsed);
    const bool tls_first = std::string_view(url->lud_scheme) == "ldaps";
    host_ = url->lud_host == nullptr ? "" : url->lud_host;
    port_ = static_cast<std::uint16_t>(url->lud_port != 0 ? url->lud_port : tls_first ? LDAPS_PORT : LDAP_PORT);

    auto connected = WatchedSocket::connect(host_, port_, deadline);
    if (!connected) return forward(std::move(connected));
    socket_ = std::move(*connected);
    const int lent = socket_->lend();
    LDAP* made = nullptr;
    if (lent < 0 || ::ldap_init_fd(lent, LDAP_PROTO_TCP, url_.c_str(), &made) != LDAP_SUCCESS) {
      if (lent >= 0) ::close(lent);
      return unreachable("cannot be asked: out of memory or of open files");
    }
    ldap_.reset(made);
    if (!set_options()) return unreachable("cannot be asked: the roots in " + roots_ + " cannot be read as certificates");
    return tls_first ? handshake(::ldap_install_tls(ldap_.get())) : start_tls();
  }

  Result<Bound> bind(const std::string& dn, const Secret& password) override {
    if (dn.empty() || password.empty()) return Bound::refused;
    berval credentials{password.reveal().size(), const_cast<char*>(password.reveal().data())};
    LDAPControl policy_request{const_cast<char*>(LDAP_CONTROL_PASSWORDPOLICYREQUEST), {0, nullptr}, 0};
    LDAPControl* controls[] = {&policy_request, nullptr};
    int id = 0;
    int code = ::ldap_sasl_bind(ldap_.get(), dn.c_str(), LDAP_SASL_SIMPLE, &credentials, controls, nullptr, &id);
    if (code != LDAP_SUCCESS) return failed("a bind as " + dn, code);
    const auto answer = result_of(id);
    if (!answer) return failed("a bind as " + dn, LDAP_SERVER_DOWN);

    char* text = nullptr;
    char** referrals = nullptr;
    LDAPControl** answered = nullptr;
    const int parsed = ::ldap_parse_result(ldap_.get(), answer.get(), &code, nullptr, &text, &referrals, &answered, 0);
    const LdapText text_owner(text);
    const LdapTexts referrals_owner(referrals);
    const Owned<LDAPControl*, ::ldap_controls_free> controls_owner(answered);
    if (parsed != LDAP_SUCCESS) return failed("a bind as " + dn, parsed);
    const auto policy = policy_error(answered);
    switch (code) {
      case LDAP_SUCCESS: return policy == PP_changeAfterReset ? Bound::must_change : Bound::accepted;
      case LDAP_INVALID_CREDENTIALS: return policy == PP_passwordExpired ? Bound::must_change : Bound::refused;
      // Nobody of that name, nobody who has a password, somebody who is locked: directories differ in what they call it.
      case LDAP_NO_SUCH_OBJECT:
      case LDAP_INVALID_DN_SYNTAX:
      case LDAP_INAPPROPRIATE_AUTH:
      case LDAP_INSUFFICIENT_ACCESS:
      case LDAP_UNWILLING_TO_PERFORM:
      case LDAP_CONSTRAINT_VIOLATION: return Bound::refused;
      default: return failed("a bind as " + dn, code, text == nullptr ? "" : text, texts_of(referrals));
    }
  }

  Result<Found> search(const std::string& base, Scope scope, const std::string& filter, const std::vector<std::string>& attributes,
                       int most) override {
    std::vector<char*> asked;
    for (const auto& attribute : attributes) asked.push_back(const_cast<char*>(attribute.c_str()));
    asked.push_back(nullptr);
    LDAPMessage* raw = nullptr;
    const int code = ::ldap_search_ext_s(ldap_.get(), base.c_str(), scope == Scope::this_one ? LDAP_SCOPE_BASE : LDAP_SCOPE_SUBTREE,
                                         filter.c_str(), asked.data(), 0, nullptr, nullptr, nullptr, most, &raw);
    const Message answer(raw);
    const std::string doing = "a search below " + base + " for " + filter;
    if (code == LDAP_REFERRAL) return failed(doing, code, {}, referrals_in(answer.get()));
    if (code != LDAP_SUCCESS && code != LDAP_SIZELIMIT_EXCEEDED) return failed(doing, code, diagnostic());
    Found found;
    found.more = code == LDAP_SIZELIMIT_EXCEEDED;
    for (LDAPMessage* entry = ::ldap_first_entry(ldap_.get(), raw); entry != nullptr; entry = ::ldap_next_entry(ldap_.get(), entry)) {
      found.entries.push_back(entry_of(entry, attributes));
    }
    for (LDAPMessage* one = ::ldap_first_reference(ldap_.get(), raw); one != nullptr; one = ::ldap_next_reference(ldap_.get(), one)) {
      char** urls = nullptr;
      if (::ldap_parse_reference(ldap_.get(), one, &urls, nullptr, 0) != LDAP_SUCCESS) continue;
      const LdapTexts owner(urls);
      for (auto& url : texts_of(urls)) found.elsewhere.push_back(std::move(url));
    }
    return found;
  }

 private:
  // All of them, so that no ldap.conf of the machine and no variable of the environment decides any.
  bool set_options() {
    const int version = LDAP_VERSION3, never = LDAP_DEREF_NEVER, demand = LDAP_OPT_X_TLS_DEMAND, none = LDAP_OPT_X_TLS_CRL_NONE,
              lowest = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2, as_client = 0;
    const timeval never_over{-1, 0};  // the socket is watched
    const auto set = [this](int option, const void* value) { return ::ldap_set_option(ldap_.get(), option, value) == LDAP_OPT_SUCCESS; };
    (void)set(LDAP_OPT_X_TLS_CRLCHECK, &none);  // known where libldap is linked with OpenSSL
    const bool good = set(LDAP_OPT_PROTOCOL_VERSION, &version) && set(LDAP_OPT_REFERRALS, LDAP_OPT_OFF) && set(LDAP_OPT_DEREF, &never) &&
                      set(LDAP_OPT_RESTART, LDAP_OPT_ON) && set(LDAP_OPT_TIMEOUT, &never_over) &&
                      set(LDAP_OPT_NETWORK_TIMEOUT, &never_over) && set(LDAP_OPT_X_TLS_REQUIRE_CERT, &demand) &&
                      set(LDAP_OPT_X_TLS_CACERTDIR, nullptr) && set(LDAP_OPT_X_TLS_CACERTFILE, roots_.c_str()) &&
                      set(LDAP_OPT_X_TLS_CERTFILE, nullptr) && set(LDAP_OPT_X_TLS_KEYFILE, nullptr) &&
                      set(LDAP_OPT_X_TLS_PROTOCOL_MIN, &lowest);
    return good && set(LDAP_OPT_X_TLS_NEWCTX, &as_client);
  }

  Result<void> start_tls() {
    const int code = ::ldap_start_tls_s(ldap_.get(), nullptr, nullptr);
    if (code > 0) return refused("does not start TLS (" + words(code, diagnostic()) + "), and without it no password is shown to it");
    return handshake(code);
  }

  Result<void> handshake(int code) {
    if (code == LDAP_SUCCESS) return {};
    if (socket_->was_cut()) return too_late("the TLS handshake");
    // libldap has no words for what is wrong with a certificate where it is linked with GnuTLS.
    const std::string where = host_ + ":" + std::to_string(port_);
    return unreachable("shows no certificate that holds: it must be for " + host_ + " and issued under the roots in " + roots_ +
                       "; to see it: openssl s_client -connect " + where + (url_.starts_with("ldaps") ? "" : " -starttls ldap") +
                       " -CAfile " + roots_ + " (" + words(code, diagnostic()) + ")");
  }

  Message result_of(int id) {
    LDAPMessage* raw = nullptr;
    if (::ldap_result(ldap_.get(), id, LDAP_MSG_ALL, nullptr, &raw) <= 0) return nullptr;
    return Message(raw);
  }

  // PP_noError: nothing was said.
  LDAPPasswordPolicyError policy_error(LDAPControl** controls) {
    LDAPControl* policy = controls == nullptr ? nullptr : ::ldap_control_find(LDAP_CONTROL_PASSWORDPOLICYRESPONSE, controls, nullptr);
    ber_int_t seconds_left = 0, uses_left = 0;
    LDAPPasswordPolicyError error = PP_noError;
    if (policy == nullptr || ::ldap_parse_passwordpolicy_control(ldap_.get(), policy, &seconds_left, &uses_left, &error) != LDAP_SUCCESS) {
      return PP_noError;
    }
    return error;
  }

  Entry entry_of(LDAPMessage* raw, const std::vector<std::string>& attributes) {
    Entry entry;
    const LdapText dn(::ldap_get_dn(ldap_.get(), raw));
    if (dn) entry.dn = dn.get();
    for (const auto& attribute : attributes) {
      const Owned<berval*, ::ldap_value_free_len> values(::ldap_get_values_len(ldap_.get(), raw, attribute.c_str()));
      for (berval** value = values.get(); value != nullptr && *value != nullptr; ++value) {
        entry.attributes[attribute].emplace_back((*value)->bv_val, (*value)->bv_len);
      }
    }
    return entry;
  }

  std::vector<std::string> referrals_in(LDAPMessage* answer) {
    char** referrals = nullptr;
    int code = 0;
    if (answer == nullptr || ::ldap_parse_result(ldap_.get(), answer, &code, nullptr, nullptr, &referrals, nullptr, 0) != LDAP_SUCCESS) {
      return {};
    }
    const LdapTexts owner(referrals);
    return texts_of(referrals);
  }

  std::string diagnostic() {
    char* text = nullptr;
    ::ldap_get_option(ldap_.get(), LDAP_OPT_DIAGNOSTIC_MESSAGE, &text);
    const LdapText owner(text);
    return text == nullptr ? "" : text;
  }

  static std::string words(int code, const std::string& text) {
    return ::ldap_err2string(code) + (text.empty() ? std::string() : ": " + printable(text));
  }

  Failure unreachable(const std::string& why) const { return fail(ErrorCode::unavailable, "directory-unreachable", url_ + " " + why); }
  Failure refused(const std::string& why) const { return fail(ErrorCode::unavailable, "directory-refused", url_ + " " + why); }
  Failure too_late(const std::string& doing) const { return unreachable("did not answer in time (" + doing + ")"); }

  Failure failed(const std::string& doing, int code, const std::string& text = {}, const std::vector<std::string>& elsewhere = {}) const {
    if (socket_->was_cut()) return too_late(printable(doing));
    if (code == LDAP_REFERRAL) {
      return refused("sends us to " + (elsewhere.empty() ? "another directory" : elsewhere.front()) +
                     ", and we follow nobody: set url to the one that has these people (" + printable(doing) + ")");
    }
    const bool silent =
        code == LDAP_SERVER_DOWN || code == LDAP_TIMEOUT || code == LDAP_CONNECT_ERROR || code == LDAP_BUSY || code == LDAP_UNAVAILABLE;
    const std::string why = "answered '" + words(code, text) + "' to " + printable(doing);
    return silent ? unreachable(why) : refused(why);
  }

  std::string url_;
  std::string roots_;  // file
  std::string host_;
  std::uint16_t port_ = 0;
  std::unique_ptr<WatchedSocket> socket_;
  Owned<LDAP, unbind> ldap_;  // after the socket: its last words are under the watch too
};

}  // namespace

Result<std::unique_ptr<DirectoryConnection>> DirectoryConnection::open(const std::string& url, const std::string& roots,
                                                                       WatchedSocket::Deadline deadline) {
  auto connection = std::make_unique<LibldapConnection>(url, roots);
  if (auto begun = connection->begin(deadline); !begun) return forward(std::move(begun));
  return std::unique_ptr<DirectoryConnection>(std::move(connection));
}

}  // namespace quicklime::identity
