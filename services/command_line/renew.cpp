#include "command_line/renew.hpp"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/encoding.hpp"
#include "ca/key_proof.hpp"
#include "pki/csr.hpp"
#include "pki/pem.hpp"

namespace quicklime::command_line {

Result<IssuedAnswer> ask_for_renewal(Remote& remote, const CertificatePair& pair) {
  const auto old = pair.certificate();
  if (!old) return forward(old);
  const auto old_key = pair.key();
  if (!old_key) return forward(old_key);
  const std::string target = "/v1/certificates/" + old->serial().hex() + "/renew";
  const auto offered = remote.get(target);
  if (!offered) return forward(offered);
  const auto challenge = decode_renewal_challenge(*offered);
  if (!challenge) return forward(challenge);

  const auto key = pair.next_key(old_key->kind());
  if (!key) return forward(key);
  const auto csr = pki::Csr::make(pki::Name::empty(), old->alternative_names(), *key);
  if (!csr) return forward(csr);
  const auto signature = old_key->sign(ca::renewal_proof_text(old->serial(), *challenge, csr->der()));
  if (!signature) return forward(signature);
  const auto answer = remote.post(target, encode(RenewBody{pki::pem_encode("CERTIFICATE REQUEST", csr->der()), base64_encode(*signature)}),
                                  random_idempotency_key());
  if (!answer) {
    const auto code = answer.error().code;
    const bool perhaps_issued = code == ErrorCode::outcome_unknown || code == ErrorCode::unavailable || code == ErrorCode::internal;
    if (!perhaps_issued) pair.forget_next_key();
    return forward(answer);
  }
  auto issued = decode_issued(*answer);
  if (!issued) return forward(issued);
  if (auto kept = pair.keep(issued->certificate + issued->chain, *key); !kept) return forward(kept);
  return issued;
}

Result<void> run_command(const std::string& command) {
  // A daemon blocks and the CA ignores signals that a command of somebody else's should meet as usual.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, usual;
  sigemptyset(&none);
  sigemptyset(&usual);
  sigaddset(&usual, SIGPIPE);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::string shell = "sh", option = "-c", text = command;
  char* const words[] = {shell.data(), option.data(), text.data(), nullptr};
  pid_t child = 0;
  const int failed = ::posix_spawn(&child, "/bin/sh", nullptr, &attributes, words, environ);
  posix_spawnattr_destroy(&attributes);
  if (failed != 0) return fail(ErrorCode::internal, "command-failed", "cannot run " + command + ": " + std::strerror(failed));
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  const std::string how = WIFSIGNALED(status) ? "was ended by signal " + std::to_string(WTERMSIG(status))
                                              : "exited with " + std::to_string(WEXITSTATUS(status));
  return fail(ErrorCode::internal, "command-failed", "the command " + command + " " + how);
}

}  // namespace quicklime::command_line
